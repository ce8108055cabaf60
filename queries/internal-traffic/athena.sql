WITH pairs AS (
  SELECT srcaddr, dstaddr, action, count(*) AS records, sum(packets) AS packets, sum(bytes) AS bytes
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL
  GROUP BY srcaddr, dstaddr, action
), classified AS (
  SELECT pairs.*, CASE WHEN {{> non_public_address address=srcaddr}} THEN 'private' ELSE 'public' END AS source_side,
    CASE WHEN {{> non_public_address address=dstaddr}} THEN 'private' ELSE 'public' END AS destination_side
  FROM pairs
)
SELECT srcaddr, dstaddr, action, records, packets, bytes
FROM classified
WHERE source_side = 'private' AND destination_side = 'private'
ORDER BY bytes DESC, srcaddr, dstaddr, action
LIMIT {{limit}}
