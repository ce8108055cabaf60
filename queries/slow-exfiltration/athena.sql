WITH hours AS (
  SELECT "start" / 3600 AS hour, srcaddr, dstaddr, dstport, max(sent_bytes) AS sent_bytes, max(received_bytes) AS received_bytes
  FROM {{links}} AS links
  WHERE source_private AND NOT destination_private
  GROUP BY 1, 2, 3, 4
), days AS (
  SELECT hour / 24 AS day, srcaddr, dstaddr, min(dstport) AS dstport, count(DISTINCT hour) AS hours, CAST(sum(sent_bytes) AS BIGINT) AS sent_bytes, CAST(sum(received_bytes) AS BIGINT) AS received_bytes, CAST(max(sent_bytes) AS BIGINT) AS most
  FROM hours
  GROUP BY 1, 2, 3
), compared AS (
  SELECT days.*,
    max(sent_bytes) OVER (PARTITION BY {{> wide_network address=dstaddr}} ORDER BY day RANGE BETWEEN {{history_days}} PRECEDING AND 1 PRECEDING) AS peer_before,
    max(sent_bytes) OVER (PARTITION BY srcaddr ORDER BY day RANGE BETWEEN {{history_days}} PRECEDING AND 1 PRECEDING) AS source_before,
    day - min(day) OVER (ORDER BY day RANGE BETWEEN {{history_days}} PRECEDING AND CURRENT ROW) AS past_days
  FROM days
)
SELECT from_unixtime(day * 86400) AS time, srcaddr, dstaddr, dstport, sent_bytes AS bytes, hours, coalesce(source_before, 0) AS bytes_before, past_days
FROM compared
WHERE past_days >= {{warm_up_days}} AND sent_bytes >= {{floor_bytes}} AND most < {{hourly_bytes}} AND sent_bytes >= 4 * received_bytes AND sent_bytes >= {{min_ratio}} * coalesce(peer_before, 0) AND sent_bytes >= {{min_ratio}} * coalesce(source_before, 0)
  AND (day + 1) * 86400 > {{from}} AND day * 86400 < {{to}}
ORDER BY time, srcaddr, dstaddr
