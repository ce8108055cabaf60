WITH slots AS (
  SELECT "start", dstaddr, max(short) AS short, max(established - short) AS lasting, max(refused) AS refused, max(connections - established - refused) AS others
  FROM {{conversations}} AS conversations
  WHERE srcaddr = {{key_srcaddr}} AND dstport = {{key_dstport}} AND protocol = 6
  GROUP BY 1, 2
), counted AS (
  SELECT "start", lane, CAST(sum(CASE lane WHEN 'short sessions' THEN short WHEN 'longer sessions' THEN lasting WHEN 'refused' THEN refused ELSE others END) AS BIGINT) AS value
  FROM slots CROSS JOIN UNNEST(ARRAY['short sessions', 'longer sessions', 'refused', 'no session']) AS kinds(lane)
  GROUP BY 1, 2
)
SELECT from_unixtime("start") AS time, lane, CAST(NULL AS VARCHAR) AS outcome, value
FROM counted
WHERE value > 0
ORDER BY time, lane
