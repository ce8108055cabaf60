SELECT srcaddr, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND srcaddr IS NOT NULL
GROUP BY srcaddr
ORDER BY records DESC, srcaddr
LIMIT {{limit}}
