WITH grouped AS (
  SELECT CASE WHEN grouping(interface_id) = 0 THEN 'interface' WHEN grouping(source) = 0 THEN 'source' ELSE 'network' END AS actor_type,
    CASE WHEN grouping(interface_id) = 0 THEN interface_id WHEN grouping(source) = 0 THEN source ELSE 'all' END AS actor,
    CASE WHEN grouping(interface_id) = 0 THEN interface_id ELSE '' END AS presence,
    bucket, CAST(sum(rejected) AS BIGINT) AS value, count(DISTINCT source) AS peers, count(DISTINCT port) AS ports
  FROM (
    SELECT interface_id, CASE WHEN action = 'REJECT' THEN srcaddr END AS source, CASE WHEN action = 'REJECT' THEN dstport END AS port,
      "start" / ({{bucket_minutes}} * 60) AS bucket, count_if(action = 'REJECT') AS rejected
    FROM {{records}}
    WHERE {{recent}} AND {{scope}} AND interface_id IS NOT NULL
    GROUP BY 1, 2, 3, 4
    {{#rollup}}UNION ALL
    SELECT interface_id, source, CAST(NULL AS INTEGER), five_minutes / ({{bucket_minutes}} / 5), CAST(sum(CASE WHEN action = 'REJECT' THEN records ELSE 0 END) AS BIGINT)
    FROM {{rollup}}
    WHERE {{history}} AND {{scope}} AND interface_id IS NOT NULL
    GROUP BY 1, 2, 4{{/rollup}}
  ) AS flows
  GROUP BY GROUPING SETS ((bucket, interface_id), (bucket, source), (bucket))
), paced AS (
  -- Three times its own average, and not nothing: what many interfaces do at once is one event of the network, such as a deployment.
  SELECT grouped.*, actor_type = 'interface' AND value * 5 >= {{interface_floor}} AND value * coalesce(count(*) OVER past, 0) > 3 * coalesce(sum(value) OVER past, 0) AS elevated
  FROM grouped
  WINDOW past AS (PARTITION BY actor_type, actor ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND 1 PRECEDING)
), crowded AS (
  SELECT paced.*, count(CASE WHEN elevated THEN 1 END) OVER (PARTITION BY bucket) AS crowd, coalesce(sum(CASE WHEN elevated THEN value END) OVER (PARTITION BY bucket), 0) AS crowd_value
  FROM paced
), counted AS (
  SELECT actor_type, actor, presence, bucket, value, peers, ports,
    CASE WHEN actor_type = 'source' THEN {{source_floor}}
      WHEN actor_type = 'network' THEN CASE WHEN crowd > {{max_crowd}} THEN {{network_floor}} ELSE 9000000000000000 END
      WHEN crowd > {{max_crowd}} AND value * crowd < 4 * crowd_value THEN 9000000000000000
      ELSE {{interface_floor}} END AS least_value
  FROM crowded
), {{> robust_spike}}
SELECT time, actor_type, actor, value AS rejected, baseline, ratio, score, peers, ports, past_buckets
FROM spikes
WHERE actor IS NOT NULL
ORDER BY time, actor_type, actor
