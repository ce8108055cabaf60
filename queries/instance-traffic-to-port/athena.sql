SELECT instance_id, dstport, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND instance_id IS NOT NULL AND dstport IS NOT NULL AND dstport = {{port}}
GROUP BY instance_id, dstport
ORDER BY bytes DESC, instance_id, dstport
LIMIT {{limit}}
