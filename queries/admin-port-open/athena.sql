WITH sources AS (
  -- Who holds sessions belongs there; who only tries does not.
  SELECT "start" / 86400 AS day, dstaddr, dstport, srcaddr, CAST(sum(established) AS BIGINT) AS established, max(established - short) AS sessions, CAST(sum(sent_bytes + received_bytes) AS BIGINT) AS total_bytes
  FROM {{links}} AS links
  WHERE NOT source_private AND destination_private AND protocol = 6 AND dstport IN ({{ports}})
  GROUP BY 1, 2, 3, 4
), days AS (
  SELECT day, dstaddr, dstport, count(DISTINCT {{> wide_network address=srcaddr}}) AS networks, count(*) AS sources, CAST(sum(established) AS BIGINT) AS connections, CAST(sum(total_bytes) AS BIGINT) AS total_bytes
  FROM sources
  WHERE sessions = 0
  GROUP BY 1, 2, 3
), compared AS (
  SELECT days.*, max(networks) OVER (PARTITION BY dstaddr, dstport ORDER BY day RANGE BETWEEN {{history_days}} PRECEDING AND 1 PRECEDING) AS networks_before
  FROM days
), ages AS (
  SELECT min("start" / 86400) AS first_day FROM {{interface_hours}} AS interface_hours
)
SELECT from_unixtime(day * 86400) AS time, CASE WHEN day - first_day < {{young_days}} THEN 'info' ELSE 'medium' END AS severity, dstaddr, dstport, sources, networks, connections, total_bytes AS bytes, coalesce(networks_before, 0) AS networks_before
FROM compared CROSS JOIN ages
WHERE networks >= {{networks}} AND coalesce(networks_before, 0) * 2 < {{networks}} AND (day + 1) * 86400 > {{from}} AND day * 86400 < {{to}}
ORDER BY time, dstaddr, dstport
