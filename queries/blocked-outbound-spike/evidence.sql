SELECT from_unixtime("start" / ({{bucket_minutes}} * 60) * ({{bucket_minutes}} * 60)) AS time, CAST(sum(refused_out) AS BIGINT) AS value
FROM {{interface_hours}} AS interface_hours
WHERE interface_id = {{key_interface_id}}
GROUP BY 1
ORDER BY time
