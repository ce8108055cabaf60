SELECT from_unixtime("start") AS time, srcaddr || ' to ' || dstaddr AS lane, CAST(NULL AS VARCHAR) AS outcome, CAST(max(connections) AS BIGINT) AS value
FROM {{links}} AS links
WHERE source_private AND protocol = 6 AND {{> source_network address=srcaddr}} = {{key_network}} AND dstport = {{key_dstport}} AND destination_private = ({{key_whose}} = 'inside')
GROUP BY 1, 2
ORDER BY time, lane
