SELECT from_unixtime("start") AS time, dstaddr || ' port ' || CAST(dstport AS VARCHAR) AS lane, CAST(NULL AS VARCHAR) AS outcome, CAST(sum(refused) AS BIGINT) AS value
FROM {{conversations}} AS conversations
WHERE interface_id = {{key_interface_id}} AND refused > 0 AND source_private AND NOT destination_private
GROUP BY 1, 2
ORDER BY value DESC, time, lane
