SELECT from_unixtime("start") AS time, CAST(sum(moved) AS BIGINT) AS value
FROM (
  SELECT "start", srcaddr, dstport, protocol, max(CASE WHEN srcaddr = {{key_srcaddr}} THEN sent_bytes ELSE received_bytes END) AS moved
  FROM {{links}} AS links
  WHERE srcaddr = {{key_srcaddr}} AND dstaddr = {{key_dstaddr}} OR srcaddr = {{key_dstaddr}} AND dstaddr = {{key_srcaddr}}
  GROUP BY 1, 2, 3, 4
) AS hours
GROUP BY 1
ORDER BY time
