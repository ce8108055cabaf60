SELECT from_unixtime("start" - "start" % 3600) AS hour, count(*) AS records, count(DISTINCT interface_id) AS interfaces
FROM {{records}}
WHERE {{window}} AND {{scope}} AND log_status = 'NODATA'
GROUP BY 1
ORDER BY hour
