WITH pairs AS (
  SELECT srcaddr, dstaddr, action, "start" / ({{bucket_minutes}} * 60) AS bucket, count(*) AS records, sum(bytes) AS total_bytes, count(DISTINCT dstport) AS ports, min(dstport) AS lowest_port
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action IN ({{actions}})
  GROUP BY 1, 2, 3, 4
), matched AS (
  SELECT srcaddr, dstaddr, action, bucket, records, total_bytes, ports, lowest_port, network, contains(network, TRY_CAST(srcaddr AS IPADDRESS)) AS is_source
  FROM pairs CROSS JOIN UNNEST(ARRAY[{{networks}}]) AS listed(network)
  WHERE contains(network, TRY_CAST(srcaddr AS IPADDRESS)) OR contains(network, TRY_CAST(dstaddr AS IPADDRESS))
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, CASE WHEN is_source THEN srcaddr ELSE dstaddr END AS listed_address, min(network) AS network,
  CASE WHEN is_source THEN dstaddr ELSE srcaddr END AS own_address, CASE WHEN is_source THEN 'from' ELSE 'to' END AS direction, action,
  CAST(sum(records) AS BIGINT) AS records, CAST(sum(total_bytes) AS BIGINT) AS bytes, max(ports) AS ports, min(lowest_port) AS lowest_port
FROM (SELECT DISTINCT srcaddr, dstaddr, action, bucket, records, total_bytes, ports, lowest_port, min(network) OVER (PARTITION BY srcaddr, dstaddr, action, bucket) AS network,
  bool_or(is_source) OVER (PARTITION BY srcaddr, dstaddr, action, bucket) AS is_source FROM matched) AS once
GROUP BY bucket, srcaddr, dstaddr, is_source, action
ORDER BY time, listed_address, own_address, direction, action
