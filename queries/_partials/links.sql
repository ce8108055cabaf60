-- Who got through to whom, by the hour: conversations in which data were exchanged, without those of the internet's clients on web ports, which are many and tell nothing.
SELECT "start" / 3600 * 3600 AS "start", interface_id, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id, srcaddr, dstaddr, dstport, protocol, source_private, destination_private,
  CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(established) AS BIGINT) AS established, CAST(sum(short) AS BIGINT) AS short,
  CAST(sum(sent_packets) AS BIGINT) AS sent_packets, CAST(sum(sent_bytes) AS BIGINT) AS sent_bytes,
  CAST(sum(received_packets) AS BIGINT) AS received_packets, CAST(sum(received_bytes) AS BIGINT) AS received_bytes,
  count(*) AS slots, min(first_start) AS first_start, max(last_start) AS last_start, max(last_end) AS last_end, min(least_srcport) AS least_srcport, max(largest_srcport) AS largest_srcport
FROM {{conversations}} AS conversations
WHERE established > 0 AND (source_private OR NOT (destination_private AND dstport IN (80, 443, 8080, 8443)))
GROUP BY "start" / 3600, interface_id, srcaddr, dstaddr, dstport, protocol, source_private, destination_private
