SELECT traffic_path, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND flow_direction = 'egress' AND traffic_path IS NOT NULL
GROUP BY traffic_path
ORDER BY bytes DESC, traffic_path
