SELECT srcaddr, dstaddr, dstport, protocol, flow_direction, action, count(*) AS records, sum(packets) AS packets, sum(bytes) AS bytes
FROM {{records}}
WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL
GROUP BY srcaddr, dstaddr, dstport, protocol, flow_direction, action
ORDER BY bytes DESC, srcaddr, dstaddr, dstport, protocol, flow_direction, action
LIMIT {{limit}}
