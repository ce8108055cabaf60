SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, srcaddr, dstport, protocol, count(DISTINCT dstaddr) AS destinations, count(*) AS rejected
FROM (
  SELECT srcaddr, dstaddr, dstport, protocol, "start" / ({{bucket_minutes}} * 60) AS bucket
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND srcaddr IS NOT NULL AND NOT (srcport < 1024 AND dstport >= 32768)
) AS rejected_records
GROUP BY bucket, srcaddr, dstport, protocol
HAVING count(DISTINCT dstaddr) >= {{destinations}}
ORDER BY time, srcaddr, dstport, protocol
