SELECT srcaddr, sum(bytes) AS bytes
FROM {{records}}
WHERE {{window}} AND {{scope}} AND dstport = 22 AND dstaddr LIKE '203.0.113.%'
GROUP BY srcaddr
ORDER BY bytes DESC, srcaddr
LIMIT {{limit}}
