SELECT from_unixtime("start") AS time, dstaddr AS lane, CAST(NULL AS VARCHAR) AS outcome, CAST(max(connections) AS BIGINT) AS value
FROM (
  SELECT "start", dstaddr, connections FROM {{links}} AS links WHERE srcaddr = {{key_srcaddr}} AND NOT destination_private AND dstport IN (53, 853)
  UNION ALL
  SELECT "start", dstaddr, connections FROM {{attempts}} AS attempts WHERE srcaddr = {{key_srcaddr}} AND NOT destination_private AND dstport IN (53, 853) AND refused = 0
) AS asked
GROUP BY 1, 2
ORDER BY time, lane
