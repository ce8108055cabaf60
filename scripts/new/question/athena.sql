SELECT srcaddr, sum(bytes) AS bytes, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL
GROUP BY srcaddr
ORDER BY bytes DESC, srcaddr
LIMIT {{limit}}
