WITH suspected AS (
  -- No flood is less than this, however often its packets are written.
  SELECT receiver
  FROM (
    SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, CASE WHEN sent_packets = 0 THEN srcaddr ELSE dstaddr END AS receiver, connections, sent_packets + received_packets AS packets
    FROM {{conversations}} AS conversations
    WHERE "start" + 300 > {{from}} AND "start" < {{to}} AND established = 0
  ) AS received
  GROUP BY bucket, receiver
  HAVING sum(packets) >= {{packets}} OR sum(connections) >= {{connections}} OR count(*) * 4 >= {{sources}}
), streams AS (
  -- Packets that got no answer, and answers that nobody asked for, by who sent them. Both interfaces of a stream have written it: the larger count is the stream's.
  SELECT bucket, srcaddr, dstaddr, source_private, destination_private, protocol, dstport, unsolicited, max(connections) AS connections, max(packets) AS packets, max(sent_bytes) AS sent_bytes
  FROM (
    SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, interface_id, CASE WHEN sent_packets = 0 THEN dstaddr ELSE srcaddr END AS srcaddr, CASE WHEN sent_packets = 0 THEN srcaddr ELSE dstaddr END AS dstaddr,
      CASE WHEN sent_packets = 0 THEN destination_private ELSE source_private END AS source_private, CASE WHEN sent_packets = 0 THEN source_private ELSE destination_private END AS destination_private,
      protocol, dstport, sent_packets = 0 OR late > 0 AND connections = 0 AS unsolicited, sum(connections) AS connections, sum(sent_packets + received_packets) AS packets, sum(sent_bytes + received_bytes) AS sent_bytes
    FROM {{conversations}} AS conversations
    WHERE "start" + 300 > {{from}} AND "start" < {{to}} AND established = 0 AND CASE WHEN sent_packets = 0 THEN srcaddr ELSE dstaddr END IN (SELECT receiver FROM suspected)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
  ) AS by_interface
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), floods AS (
  SELECT bucket, CASE WHEN source_private THEN srcaddr END AS sender, dstaddr, source_private, destination_private, protocol, min(dstport) AS dstport, count(DISTINCT dstport) AS ports, count(DISTINCT srcaddr) AS sources, count(DISTINCT CASE WHEN unsolicited THEN srcaddr END) AS reflectors, CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(packets) AS BIGINT) AS packets, CAST(sum(sent_bytes) AS BIGINT) AS sent_bytes
  FROM streams
  GROUP BY 1, 2, 3, 4, 5, 6
  HAVING sum(packets) >= {{packets}} OR sum(connections) >= {{connections}} AND source_private <> destination_private OR count(DISTINCT srcaddr) >= {{sources}} OR count(DISTINCT CASE WHEN unsolicited THEN srcaddr END) * 4 >= {{sources}}
), hours AS (
  SELECT "start" / 3600 AS hour, CASE WHEN source_private THEN srcaddr END AS sender, dstaddr, protocol, sum(sent_packets) AS packets, sum(connections) AS connections, count(DISTINCT srcaddr) AS sources
  FROM {{attempts}} AS attempts
  WHERE dstaddr IN (SELECT dstaddr FROM floods)
  GROUP BY 1, 2, 3, 4
), compared AS (
  SELECT floods.bucket, floods.sender, floods.dstaddr, source_private, destination_private, floods.protocol, dstport, ports, floods.sources, reflectors, floods.connections, floods.packets, sent_bytes,
    coalesce(max(hours.packets), 0) AS packets_before, coalesce(max(hours.connections), 0) AS connections_before, coalesce(max(hours.sources), 0) AS sources_before
  FROM floods LEFT JOIN hours ON hours.dstaddr = floods.dstaddr AND hours.protocol = floods.protocol AND coalesce(hours.sender, '') = coalesce(floods.sender, '')
    AND hours.hour BETWEEN floods.bucket * {{bucket_minutes}} / 60 - {{history_hours}} AND floods.bucket * {{bucket_minutes}} / 60 - 12
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
), ages AS (
  SELECT min("start") AS first_hour FROM {{interface_hours}} AS interface_hours
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, CASE WHEN source_private AND NOT destination_private THEN 'high' ELSE 'medium' END AS severity,
  CASE WHEN source_private THEN sender END AS srcaddr, dstaddr, CASE WHEN ports = 1 THEN dstport END AS dstport, protocol,
  CASE WHEN source_private THEN sender WHEN sources = 1 THEN 'One source' ELSE CAST(sources AS VARCHAR) || ' sources' END AS who, sources, packets, sent_bytes AS bytes
FROM compared CROSS JOIN ages
WHERE (packets >= {{packets}} AND packets >= 2 * packets_before
    OR connections >= {{connections}} AND source_private <> destination_private AND connections >= 2 * connections_before OR (sources >= {{sources}} OR reflectors * 4 >= {{sources}}) AND sources >= 4 * sources_before)
  AND NOT (source_private AND destination_private AND bucket * {{bucket_minutes}} * 60 - first_hour < {{young_hours}} * 3600)
ORDER BY time, dstaddr, srcaddr, protocol
