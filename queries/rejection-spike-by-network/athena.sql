WITH counted AS (
  SELECT CASE WHEN grouping(subnet_id) = 0 THEN 'subnet' ELSE 'vpc' END AS actor_type,
    CASE WHEN grouping(subnet_id) = 0 THEN subnet_id ELSE vpc_id END AS actor, CASE WHEN grouping(subnet_id) = 0 THEN subnet_id ELSE vpc_id END AS presence,
    bucket, CAST(sum(rejected) AS BIGINT) AS value, count_if(rejected > 0) AS peers, max(ports) AS ports,
    CASE WHEN count_if(rejected > 0) >= {{min_interfaces}} AND max(rejected) * 2 <= sum(rejected) THEN {{floor}} ELSE 9000000000000000 END AS least_value
  FROM (
    SELECT vpc_id, subnet_id, interface_id, "start" / ({{bucket_minutes}} * 60) AS bucket, count_if(action = 'REJECT') AS rejected,
      count(DISTINCT CASE WHEN action = 'REJECT' THEN dstport END) AS ports
    FROM {{records}}
    WHERE {{recent}} AND {{scope}} AND interface_id IS NOT NULL AND subnet_id IS NOT NULL AND vpc_id IS NOT NULL
    GROUP BY 1, 2, 3, 4
    {{#rollup}}UNION ALL
    SELECT vpc_id, subnet_id, interface_id, five_minutes / ({{bucket_minutes}} / 5), CAST(sum(CASE WHEN action = 'REJECT' THEN records ELSE 0 END) AS BIGINT), CAST(0 AS BIGINT)
    FROM {{rollup}}
    WHERE {{history}} AND {{scope}} AND interface_id IS NOT NULL AND subnet_id IS NOT NULL AND vpc_id IS NOT NULL
    GROUP BY 1, 2, 3, 4{{/rollup}}
  ) AS interfaces
  GROUP BY GROUPING SETS ((bucket, subnet_id), (bucket, vpc_id))
), {{> robust_spike}}
SELECT time, actor_type, actor, value AS rejected, baseline, ratio, score, peers AS interfaces, ports, past_buckets
FROM spikes
ORDER BY time, actor_type, actor
