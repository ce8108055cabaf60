WITH slots AS (
  SELECT "start", dstport, protocol, max(established) AS contacts, min(first_start) AS first_start, max(last_start) AS last_start
  FROM {{conversations}} AS conversations
  WHERE srcaddr = {{key_srcaddr}} AND dstaddr = {{key_dstaddr}} AND established > 0
  GROUP BY 1, 2, 3
), spaced AS (
  SELECT slots.*, first_start - lag(last_start) OVER (PARTITION BY dstport, protocol ORDER BY "start") AS pause FROM slots
), gaps AS (
  SELECT pause AS gap, 1 AS times FROM spaced WHERE pause > 0
  UNION ALL
  -- Within five minutes only the first and the last contact are known.
  SELECT (last_start - first_start) / (contacts - 1), contacts - 1 FROM spaced WHERE contacts > 1 AND last_start > first_start
), wide AS (
  SELECT gap, times, CASE WHEN gap < 10 THEN 1 WHEN gap < 100 THEN 5 WHEN gap < 1000 THEN 50 WHEN gap < 10000 THEN 500 ELSE 3600 END AS width FROM gaps
), binned AS (
  SELECT gap / width * width AS least, width, CAST(sum(times) AS BIGINT) AS value FROM wide GROUP BY 1, 2
)
SELECT CAST(least AS VARCHAR) || ' to ' || CAST(least + width AS VARCHAR) || ' s' AS label, value
FROM binned
ORDER BY least
