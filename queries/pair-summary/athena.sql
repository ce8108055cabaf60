SELECT srcaddr, dstaddr, count(*) AS records, count_if(action = 'ACCEPT') AS accepted, count_if(action = 'REJECT') AS rejected, sum(packets) AS packets,
  sum(bytes) AS bytes, from_unixtime(min("start")) AS first_seen, from_unixtime(max("end")) AS last_seen
FROM {{records}}
WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL
GROUP BY srcaddr, dstaddr
ORDER BY records DESC, srcaddr, dstaddr
LIMIT {{limit}}
