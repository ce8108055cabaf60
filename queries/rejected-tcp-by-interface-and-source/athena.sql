SELECT interface_id, srcaddr, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action = 'REJECT' AND protocol = 6 AND interface_id IS NOT NULL AND srcaddr IS NOT NULL
GROUP BY interface_id, srcaddr
ORDER BY records DESC, interface_id, srcaddr
LIMIT {{limit}}
