WITH minutes AS (
  SELECT srcaddr, dstaddr, dstport, "start" / 60 AS minute, count_if(action = 'REJECT') AS rejected, count_if(action = 'ACCEPT') AS accepted,
    coalesce(sum(CASE WHEN action = 'ACCEPT' THEN bytes END), 0) AS bytes
  FROM {{records}}
  WHERE {{lookback}} AND {{scope}} AND srcaddr IS NOT NULL AND NOT (srcport < 1024 AND dstport >= 32768)
  GROUP BY 1, 2, 3, 4
), totals AS (
  SELECT minutes.*, sum(rejected) OVER (PARTITION BY srcaddr) AS rejected_in_all FROM minutes
), running AS (
  SELECT totals.*,
    sum(rejected) OVER (PARTITION BY srcaddr, dstaddr ORDER BY minute RANGE BETWEEN {{within_minutes}} PRECEDING AND 1 PRECEDING) AS rejected_by_host,
    sum(rejected) OVER (PARTITION BY srcaddr, dstport ORDER BY minute RANGE BETWEEN {{within_minutes}} PRECEDING AND 1 PRECEDING) AS rejected_on_port,
    sum(rejected) OVER (PARTITION BY srcaddr, dstaddr, dstport ORDER BY minute RANGE BETWEEN {{within_minutes}} PRECEDING AND 1 PRECEDING) AS rejected_same_port
  FROM totals
  WHERE rejected_in_all >= {{min_rejections}}
)
SELECT from_unixtime(minute * 60) AS time, srcaddr, dstaddr, dstport, greatest(coalesce(rejected_by_host, 0), coalesce(rejected_on_port, 0)) AS rejected_before, coalesce(rejected_same_port, 0) AS rejected_same_port, accepted, bytes
FROM running
WHERE accepted > 0 AND greatest(coalesce(rejected_by_host, 0), coalesce(rejected_on_port, 0)) >= {{min_rejections}} AND coalesce(rejected_same_port, 0) >= {{min_same_port}} AND minute >= {{from}} / 60 AND minute * 60 < {{to}}
ORDER BY time, srcaddr, dstaddr, dstport
