SELECT dstaddr, dstport, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND dstaddr IS NOT NULL AND dstport IS NOT NULL AND srcaddr = {{address}} AND protocol = 6
GROUP BY dstaddr, dstport
ORDER BY bytes DESC, dstaddr, dstport
LIMIT {{limit}}
