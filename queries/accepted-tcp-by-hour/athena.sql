SELECT from_unixtime("start" - "start" % 3600) AS hour, interface_id, srcaddr, dstport, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action = 'ACCEPT' AND protocol = 6 AND dstport < srcport
GROUP BY 1, 2, 3, 4
ORDER BY hour, records DESC, interface_id, srcaddr, dstport
LIMIT {{limit}}
