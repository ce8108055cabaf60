WITH own AS (
  SELECT "start", dstaddr, dstport, protocol, first_start, connections, refused, unanswered, closed
  FROM {{conversations}} AS conversations
  WHERE srcaddr = {{key_srcaddr}} AND (protocol = 6 OR refused > 0) AND NOT (source_private AND sent_bytes + received_bytes > 5000 * connections)
), {{> tries}}
