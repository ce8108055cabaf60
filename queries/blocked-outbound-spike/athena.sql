WITH flows AS (
  SELECT CASE WHEN action = 'REJECT' THEN srcaddr END AS source, CASE WHEN action = 'REJECT' THEN dstaddr END AS destination,
    CASE WHEN action = 'REJECT' THEN dstport END AS port, "start" / ({{bucket_minutes}} * 60) AS bucket, count_if(action = 'REJECT' AND NOT (srcport < 1024 AND dstport >= 32768)) AS rejected
  FROM {{records}}
  WHERE {{recent}} AND {{scope}}
  GROUP BY 1, 2, 3, 4
), outbound AS (
  SELECT source, destination, port, bucket, rejected, coalesce(({{> non_public_address address=source}}) AND NOT ({{> non_public_address address=destination}}), false) AS leaves
  FROM flows
  {{#rollup}}UNION ALL
  SELECT source, CAST(NULL AS VARCHAR), CAST(NULL AS INTEGER), five_minutes / ({{bucket_minutes}} / 5), CAST(sum(outbound_rejected) AS BIGINT), sum(outbound_rejected) > 0
  FROM {{rollup}}
  WHERE {{history}} AND {{scope}}
  GROUP BY 1, 4{{/rollup}}
), counted AS (
  SELECT 'source' AS actor_type, CASE WHEN leaves THEN source END AS actor, '' AS presence, bucket, CAST(sum(CASE WHEN leaves THEN rejected ELSE 0 END) AS BIGINT) AS value,
    count(DISTINCT destination) AS peers, count(DISTINCT port) AS ports, {{floor}} AS least_value
  FROM outbound
  GROUP BY 2, bucket
), {{> robust_spike}}
SELECT time, actor AS srcaddr, value AS rejected, baseline, ratio, score, peers AS destinations, ports, past_buckets
FROM spikes
WHERE actor IS NOT NULL
ORDER BY time, actor
