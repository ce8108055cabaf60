WITH pairs AS (
  SELECT region, az_id, flow_direction, srcaddr, dstaddr, sum(bytes) AS bytes, count(*) AS records
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL AND az_id IS NOT NULL
  GROUP BY region, az_id, flow_direction, srcaddr, dstaddr
), zones AS (
  SELECT CASE WHEN flow_direction = 'egress' THEN srcaddr ELSE dstaddr END AS address, min(az_id) AS az_id
  FROM pairs
  GROUP BY 1
)
SELECT pairs.region, pairs.az_id AS source_az, coalesce(zones.az_id, 'outside') AS destination_az, sum(bytes) AS bytes, sum(records) AS records
FROM pairs LEFT JOIN zones ON zones.address = pairs.dstaddr
WHERE flow_direction = 'egress'
GROUP BY 1, 2, 3
ORDER BY bytes DESC, 1, 2, 3
