SELECT srcaddr, srcport, dstaddr, dstport, protocol, from_unixtime(max("start")) AS last_start, max_by(action, "start") AS last_action, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL
GROUP BY srcaddr, srcport, dstaddr, dstport, protocol
ORDER BY last_start DESC, srcaddr, srcport, dstaddr, dstport, protocol
LIMIT {{limit}}
