SELECT from_unixtime("start" / ({{bucket_minutes}} * 60) * ({{bucket_minutes}} * 60)) AS time, CAST(sum(refused) AS BIGINT) AS value
FROM {{interface_hours}} AS interface_hours
WHERE {{key_actor}} IN (subnet_id, vpc_id)
GROUP BY 1
ORDER BY time
