SELECT srcaddr, count(*) AS records, count(DISTINCT dstaddr) AS destinations, count(DISTINCT dstport) AS ports
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND srcaddr IS NOT NULL
GROUP BY srcaddr
ORDER BY records DESC, srcaddr
LIMIT {{limit}}
