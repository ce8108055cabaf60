SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, interface_id, reject_reason, count(*) AS rejected, count(DISTINCT srcaddr) AS sources, count(DISTINCT dstaddr) AS destinations, count(DISTINCT dstport) AS ports
FROM (
  SELECT interface_id, reject_reason, srcaddr, dstaddr, dstport, "start" / ({{bucket_minutes}} * 60) AS bucket
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND reject_reason IN ({{reasons}})
) AS rejected_records
GROUP BY bucket, interface_id, reject_reason
HAVING count(*) >= {{min_records}}
ORDER BY time, interface_id, reject_reason
