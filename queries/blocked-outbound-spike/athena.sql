WITH counted AS (
  SELECT 'interface' AS actor_type, interface_id AS actor, interface_id AS presence, "start" / ({{bucket_minutes}} * 60) AS bucket, CAST(sum(refused_out) AS BIGINT) AS value, {{floor}} AS least_value
  FROM {{interface_hours}} AS interface_hours
  GROUP BY 2, 4
), {{> robust_spike}}, targets AS (
  SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, interface_id, min(srcaddr) AS srcaddr, count(DISTINCT dstaddr) AS hosts, count(DISTINCT dstport) AS ports, min(dstaddr) AS dstaddr, min(dstport) AS dstport
  FROM {{attempts}} AS attempts
  WHERE refused > 0 AND source_private AND NOT destination_private AND interface_id IN (SELECT actor FROM spikes)
  GROUP BY 1, 2
)
SELECT time, actor AS interface_id, srcaddr, CASE WHEN hosts = 1 THEN dstaddr END AS dstaddr, CASE WHEN targets.ports = 1 THEN dstport END AS dstport, hosts, targets.ports, value AS rejected, baseline, ratio, score, past_buckets
FROM spikes LEFT JOIN targets ON targets.interface_id = spikes.actor AND targets.bucket = spikes.bucket
ORDER BY time, actor
