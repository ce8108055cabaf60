SELECT pkt_srcaddr, pkt_dstaddr, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND pkt_srcaddr IS NOT NULL AND pkt_dstaddr IS NOT NULL
GROUP BY pkt_srcaddr, pkt_dstaddr
ORDER BY bytes DESC, pkt_srcaddr, pkt_dstaddr
LIMIT {{limit}}
