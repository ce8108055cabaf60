WITH own AS (
  -- What carries more than a probe is the work of a host.
  SELECT "start", dstaddr, dstport, protocol, first_start, connections, refused, unanswered, closed
  FROM {{conversations}} AS conversations
  WHERE srcaddr = {{key_srcaddr}} AND NOT (protocol = 17 AND dstport IN (53, 123) AND refused = 0) AND NOT (source_private AND sent_bytes + received_bytes > 5000 * connections)
), {{> tries}}
