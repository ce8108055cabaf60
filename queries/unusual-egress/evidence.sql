SELECT from_unixtime("start" / ({{bucket_minutes}} * 60) * ({{bucket_minutes}} * 60)) AS time, CAST(sum(bytes_out) AS BIGINT) AS value
FROM {{interface_hours}} AS interface_hours
WHERE {{key_interface_id}} IN (interface_id, 'all')
GROUP BY 1
ORDER BY time
