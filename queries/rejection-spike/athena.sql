WITH counted AS (
  SELECT CASE WHEN grouping(interface_id) = 0 THEN 'interface' ELSE 'source' END AS actor_type,
    CASE WHEN grouping(interface_id) = 0 THEN interface_id ELSE srcaddr END AS actor,
    bucket, count(*) AS value, count(DISTINCT srcaddr) AS peers, count(DISTINCT dstport) AS ports,
    CASE WHEN grouping(interface_id) = 0 THEN {{interface_floor}} ELSE {{source_floor}} END AS least_value
  FROM (
    SELECT interface_id, srcaddr, dstport, "start" / ({{bucket_minutes}} * 60) AS bucket
    FROM {{records}}
    WHERE {{lookback}} AND {{scope}} AND action = 'REJECT' AND srcaddr IS NOT NULL AND interface_id IS NOT NULL
  ) AS rejected
  GROUP BY GROUPING SETS ((bucket, interface_id), (bucket, srcaddr))
), {{> robust_spike}}
SELECT time, actor_type, actor, value AS rejected, baseline, ratio, score, peers, ports, past_buckets
FROM spikes
ORDER BY time, actor_type, actor
