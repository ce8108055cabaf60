WITH grouped AS (
  SELECT CASE WHEN grouping(interface_id) = 0 THEN 'interface' ELSE 'network' END AS actor_type, CASE WHEN grouping(interface_id) = 0 THEN interface_id ELSE 'all' END AS actor,
    CASE WHEN grouping(interface_id) = 0 THEN interface_id ELSE '' END AS presence, bucket, CAST(sum(refused) AS BIGINT) AS value, CAST(sum(refused_inside) AS BIGINT) AS inside
  FROM (SELECT interface_id, "start" / ({{bucket_minutes}} * 60) AS bucket, refused, refused_inside FROM {{interface_hours}} AS interface_hours WHERE connections > 0) AS hours
  GROUP BY GROUPING SETS ((bucket, interface_id), (bucket))
), paced AS (
  -- Three times its own average, and not nothing: what many interfaces do at once is one event of the network, such as a deployment.
  SELECT grouped.*, actor_type = 'interface' AND value * 5 >= {{interface_floor}} AND value * coalesce(count(*) OVER past, 0) > 3 * coalesce(sum(value) OVER past, 0) AS elevated
  FROM grouped
  WINDOW past AS (PARTITION BY actor_type, actor ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND 1 PRECEDING)
), crowded AS (
  SELECT paced.*, count(CASE WHEN elevated THEN 1 END) OVER (PARTITION BY bucket) AS crowd, coalesce(sum(CASE WHEN elevated THEN value END) OVER (PARTITION BY bucket), 0) AS crowd_value
  FROM paced
), counted AS (
  SELECT actor_type, actor, presence, bucket, value, inside AS detail,
    CASE WHEN actor_type = 'network' THEN CASE WHEN crowd > {{max_crowd}} THEN {{network_floor}} END
      WHEN crowd > {{max_crowd}} AND value * crowd < 4 * crowd_value THEN NULL
      ELSE {{interface_floor}} END AS least_value
  FROM crowded
), {{> robust_spike}}, by_source AS (
  SELECT time, actor_type, actor, value, detail, baseline, ratio, score, past_buckets, srcaddr, sum(refused) AS refused
  FROM spikes LEFT JOIN (SELECT interface_id, "start" / ({{bucket_minutes}} * 60) AS refused_bucket, srcaddr, refused FROM {{attempts}} AS attempts WHERE refused > 0) AS refusals ON refusals.interface_id = spikes.actor AND refused_bucket = spikes.bucket
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
)
SELECT time, CASE WHEN detail * 2 > value THEN 'medium' ELSE 'low' END AS severity, actor_type, actor, value AS rejected, detail AS inside, baseline, ratio, score, past_buckets
FROM by_source
GROUP BY time, actor_type, actor, value, detail, baseline, ratio, score, past_buckets
-- What one source does is told of it by port-scan and repeated-refusals: a spike is a crowd.
HAVING coalesce(max(refused), 0) * 2 <= value
ORDER BY time, actor_type, actor
