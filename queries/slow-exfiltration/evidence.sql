SELECT from_unixtime("start") AS time, CAST(sum(moved) AS BIGINT) AS value
FROM (
  SELECT "start", dstport, protocol, max(sent_bytes) AS moved
  FROM {{links}} AS links
  WHERE srcaddr = {{key_srcaddr}} AND dstaddr = {{key_dstaddr}}
  GROUP BY 1, 2, 3
) AS hours
GROUP BY 1
ORDER BY time
