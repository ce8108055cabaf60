WITH hours AS (
  SELECT "start" / 3600 AS bucket, count_if(action = 'ACCEPT') AS accepted, count_if(action = 'REJECT') AS rejected
  FROM {{records}}
  WHERE {{lookback}} AND {{scope}}
  GROUP BY 1
), compared AS (
  SELECT hours.*,
    max(accepted) OVER (ORDER BY bucket RANGE BETWEEN 24 PRECEDING AND 24 PRECEDING) AS accepted_day_before,
    max(accepted) OVER (ORDER BY bucket RANGE BETWEEN 168 PRECEDING AND 168 PRECEDING) AS accepted_week_before,
    max(rejected) OVER (ORDER BY bucket RANGE BETWEEN 24 PRECEDING AND 24 PRECEDING) AS rejected_day_before,
    max(rejected) OVER (ORDER BY bucket RANGE BETWEEN 168 PRECEDING AND 168 PRECEDING) AS rejected_week_before
  FROM hours
)
SELECT from_unixtime(bucket * 3600) AS hour, accepted, accepted_day_before, accepted_week_before, rejected, rejected_day_before, rejected_week_before
FROM compared
WHERE bucket * 3600 + 3600 > {{from}} AND bucket * 3600 < {{to}}
ORDER BY hour
