SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, interface_id, srcaddr, count(DISTINCT dstaddr) AS destinations, count(*) AS records, sum(packets) AS packets
FROM (
  SELECT interface_id, srcaddr, dstaddr, packets, "start" / ({{bucket_minutes}} * 60) AS bucket
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'REJECT'
) AS refused
GROUP BY bucket, interface_id, srcaddr
HAVING count(*) >= {{min_records}}
ORDER BY time, interface_id, srcaddr
