WITH tried AS (
  SELECT srcaddr, dstaddr, dstport, protocol, "start" / ({{fast_minutes}} * 60) AS slot, count(*) AS rejected
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND srcaddr IS NOT NULL AND NOT (srcport < 1024 AND dstport >= 32768)
  GROUP BY 1, 2, 3, 4, 5
), paced AS (
  SELECT tried.*, slot * {{fast_minutes}} / {{bucket_minutes}} AS bucket, count(*) OVER (PARTITION BY srcaddr, dstport, protocol, slot) AS destinations_at_once
  FROM tried
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, srcaddr, dstport, protocol, count(DISTINCT dstaddr) AS destinations, CAST(sum(rejected) AS BIGINT) AS rejected,
  max(destinations_at_once) AS destinations_at_once
FROM paced
GROUP BY bucket, srcaddr, dstport, protocol
HAVING count(DISTINCT dstaddr) >= {{destinations}} AND max(destinations_at_once) < {{fast_destinations}}
ORDER BY time, srcaddr, dstport, protocol
