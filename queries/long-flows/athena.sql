SELECT srcaddr, srcport, dstaddr, dstport, protocol, from_unixtime(min("start")) AS first_seen, from_unixtime(max("end")) AS last_seen,
  max("end") - min("start") AS duration, count(*) AS records, sum(bytes) AS bytes
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action = 'ACCEPT' AND srcaddr IS NOT NULL
GROUP BY srcaddr, srcport, dstaddr, dstport, protocol
HAVING max("end") - min("start") >= {{min_minutes}} * 60
ORDER BY duration DESC, srcaddr, srcport, dstaddr, dstport, protocol
LIMIT {{limit}}
