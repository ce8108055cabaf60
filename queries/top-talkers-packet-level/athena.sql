SELECT pkt_srcaddr, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND pkt_srcaddr IS NOT NULL
GROUP BY pkt_srcaddr
ORDER BY bytes DESC, pkt_srcaddr
LIMIT {{limit}}
