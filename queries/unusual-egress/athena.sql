WITH flows AS (
  SELECT interface_id, srcaddr, dstaddr, dstport, "start" / ({{bucket_minutes}} * 60) AS bucket, sum(bytes) AS bytes
  FROM {{records}}
  WHERE {{lookback}} AND {{scope}} AND action = 'ACCEPT' AND interface_id IS NOT NULL AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL
  GROUP BY 1, 2, 3, 4, 5
), counted AS (
  SELECT 'interface' AS actor_type, interface_id AS actor, bucket, CAST(sum(bytes) AS BIGINT) AS value, count(DISTINCT dstaddr) AS peers, count(DISTINCT dstport) AS ports,
    {{floor_bytes}} AS least_value
  FROM flows
  WHERE ({{> non_public_address address=srcaddr}}) AND NOT ({{> non_public_address address=dstaddr}})
  GROUP BY interface_id, bucket
  HAVING sum(bytes) > 0
), {{> robust_spike}}
SELECT time, actor AS interface_id, value AS bytes, baseline, ratio, score, peers AS destinations, ports, past_buckets
FROM spikes
ORDER BY time, actor
