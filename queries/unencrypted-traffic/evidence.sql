SELECT from_unixtime("start" / ({{bucket_minutes}} * 60) * ({{bucket_minutes}} * 60)) AS time, sum(bytes) AS value
FROM {{records}}
WHERE {{window}} AND {{scope}} AND interface_id = {{key_interface_id}} AND dstport = {{key_dstport}} AND action = 'ACCEPT' AND encryption_status = 0
GROUP BY 1
ORDER BY time
