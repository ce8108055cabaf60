SELECT dstaddr, dstport, count(*) AS records, count(DISTINCT srcaddr) AS sources
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND dstaddr IS NOT NULL AND dstport IS NOT NULL
GROUP BY dstaddr, dstport
ORDER BY records DESC, dstaddr, dstport
LIMIT {{limit}}
