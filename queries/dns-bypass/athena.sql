WITH pairs AS (
  SELECT "start" / 86400 AS day, srcaddr, dstaddr, max(connections) AS connections, max(total_bytes) AS total_bytes
  FROM (
    SELECT "start", interface_id, srcaddr, dstaddr, connections, sent_bytes + received_bytes AS total_bytes FROM {{links}} AS links WHERE source_private AND NOT destination_private AND dstport IN (53, 853)
    UNION ALL
    SELECT "start", interface_id, srcaddr, dstaddr, connections, 0 FROM {{attempts}} AS attempts WHERE source_private AND NOT destination_private AND dstport IN (53, 853) AND refused = 0
  ) AS asked
  GROUP BY 1, 2, 3
), unapproved AS (
  SELECT pairs.*
  FROM pairs LEFT JOIN (
    SELECT DISTINCT dstaddr AS resolver
    FROM pairs CROSS JOIN UNNEST(ARRAY[{{resolvers}}]) AS listed(network)
    WHERE contains(network, TRY_CAST(dstaddr AS IPADDRESS))
  ) AS approved ON approved.resolver = pairs.dstaddr
  WHERE approved.resolver IS NULL
), counted AS (
  SELECT day, srcaddr, count(*) AS servers, min(dstaddr) AS dstaddr, CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(total_bytes) AS BIGINT) AS total_bytes
  FROM unapproved
  GROUP BY 1, 2
), compared AS (
  SELECT counted.*, count(*) OVER (PARTITION BY srcaddr ORDER BY day RANGE BETWEEN {{history_days}} PRECEDING AND 1 PRECEDING) AS days_before
  FROM counted
  WHERE connections >= {{min_connections}}
)
SELECT from_unixtime(day * 86400) AS time, CASE WHEN servers >= {{resolver_servers}} THEN 'info' ELSE 'low' END AS severity, srcaddr, CASE WHEN servers = 1 THEN dstaddr END AS dstaddr, CASE WHEN servers = 1 THEN dstaddr ELSE CAST(servers AS VARCHAR) || ' servers' END AS whom, servers, connections, total_bytes AS bytes
FROM compared
WHERE days_before = 0 AND (day + 1) * 86400 > {{from}} AND day * 86400 < {{to}}
ORDER BY time, srcaddr
