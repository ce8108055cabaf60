SELECT dstaddr, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND dstaddr IS NOT NULL
GROUP BY dstaddr
ORDER BY bytes DESC, dstaddr
LIMIT {{limit}}
