SELECT from_unixtime("start" - "start" % 3600) AS hour, count(*) AS records, count_if(action = 'REJECT') AS rejected, coalesce(sum(bytes), 0) AS bytes
FROM {{records}}
WHERE {{window}} AND {{scope}}
GROUP BY 1
ORDER BY records DESC, hour
LIMIT {{limit}}
