-- Rows of attempts that were made by hours of delivery, put together.
SELECT "start", interface_id, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id, srcaddr, dstaddr, dstport, protocol, source_private, destination_private,
  CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(refused) AS BIGINT) AS refused, CAST(sum(unanswered) AS BIGINT) AS unanswered, CAST(sum(closed) AS BIGINT) AS closed,
  CAST(sum(sent_packets) AS BIGINT) AS sent_packets, min(first_start) AS first_start, max(last_start) AS last_start
FROM {{kept}}
WHERE {{within}} AND {{scope}}
GROUP BY "start", interface_id, srcaddr, dstaddr, dstport, protocol, source_private, destination_private
