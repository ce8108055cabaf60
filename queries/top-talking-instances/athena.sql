SELECT instance_id, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND instance_id IS NOT NULL
GROUP BY instance_id
ORDER BY bytes DESC, instance_id
LIMIT {{limit}}
