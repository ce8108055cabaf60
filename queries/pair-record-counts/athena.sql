SELECT srcaddr, dstaddr, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND true AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL
GROUP BY srcaddr, dstaddr
ORDER BY records DESC, srcaddr, dstaddr
LIMIT {{limit}}
