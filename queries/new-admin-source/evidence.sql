SELECT from_unixtime("start") AS time, {{> source_network address=srcaddr}} AS lane, CAST(NULL AS VARCHAR) AS outcome, CAST(max(established - short) AS BIGINT) AS value
FROM {{links}} AS links
WHERE NOT source_private AND protocol = 6 AND dstaddr = {{key_dstaddr}} AND dstport = {{key_dstport}} AND established > short
GROUP BY 1, 2
ORDER BY time, lane
