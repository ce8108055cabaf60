-- Rows of conversations that were made by hours of delivery, put together: what began at the end of an hour is delivered with the next.
SELECT "start", interface_id, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id, srcaddr, dstaddr, dstport, protocol, source_private, destination_private,
  CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(late) AS BIGINT) AS late, CAST(sum(refused) AS BIGINT) AS refused, CAST(sum(unanswered) AS BIGINT) AS unanswered,
  CAST(sum(closed) AS BIGINT) AS closed, CAST(sum(established) AS BIGINT) AS established, CAST(sum(short) AS BIGINT) AS short,
  CAST(sum(sent_packets) AS BIGINT) AS sent_packets, CAST(sum(sent_bytes) AS BIGINT) AS sent_bytes,
  CAST(sum(received_packets) AS BIGINT) AS received_packets, CAST(sum(received_bytes) AS BIGINT) AS received_bytes,
  min(first_start) AS first_start, max(last_start) AS last_start, max(last_end) AS last_end, min(least_srcport) AS least_srcport, max(largest_srcport) AS largest_srcport
FROM {{kept}}
WHERE {{within}} AND {{scope}}
GROUP BY "start", interface_id, srcaddr, dstaddr, dstport, protocol, source_private, destination_private
