SELECT dstport, protocol, count(*) AS records, count(DISTINCT srcaddr) AS sources
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND dstport IS NOT NULL AND protocol IS NOT NULL
GROUP BY dstport, protocol
ORDER BY records DESC, dstport, protocol
LIMIT {{limit}}
