WITH tried AS (
  SELECT srcaddr, dstaddr, dstport, "start" / ({{fast_minutes}} * 60) AS slot, count(*) AS rejected
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND dstport > 0 AND NOT (srcport < 1024 AND dstport >= 32768)
  GROUP BY 1, 2, 3, 4
), paced AS (
  SELECT tried.*, slot * {{fast_minutes}} / {{bucket_minutes}} AS bucket, count(*) OVER (PARTITION BY srcaddr, dstaddr, slot) AS ports_at_once
  FROM tried
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, srcaddr, dstaddr, count(DISTINCT dstport) AS ports, CAST(sum(rejected) AS BIGINT) AS rejected,
  min(dstport) AS lowest_port, max(dstport) AS highest_port, max(ports_at_once) AS ports_at_once
FROM paced
GROUP BY bucket, srcaddr, dstaddr
HAVING count(DISTINCT dstport) >= {{ports}} AND max(ports_at_once) < {{fast_ports}}
ORDER BY time, srcaddr, dstaddr
