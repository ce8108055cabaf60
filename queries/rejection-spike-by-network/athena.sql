WITH counted AS (
  SELECT CASE WHEN grouping(subnet_id) = 0 THEN 'subnet' ELSE 'vpc' END AS actor_type,
    CASE WHEN grouping(subnet_id) = 0 THEN subnet_id ELSE vpc_id END AS actor, CASE WHEN grouping(subnet_id) = 0 THEN subnet_id ELSE vpc_id END AS presence,
    bucket, CAST(sum(refused) AS BIGINT) AS value, count(CASE WHEN refused > 0 THEN 1 END) AS detail,
    CASE WHEN count(CASE WHEN refused > 0 THEN 1 END) >= {{min_interfaces}} AND max(refused) * 2 <= sum(refused) THEN {{floor}} END AS least_value
  FROM (
    SELECT vpc_id, subnet_id, interface_id, "start" / ({{bucket_minutes}} * 60) AS bucket, sum(refused) AS refused
    FROM {{interface_hours}} AS interface_hours
    WHERE subnet_id IS NOT NULL AND vpc_id IS NOT NULL
    GROUP BY 1, 2, 3, 4
  ) AS by_interface
  GROUP BY GROUPING SETS ((bucket, subnet_id), (bucket, vpc_id))
), {{> robust_spike}}
SELECT time, actor_type, actor, value AS rejected, detail AS interfaces, baseline, ratio, score, past_buckets
FROM spikes
ORDER BY time, actor_type, actor
