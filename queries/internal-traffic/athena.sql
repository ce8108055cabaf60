WITH pairs AS (
  SELECT srcaddr, dstaddr, action, count(*) AS records, sum(packets) AS packets, sum(bytes) AS bytes
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL
  GROUP BY srcaddr, dstaddr, action
), {{> classified_pairs}}
SELECT srcaddr, dstaddr, action, records, packets, bytes
FROM classified
WHERE source_side = 'private' AND destination_side = 'private'
ORDER BY bytes DESC, srcaddr, dstaddr, action
LIMIT {{limit}}
