WITH counted AS (
  SELECT 'interface' AS actor_type, interface_id AS actor, interface_id AS presence, "start" / ({{bucket_minutes}} * 60) AS bucket, CAST(sum(refused_out) AS BIGINT) AS value, 0 AS peers, 0 AS ports, {{floor}} AS least_value
  FROM {{interface_hours}} AS interface_hours
  GROUP BY 2, 4
), {{> robust_spike}}, targets AS (
  SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, interface_id, min(srcaddr) AS srcaddr, count(DISTINCT dstaddr) AS hosts, count(DISTINCT dstport) AS ports, min(dstaddr) AS dstaddr, min(dstport) AS dstport
  FROM {{attempts}} AS attempts
  WHERE refused > 0 AND source_private AND NOT destination_private AND interface_id IN (SELECT actor FROM spikes)
  GROUP BY 1, 2
)
SELECT time, actor AS interface_id, srcaddr, CASE WHEN hosts = 1 THEN dstaddr END AS dstaddr, CASE WHEN targets.ports = 1 THEN dstport END AS dstport, hosts, targets.ports, value AS rejected, baseline, ratio, score, past_buckets
FROM spikes LEFT JOIN targets ON targets.interface_id = spikes.actor AND from_unixtime(targets.bucket * {{bucket_minutes}} * 60) = spikes.time
ORDER BY time, actor
