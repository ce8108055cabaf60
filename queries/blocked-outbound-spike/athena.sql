WITH counted AS (
  SELECT 'interface' AS actor_type, interface_id AS actor, interface_id AS presence, "start" / ({{bucket_minutes}} * 60) AS bucket, CAST(sum(refused_out) AS BIGINT) AS value, 0 AS detail, {{floor}} AS least_value
  FROM {{interface_hours}} AS interface_hours
  GROUP BY 2, 4
), {{> robust_spike}}
SELECT time, actor AS interface_id, min(srcaddr) AS srcaddr, CASE WHEN count(DISTINCT dstaddr) = 1 THEN min(dstaddr) END AS dstaddr, CASE WHEN count(DISTINCT dstport) = 1 THEN min(dstport) END AS dstport,
  CASE WHEN count(srcaddr) > 0 THEN count(DISTINCT dstaddr) END AS hosts, CASE WHEN count(srcaddr) > 0 THEN count(DISTINCT dstport) END AS ports, value AS rejected, baseline, ratio, score, past_buckets
FROM spikes LEFT JOIN (
  SELECT interface_id, "start" / ({{bucket_minutes}} * 60) AS refused_bucket, srcaddr, dstaddr, dstport FROM {{attempts}} AS attempts WHERE refused > 0 AND source_private AND NOT destination_private
) AS refusals ON refusals.interface_id = spikes.actor AND refused_bucket = spikes.bucket
GROUP BY time, actor, value, baseline, ratio, score, past_buckets
ORDER BY time, interface_id
