WITH counted AS (
  SELECT CASE WHEN grouping(interface_id) = 0 THEN 'interface' ELSE 'source' END AS actor_type,
    CASE WHEN grouping(interface_id) = 0 THEN interface_id ELSE source END AS actor,
    CASE WHEN grouping(interface_id) = 0 THEN interface_id ELSE '' END AS presence,
    bucket, CAST(sum(rejected) AS BIGINT) AS value, count(DISTINCT source) AS peers, count(DISTINCT port) AS ports,
    CASE WHEN grouping(interface_id) = 0 THEN {{interface_floor}} ELSE {{source_floor}} END AS least_value
  FROM (
    SELECT interface_id, CASE WHEN action = 'REJECT' THEN srcaddr END AS source, CASE WHEN action = 'REJECT' THEN dstport END AS port,
      "start" / ({{bucket_minutes}} * 60) AS bucket, count_if(action = 'REJECT') AS rejected
    FROM {{records}}
    WHERE {{lookback}} AND {{scope}} AND interface_id IS NOT NULL
    GROUP BY 1, 2, 3, 4
  ) AS flows
  GROUP BY GROUPING SETS ((bucket, interface_id), (bucket, source))
), {{> robust_spike}}
SELECT time, actor_type, actor, value AS rejected, baseline, ratio, score, peers, ports, past_buckets
FROM spikes
WHERE actor IS NOT NULL
ORDER BY time, actor_type, actor
