SELECT from_unixtime("start" / 86400 * 86400) AS time, count(DISTINCT {{> wide_network address=srcaddr}}) AS value
FROM {{links}} AS links
WHERE NOT source_private AND protocol = 6 AND dstaddr = {{key_dstaddr}} AND dstport = {{key_dstport}}
GROUP BY 1
ORDER BY time
