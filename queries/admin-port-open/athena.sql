WITH days AS (
  SELECT "start" / 86400 AS day, dstaddr, dstport, count(DISTINCT {{> wide_network address=srcaddr}}) AS networks, count(DISTINCT srcaddr) AS sources, min(srcaddr) AS srcaddr, CAST(sum(established) AS BIGINT) AS connections, CAST(sum(sent_bytes + received_bytes) AS BIGINT) AS total_bytes
  FROM {{links}} AS links
  WHERE NOT source_private AND destination_private AND protocol = 6 AND dstport IN ({{ports}})
  GROUP BY 1, 2, 3
), compared AS (
  SELECT days.*, max(networks) OVER (PARTITION BY dstaddr, dstport ORDER BY day RANGE BETWEEN {{history_days}} PRECEDING AND 1 PRECEDING) AS networks_before
  FROM days
)
SELECT from_unixtime(day * 86400) AS time, dstaddr, dstport, sources, networks, connections, total_bytes AS bytes, coalesce(networks_before, 0) AS networks_before
FROM compared
WHERE networks >= {{networks}} AND coalesce(networks_before, 0) < {{networks}} AND (day + 1) * 86400 > {{from}} AND day * 86400 < {{to}}
ORDER BY time, dstaddr, dstport
