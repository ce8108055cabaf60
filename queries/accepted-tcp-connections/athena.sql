SELECT from_unixtime("start") AS start_time, from_unixtime("end") AS end_time, interface_id, srcaddr, srcport, dstaddr, dstport, protocol,
  packets, bytes, action
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action = 'ACCEPT' AND protocol = 6
ORDER BY "start", interface_id, srcaddr, srcport, dstaddr, dstport, protocol, "end", packets, bytes, action
LIMIT {{limit}}
