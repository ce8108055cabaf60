SELECT from_unixtime("start" / ({{bucket_minutes}} * 60) * ({{bucket_minutes}} * 60)) AS time, count(*) AS value
FROM {{records}}
WHERE {{window}} AND {{scope}} AND interface_id = {{key_interface_id}} AND ({{key_gap}} = 'silent' OR log_status = 'SKIPDATA')
GROUP BY 1
ORDER BY time
