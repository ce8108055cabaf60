SELECT srcaddr, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL AND dstport IN ({{ports}})
GROUP BY srcaddr
ORDER BY bytes DESC, srcaddr
LIMIT {{limit}}
