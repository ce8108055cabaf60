-- Who tried in vain to reach whom, by the hour: conversations of connections that were refused, not answered or answered by a reset, and none that got through.
SELECT "start" / 3600 * 3600 AS "start", interface_id, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id, srcaddr, dstaddr, dstport, protocol, source_private, destination_private,
  CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(refused) AS BIGINT) AS refused, CAST(sum(unanswered) AS BIGINT) AS unanswered, CAST(sum(closed) AS BIGINT) AS closed,
  CAST(sum(sent_packets) AS BIGINT) AS sent_packets, min(first_start) AS first_start, max(last_start) AS last_start
FROM {{conversations}} AS conversations
WHERE connections > 0 AND refused + unanswered + closed = connections
GROUP BY "start" / 3600, interface_id, srcaddr, dstaddr, dstport, protocol, source_private, destination_private
