SELECT subnet_id, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND subnet_id IS NOT NULL
GROUP BY subnet_id
ORDER BY bytes DESC, subnet_id
LIMIT {{limit}}
