WITH mailed AS (
  SELECT "start" / 3600 AS hour, srcaddr, dstaddr, max(connections) AS connections, max(answered) AS answered, max(sent_bytes) AS sent_bytes
  FROM (
    SELECT "start", srcaddr, dstaddr, connections, 1 AS answered, sent_bytes FROM {{links}} AS links WHERE source_private AND NOT destination_private AND dstport IN ({{ports}}) AND protocol = 6
    UNION ALL
    SELECT "start", srcaddr, dstaddr, connections, 0, 0 FROM {{attempts}} AS attempts WHERE source_private AND NOT destination_private AND dstport IN ({{ports}}) AND protocol = 6
  ) AS either
  GROUP BY 1, 2, 3
), counted AS (
  SELECT hour, srcaddr, count(*) AS servers, CAST(sum(answered) AS BIGINT) AS answered, CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(sent_bytes) AS BIGINT) AS sent_bytes
  FROM mailed
  GROUP BY 1, 2
), compared AS (
  SELECT counted.*, max(servers) OVER (PARTITION BY srcaddr ORDER BY hour RANGE BETWEEN 192 PRECEDING AND 12 PRECEDING) AS servers_before
  FROM counted
)
SELECT from_unixtime(hour * 3600) AS time, srcaddr, servers, answered, connections, sent_bytes AS bytes, coalesce(servers_before, 0) AS servers_before
FROM compared
WHERE servers >= {{servers}} AND servers >= 2 * coalesce(servers_before, 0) AND hour * 3600 + 3600 > {{from}} AND hour * 3600 < {{to}}
ORDER BY time, srcaddr
