SELECT interface_id, count(*) AS records, count(DISTINCT srcaddr) AS sources
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND interface_id IS NOT NULL
GROUP BY interface_id
ORDER BY records DESC, interface_id
LIMIT {{limit}}
