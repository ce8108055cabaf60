SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, interface_id, dstport, count(DISTINCT srcaddr) AS sources, count(DISTINCT dstaddr) AS destinations, count(*) AS records, sum(bytes) AS bytes
FROM (
  SELECT interface_id, dstport, srcaddr, dstaddr, bytes, "start" / ({{bucket_minutes}} * 60) AS bucket
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'ACCEPT' AND encryption_status = 0 AND NOT (srcport < 1024 AND dstport >= 32768)
) AS flows
GROUP BY bucket, interface_id, dstport
HAVING sum(bytes) >= {{min_bytes}}
ORDER BY time, interface_id, dstport
