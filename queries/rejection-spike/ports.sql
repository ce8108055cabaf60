SELECT from_unixtime("start") AS time, CASE WHEN protocol IN (1, 58) THEN 'ping' ELSE 'port ' || CAST(dstport AS VARCHAR) END AS lane, CAST(NULL AS VARCHAR) AS outcome, CAST(sum(refused) AS BIGINT) AS value
FROM {{conversations}} AS conversations
WHERE refused > 0 AND ({{key_actor_type}} = 'network' OR interface_id = {{key_actor}})
GROUP BY 1, 2
ORDER BY value DESC, time, lane
