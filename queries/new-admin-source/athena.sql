WITH logins AS (
  SELECT "start" / 3600 AS hour, dstaddr, dstport, {{> source_network address=srcaddr}} AS network, min(srcaddr) AS srcaddr, count(DISTINCT srcaddr) AS sources, CAST(max(established - short) AS BIGINT) AS sessions, CAST(max(sent_bytes + received_bytes) AS BIGINT) AS total_bytes
  FROM {{links}} AS links
  WHERE NOT source_private AND protocol = 6 AND dstport IN ({{ports}}) AND established > short
  GROUP BY 1, 2, 3, 4
), compared AS (
  SELECT logins.*, hour - lag(hour) OVER (PARTITION BY dstaddr, dstport, network ORDER BY hour) AS hours_ago
  FROM logins
), counted AS (
  SELECT compared.*, count(CASE WHEN hours_ago IS NULL OR hours_ago > {{history_hours}} THEN 1 END) OVER (PARTITION BY dstaddr, dstport ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND 1 PRECEDING) AS networks_before
  FROM compared
), ages AS (
  SELECT min("start" / 3600) AS first_hour FROM {{interface_hours}} AS interface_hours
)
SELECT from_unixtime(hour * 3600) AS time, CASE WHEN coalesce(networks_before, 0) = 0 AND hour - first_hour >= {{young_hours}} THEN 'high' ELSE 'medium' END AS severity,
  srcaddr, network, dstaddr, dstport, sessions, total_bytes AS bytes, coalesce(networks_before, 0) AS networks_before
FROM counted CROSS JOIN ages
WHERE (hours_ago IS NULL OR hours_ago > {{history_hours}}) AND hour - first_hour >= {{warm_up_hours}} AND coalesce(networks_before, 0) < CASE WHEN hour - first_hour < {{young_hours}} THEN 1 ELSE {{networks}} END AND hour * 3600 + 3600 > {{from}} AND hour * 3600 < {{to}}
ORDER BY time, dstaddr, dstport, network
