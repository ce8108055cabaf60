SELECT direction, peer, port, protocol, count_if(action = 'ACCEPT') AS accepted, count_if(action = 'REJECT') AS rejected, sum(packets) AS packets, sum(bytes) AS bytes
FROM (
  SELECT CASE WHEN srcaddr = {{address}} THEN 'outgoing' ELSE 'incoming' END AS direction, CASE WHEN srcaddr = {{address}} THEN dstaddr ELSE srcaddr END AS peer,
    dstport AS port, protocol, action, packets, bytes
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND (srcaddr = {{address}} OR dstaddr = {{address}})
) AS connections
GROUP BY direction, peer, port, protocol
ORDER BY bytes DESC, direction, peer, port, protocol
LIMIT {{limit}}
