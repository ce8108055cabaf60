SELECT server, sum(received) AS packets_received, sum(sent) AS packets_sent
FROM (
  SELECT CASE WHEN dstport = {{port}} THEN dstaddr ELSE srcaddr END AS server, CASE WHEN dstport = {{port}} THEN packets ELSE 0 END AS received,
    CASE WHEN dstport = {{port}} THEN 0 ELSE packets END AS sent
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND (dstport = {{port}} OR srcport = {{port}})
) AS sides
GROUP BY server
ORDER BY packets_received DESC, server
LIMIT {{limit}}
