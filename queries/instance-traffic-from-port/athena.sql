SELECT instance_id, srcport, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND instance_id IS NOT NULL AND srcport IS NOT NULL AND srcport = {{port}}
GROUP BY instance_id, srcport
ORDER BY bytes DESC, instance_id, srcport
LIMIT {{limit}}
