SELECT from_unixtime("start") AS time, CASE WHEN srcaddr = {{key_subject}} THEN dstaddr || ' port ' || CAST(dstport AS VARCHAR) ELSE srcaddr END AS lane, 'refused' AS outcome, CAST(sum(refused) AS BIGINT) AS value
FROM (
  SELECT "start", srcaddr, dstaddr, dstport, max(refused) AS refused
  FROM {{attempts}} AS attempts
  WHERE refused > 0 AND {{key_subject}} IN (srcaddr, dstaddr || ':' || CAST(dstport AS VARCHAR))
  GROUP BY 1, 2, 3, 4
) AS hours
GROUP BY 1, 2
ORDER BY time, lane
