SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, interface_id, protocol, count(DISTINCT srcaddr) AS sources, count(DISTINCT dstaddr) AS destinations, count(*) AS records, sum(packets) AS packets
FROM (
  SELECT interface_id, protocol, srcaddr, dstaddr, packets, "start" / ({{bucket_minutes}} * 60) AS bucket
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'ACCEPT' AND protocol NOT IN ({{expected}})
) AS flows
GROUP BY bucket, interface_id, protocol
HAVING count(*) >= {{min_records}}
ORDER BY time, interface_id, protocol
