WITH tried AS (
  SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, srcaddr, source_private, dstaddr, dstport, protocol, min(first_start) / ({{fast_minutes}} * 60) AS slot, CAST(max(connections) AS BIGINT) AS connections, CAST(max(refused) AS BIGINT) AS refused
  FROM {{attempts}} AS attempts
  WHERE ("start" / ({{bucket_minutes}} * 60) + 1) * {{bucket_minutes}} * 60 > {{from}} AND "start" < {{to}} AND (protocol = 6 OR refused > 0)
  GROUP BY 1, 2, 3, 4, 5, 6
), suspects AS (
  SELECT bucket, srcaddr
  FROM tried
  GROUP BY GROUPING SETS ((bucket, srcaddr, dstaddr), (bucket, srcaddr, dstport, protocol))
  HAVING count(*) >= CASE WHEN grouping(dstaddr) = 0 THEN {{ports}} ELSE {{hosts}} END
), suspected AS (
  SELECT DISTINCT bucket, srcaddr FROM suspects
), targets AS (
  SELECT tried.bucket, tried.srcaddr, tried.source_private, tried.dstaddr, tried.dstport, tried.protocol, tried.slot, tried.connections, tried.refused, CASE WHEN count(links.srcaddr) = 0 THEN 1 ELSE 0 END AS failed
  FROM tried JOIN suspected ON suspected.bucket = tried.bucket AND suspected.srcaddr = tried.srcaddr
    LEFT JOIN {{links}} AS links ON links.srcaddr = tried.srcaddr AND links.dstaddr = tried.dstaddr AND links.dstport = tried.dstport AND links.protocol = tried.protocol
      AND links.source_private AND links."start" < (tried.bucket + 1) * {{bucket_minutes}} * 60 AND links."start" >= tried.bucket * {{bucket_minutes}} * 60 - {{history_hours}} * 3600
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
), spoken AS (
  SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, srcaddr, dstport, protocol, count(DISTINCT dstaddr) AS hosts
  FROM {{links}} AS links
  WHERE srcaddr IN (SELECT srcaddr FROM suspected)
  GROUP BY 1, 2, 3, 4
), counted AS (
  SELECT targets.*,
    sum(CASE WHEN dstport > 0 THEN failed ELSE 0 END) OVER (PARTITION BY bucket, srcaddr, dstaddr) AS failed_ports, sum(failed) OVER (PARTITION BY bucket, srcaddr, dstport, protocol) AS failed_hosts,
    count(*) OVER (PARTITION BY bucket, srcaddr, dstaddr, slot) AS ports_at_once, count(*) OVER (PARTITION BY bucket, srcaddr, dstport, protocol, slot) AS hosts_at_once
  FROM targets
), scans AS (
  SELECT counted.bucket, counted.srcaddr, source_private, count(DISTINCT dstaddr) AS hosts, count(DISTINCT CASE WHEN counted.dstport > 0 THEN counted.dstport END) AS ports, min(dstaddr) AS dstaddr, min(CASE WHEN counted.dstport > 0 THEN counted.dstport END) AS dstport,
    count(*) AS targets, CAST(sum(connections) AS BIGINT) AS attempts, count(CASE WHEN refused > 0 THEN 1 END) AS refused, max(ports_at_once) AS ports_at_once, max(hosts_at_once) AS hosts_at_once
  FROM counted LEFT JOIN spoken ON spoken.bucket = counted.bucket AND spoken.srcaddr = counted.srcaddr AND spoken.dstport = counted.dstport AND spoken.protocol = counted.protocol
  WHERE failed = 1 AND (failed_ports >= {{ports}} OR source_private AND failed_hosts >= {{hosts}} AND failed_hosts * 2 >= 3 * coalesce(spoken.hosts, 0))
  GROUP BY 1, 2, 3
), habits AS (
  SELECT scans.bucket, scans.srcaddr, source_private, hosts, ports, dstaddr, dstport, scans.targets, attempts, refused, ports_at_once, hosts_at_once, max(days.targets) AS usual_targets
  FROM scans LEFT JOIN (
    SELECT srcaddr, "start" / 86400 AS day, count(*) AS targets FROM {{attempts}} AS attempts
    WHERE source_private AND srcaddr IN (SELECT srcaddr FROM suspected)
    GROUP BY 1, 2
  ) AS days ON days.srcaddr = scans.srcaddr AND (days.day + 1) * 86400 <= scans.bucket * {{bucket_minutes}} * 60 AND days.day * 86400 >= scans.bucket * {{bucket_minutes}} * 60 - {{history_hours}} * 3600
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, CASE WHEN source_private THEN 'medium' ELSE 'info' END AS severity, srcaddr, CASE WHEN hosts = 1 THEN dstaddr END AS dstaddr, CASE WHEN ports = 1 THEN dstport END AS dstport,
  CASE WHEN hosts = 1 THEN CAST(ports AS VARCHAR) || ' ports of ' || dstaddr WHEN ports = 0 THEN 'to ping ' || CAST(hosts AS VARCHAR) || ' hosts' WHEN ports = 1 THEN 'port ' || CAST(dstport AS VARCHAR) || ' of ' || CAST(hosts AS VARCHAR) || ' hosts'
    ELSE CAST(ports AS VARCHAR) || ' ports of ' || CAST(hosts AS VARCHAR) || ' hosts' END AS what,
  CASE WHEN refused = targets THEN 'all refused' WHEN refused = 0 THEN 'none answered' ELSE CAST(refused AS VARCHAR) || ' refused, the others not answered' END AS outcome,
  hosts, ports, targets, attempts, refused
FROM habits
WHERE ports_at_once < {{fast_ports}} AND hosts_at_once < {{fast_hosts}} AND (usual_targets IS NULL OR usual_targets * 2 < targets)
ORDER BY time, srcaddr
