SELECT srcaddr, dstaddr, sum(packets) AS packets
FROM {{records}}
WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL
GROUP BY srcaddr, dstaddr
ORDER BY packets DESC, srcaddr, dstaddr
LIMIT {{limit}}
