WITH flows AS (
  SELECT CASE WHEN action = 'REJECT' THEN srcaddr END AS source, CASE WHEN action = 'REJECT' THEN dstaddr END AS destination,
    CASE WHEN action = 'REJECT' THEN dstport END AS port, "start" / ({{bucket_minutes}} * 60) AS bucket, count_if(action = 'REJECT' AND NOT (srcport < 1024 AND dstport >= 32768)) AS rejected
  FROM {{records}}
  WHERE {{lookback}} AND {{scope}}
  GROUP BY 1, 2, 3, 4
), outbound AS (
  SELECT flows.*, coalesce(({{> non_public_address address=source}}) AND NOT ({{> non_public_address address=destination}}), false) AS leaves
  FROM flows
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
