SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, srcaddr, dstaddr, count(DISTINCT dstport) AS ports, count(*) AS rejected,
  min(dstport) AS lowest_port, max(dstport) AS highest_port
FROM (
  SELECT srcaddr, dstaddr, dstport, "start" / ({{bucket_minutes}} * 60) AS bucket
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND dstport > 0 AND NOT (srcport < 1024 AND dstport >= 32768)
) AS rejected_records
GROUP BY bucket, srcaddr, dstaddr
HAVING count(DISTINCT dstport) >= {{ports}}
ORDER BY time, srcaddr, dstaddr
