WITH refused AS (
  SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, srcaddr, source_private, destination_private, dstaddr, dstport, protocol, max(refused) AS refused, max(sent_packets) AS packets
  FROM (
    SELECT "start", interface_id, srcaddr, source_private, destination_private, dstaddr, dstport, protocol, refused, sent_packets FROM {{attempts}} AS attempts WHERE refused > 0
  ) AS by_interface
  GROUP BY 1, 2, 3, 4, 5, 6, 7
), counted AS (
  SELECT bucket, srcaddr, source_private, count(DISTINCT dstaddr) AS hosts, count(DISTINCT dstport) AS ports, CAST(sum(refused) AS BIGINT) AS refused, CAST(sum(packets) AS BIGINT) AS packets, max(packets) AS most, bool_or(destination_private) AS inside
  FROM refused
  GROUP BY 1, 2, 3
  HAVING sum(refused) >= {{connections}} OR sum(packets) >= {{packets}}
)
SELECT from_unixtime(counted.bucket * {{bucket_minutes}} * 60) AS time, counted.srcaddr, min(refused.dstaddr) AS dstaddr, min(refused.dstport) AS dstport, max(hosts) AS hosts, max(ports) AS ports, max(counted.refused) AS refused, max(counted.packets) AS packets
FROM counted JOIN refused ON refused.bucket = counted.bucket AND refused.srcaddr = counted.srcaddr AND refused.packets = counted.most
WHERE hosts < {{max_targets}} AND ports < {{max_targets}} AND counted.bucket * {{bucket_minutes}} * 60 + {{bucket_minutes}} * 60 > {{from}} AND counted.bucket * {{bucket_minutes}} * 60 < {{to}}
GROUP BY counted.bucket, counted.srcaddr
ORDER BY time, srcaddr
