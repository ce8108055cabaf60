WITH {{> internet_bytes way=out}}
SELECT time, CASE WHEN crowd > {{max_crowd}} OR min(past_buckets) < {{warm_up_buckets}} OR sum(value) < 3 * sum(baseline) THEN 'medium' ELSE 'high' END AS severity, CASE WHEN crowd > {{max_crowd}} THEN 'all' ELSE actor END AS interface_id,
  CASE WHEN crowd > {{max_crowd}} THEN CAST(count(*) AS VARCHAR) || ' interfaces' ELSE min(own) END AS who, CASE WHEN crowd > {{max_crowd}} THEN NULL ELSE min(own) END AS srcaddr, CASE WHEN count(DISTINCT peer) = 1 THEN min(peer) END AS dstaddr, CASE WHEN count(DISTINCT port) = 1 THEN min(port) END AS dstport,
  CAST(sum(value) AS BIGINT) AS bytes, sum(baseline) AS baseline, round(sum(value) / greatest(sum(baseline), 1e0), 1) AS ratio, min(score) AS score, min(past_buckets) AS past_buckets
FROM described
WHERE place = 1
GROUP BY time, CASE WHEN crowd > {{max_crowd}} THEN 'all' ELSE actor END, crowd > {{max_crowd}}
ORDER BY time, interface_id
