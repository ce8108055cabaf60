WITH hours AS (
  SELECT CASE WHEN reached THEN srcaddr END AS source, CASE WHEN reached THEN dstaddr END AS destination, CASE WHEN reached THEN dstport END AS port,
    "start" / 3600 AS bucket, count_if(reached) AS records, coalesce(sum(CASE WHEN reached THEN bytes END), 0) AS total_bytes
  FROM (
    SELECT srcaddr, dstaddr, dstport, "start", bytes, coalesce(action = 'ACCEPT' AND dstport IN ({{ports}}), false) AS reached
    FROM {{records}}
    WHERE {{lookback}} AND {{scope}}
  ) AS judged
  GROUP BY 1, 2, 3, 4
), known AS (
  SELECT hours.*, bucket - lag(bucket) OVER (PARTITION BY source, destination, port ORDER BY bucket) AS hours_ago,
    bucket - min(bucket) OVER (ORDER BY bucket RANGE BETWEEN {{history_hours}} PRECEDING AND CURRENT ROW) AS past_hours
  FROM hours
)
SELECT from_unixtime(bucket * 3600) AS time, source AS srcaddr, destination AS dstaddr, port AS dstport, records, CAST(total_bytes AS BIGINT) AS bytes, past_hours
FROM known
WHERE source IS NOT NULL AND past_hours >= {{warm_up_hours}} AND (hours_ago IS NULL OR hours_ago > {{history_hours}})
  AND bucket * 3600 + 3600 > {{from}} AND bucket * 3600 < {{to}}
ORDER BY time, srcaddr, dstaddr, dstport
