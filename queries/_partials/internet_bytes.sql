-- Bytes between one's own addresses and the internet per interface and bucket, as `counted` of robust_spike. Arguments: the own end, the other end, and the column of the counts.
flows AS (
  SELECT interface_id, srcaddr, dstaddr, dstport, "start" / ({{bucket_minutes}} * 60) AS bucket, coalesce(sum(CASE WHEN action = 'ACCEPT' THEN bytes END), 0) AS bytes
  FROM {{records}}
  WHERE {{recent}} AND {{scope}} AND interface_id IS NOT NULL
  GROUP BY 1, 2, 3, 4, 5
), crossing AS (
  SELECT interface_id, bucket, CASE WHEN crosses THEN [[other]] END AS peer, CASE WHEN crosses THEN dstport END AS port, CASE WHEN crosses THEN bytes ELSE 0 END AS bytes
  FROM (SELECT flows.*, coalesce(({{> non_public_address address=[[own]]}}) AND NOT ({{> non_public_address address=[[other]]}}), false) AS crosses FROM flows) AS directed
  {{#rollup}}UNION ALL
  SELECT interface_id, five_minutes / ({{bucket_minutes}} / 5), CAST(NULL AS VARCHAR), CAST(NULL AS INTEGER), CAST(sum([[counts]]) AS BIGINT)
  FROM {{rollup}}
  WHERE {{history}} AND {{scope}} AND interface_id IS NOT NULL
  GROUP BY 1, 2{{/rollup}}
), counted AS (
  SELECT 'interface' AS actor_type, interface_id AS actor, interface_id AS presence, bucket, CAST(sum(bytes) AS BIGINT) AS value,
    count(DISTINCT peer) AS peers, count(DISTINCT port) AS ports, {{floor_bytes}} AS least_value
  FROM crossing
  GROUP BY interface_id, bucket
)
