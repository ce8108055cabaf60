SELECT from_unixtime("start" / ({{bucket_minutes}} * 60) * ({{bucket_minutes}} * 60)) AS time, CAST(sum(refused) AS BIGINT) AS value
FROM {{interface_hours}} AS interface_hours
WHERE connections > 0 AND ({{key_actor_type}} = 'network' OR interface_id = {{key_actor}})
GROUP BY 1
ORDER BY time
