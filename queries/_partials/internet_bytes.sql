-- Bytes between one's own addresses and the internet per interface and bucket, as `counted` of robust_spike. Arguments: the own end and the other end.
flows AS (
  SELECT interface_id, srcaddr, dstaddr, dstport, "start" / ({{bucket_minutes}} * 60) AS bucket, coalesce(sum(CASE WHEN action = 'ACCEPT' THEN bytes END), 0) AS bytes
  FROM {{records}}
  WHERE {{lookback}} AND {{scope}} AND interface_id IS NOT NULL
  GROUP BY 1, 2, 3, 4, 5
), crossing AS (
  SELECT interface_id, bucket, CASE WHEN crosses THEN [[other]] END AS peer, CASE WHEN crosses THEN dstport END AS port, CASE WHEN crosses THEN bytes ELSE 0 END AS bytes
  FROM (SELECT flows.*, coalesce(({{> non_public_address address=[[own]]}}) AND NOT ({{> non_public_address address=[[other]]}}), false) AS crosses FROM flows) AS directed
), counted AS (
  SELECT 'interface' AS actor_type, interface_id AS actor, interface_id AS presence, bucket, CAST(sum(bytes) AS BIGINT) AS value,
    count(DISTINCT peer) AS peers, count(DISTINCT port) AS ports, {{floor_bytes}} AS least_value
  FROM crossing
  GROUP BY interface_id, bucket
)
