SELECT from_unixtime("start") AS time, count(DISTINCT dstaddr) AS value
FROM (
  SELECT "start", dstaddr FROM {{links}} AS links WHERE srcaddr = {{key_srcaddr}} AND NOT destination_private AND dstport IN ({{ports}}) AND protocol = 6
  UNION ALL
  SELECT "start", dstaddr FROM {{attempts}} AS attempts WHERE srcaddr = {{key_srcaddr}} AND NOT destination_private AND dstport IN ({{ports}}) AND protocol = 6
) AS mailed
GROUP BY 1
ORDER BY time
