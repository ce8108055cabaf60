SELECT srcaddr, from_unixtime(min("start")) AS first_seen, from_unixtime(max("end")) AS last_seen, count(DISTINCT dstaddr) AS destinations,
  count(DISTINCT dstport) AS ports, count_if(action = 'ACCEPT') AS accepted, count_if(action = 'REJECT') AS rejected
FROM {{records}}
WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL
GROUP BY srcaddr
ORDER BY min("start"), srcaddr
LIMIT {{limit}}
