SELECT from_unixtime("start" - "start" % 3600) AS hour, protocol, count(*) AS records, sum(bytes) AS bytes
FROM {{records}}
WHERE {{window}} AND {{scope}} AND protocol IS NOT NULL
GROUP BY 1, 2
ORDER BY hour, protocol
