WITH suspects AS (
  SELECT bucket, srcaddr
  FROM (
    SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, srcaddr, dstaddr, dstport, protocol
    FROM {{conversations}} AS conversations
    WHERE "start" + 300 > {{from}} AND "start" < {{to}} AND established = 0 AND connections > 0 AND NOT (protocol = 17 AND dstport IN (53, 123) AND refused = 0)
    GROUP BY 1, 2, 3, 4, 5
  ) AS failed
  GROUP BY GROUPING SETS ((bucket, srcaddr, dstaddr), (bucket, srcaddr, dstport, protocol), (bucket, srcaddr))
  HAVING count(*) >= CASE WHEN grouping(dstaddr) = 0 THEN {{ports}} WHEN grouping(dstport) = 0 THEN {{hosts}} * 3 / 10 ELSE 2 * {{ports}} END
), suspected AS (
  SELECT DISTINCT bucket, srcaddr FROM suspects
), sizes AS (
  SELECT "start" / 3600 AS hour, count(DISTINCT interface_id) AS interfaces, min(min("start")) OVER () AS first_hour FROM {{interface_hours}} AS interface_hours GROUP BY 1
), networks AS (
  -- A network of ten is swept with eight tries.
  SELECT bucket, CAST(least({{hosts}}, greatest(CASE WHEN coalesce(max(interfaces), 0) < 4 THEN {{hosts}} * 6 / 10 ELSE {{hosts}} * 3 / 10 END, coalesce(max(interfaces), 0) * 6 / 10)) AS BIGINT) AS least_hosts,
    CAST(least({{hosts}}, greatest({{hosts}} * 6 / 10, coalesce(max(interfaces), 0) * 9 / 10)) AS BIGINT) AS least_hosts_outside,
    coalesce(min(bucket * {{bucket_minutes}} * 60 - first_hour), 0) AS age
  FROM (SELECT DISTINCT bucket FROM suspected) AS buckets LEFT JOIN sizes ON hour BETWEEN bucket * {{bucket_minutes}} / 60 - 24 AND bucket * {{bucket_minutes}} / 60 - 1
  GROUP BY bucket
), tried AS (
  SELECT tries.bucket, tries.srcaddr, source_private, destination_private, dstaddr, dstport, protocol, established, refused, connections, answered
  FROM (
    -- Both interfaces of a try have written it: the larger count is the try's.
    SELECT bucket, srcaddr, source_private, destination_private, dstaddr, dstport, protocol, max(established) AS established, CAST(max(refused) AS BIGINT) AS refused, CAST(max(connections) AS BIGINT) AS connections, max(answered) AS answered
    FROM (
      SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, interface_id, srcaddr, source_private, destination_private, dstaddr, dstport, protocol, sum(established) AS established, sum(refused) AS refused, sum(connections) AS connections,
        sum(connections - refused - unanswered - closed) AS answered
      FROM {{conversations}} AS conversations
      WHERE "start" + 300 > {{from}} AND "start" < {{to}} AND connections > 0 AND srcaddr IN (SELECT srcaddr FROM suspected) AND NOT (protocol = 17 AND dstport IN (53, 123) AND refused = 0)
      GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ) AS by_interface
    GROUP BY 1, 2, 3, 4, 5, 6, 7
  ) AS tries JOIN suspected ON suspected.bucket = tries.bucket AND suspected.srcaddr = tries.srcaddr
), targets AS (
  -- What the source has reached before is no probe of it, whatever becomes of it now.
  SELECT tried.bucket, tried.srcaddr, tried.source_private, tried.destination_private, tried.dstaddr, tried.dstport, tried.protocol, tried.established, tried.refused, tried.connections, tried.answered,
    CASE WHEN tried.established = 0 AND count(links.srcaddr) = 0 THEN 1 ELSE 0 END AS failed
  FROM tried LEFT JOIN {{links}} AS links ON links.srcaddr = CASE WHEN tried.source_private AND tried.established = 0 THEN tried.srcaddr END AND links.dstaddr = tried.dstaddr AND links.dstport = tried.dstport AND links.protocol = tried.protocol
    AND links."start" < tried.bucket * {{bucket_minutes}} / 60 * 3600 AND links."start" >= (tried.bucket * {{bucket_minutes}} / 60 - {{history_hours}}) * 3600
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
), counted AS (
  SELECT targets.*, count(*) OVER (PARTITION BY bucket, srcaddr) AS all_targets,
    sum(CASE WHEN dstport > 0 THEN failed ELSE 0 END) OVER (PARTITION BY bucket, srcaddr, dstaddr) AS failed_ports, sum(1 - failed) OVER (PARTITION BY bucket, srcaddr, dstaddr) AS reached_ports,
    sum(CASE WHEN source_private AND NOT destination_private THEN 0 ELSE failed END) OVER (PARTITION BY bucket, srcaddr) AS failed_targets, sum(1 - failed) OVER (PARTITION BY bucket, srcaddr) AS reached_targets,
    sum(failed) OVER (PARTITION BY bucket, srcaddr, dstport, protocol) AS failed_hosts, sum(1 - failed) OVER (PARTITION BY bucket, srcaddr, dstport, protocol) AS reached_hosts
  FROM targets
), judged AS (
  SELECT counted.*, age, failed_ports >= {{ports}} AND failed_ports >= 2 * reached_ports AS scanned, failed_hosts >= CASE WHEN source_private THEN least_hosts ELSE least_hosts_outside END AND failed_hosts * 2 >= 3 * reached_hosts
      OR failed_targets >= 2 * {{ports}} AND failed_targets >= 2 * reached_targets AS swept
  FROM counted JOIN networks ON networks.bucket = counted.bucket
), marked AS (
  SELECT judged.*, sum(CASE WHEN scanned OR swept THEN 1 ELSE 0 END) OVER (PARTITION BY bucket, srcaddr) AS probes,
    CASE WHEN scanned AND answered > 0 AND row_number() OVER (PARTITION BY bucket, srcaddr, dstport, scanned AND answered > 0 ORDER BY dstaddr, protocol) = 1 THEN 1 ELSE 0 END AS opens_door
  FROM judged
), placed AS (
  SELECT marked.*, sum(opens_door) OVER (PARTITION BY bucket, srcaddr ORDER BY dstport) AS doors FROM marked
), scans AS (
  SELECT bucket, srcaddr, source_private, age, count(DISTINCT dstaddr) AS hosts, count(DISTINCT CASE WHEN dstport > 0 THEN dstport END) AS ports, min(dstaddr) AS dstaddr, min(CASE WHEN dstport > 0 THEN dstport END) AS dstport,
    count(*) AS targets, CAST(sum(connections) AS BIGINT) AS attempts, count(CASE WHEN failed = 1 AND refused > 0 THEN 1 END) AS refused,
    count(CASE WHEN answered > 0 THEN 1 END) AS answered, count(CASE WHEN answered > 0 AND dstport IN ({{administration}}) THEN 1 END) AS answered_administration,
    array_join(array_agg(CAST(dstport AS VARCHAR) ORDER BY dstport) FILTER (WHERE opens_door = 1 AND doors <= 10), ', ') AS open_ports
  FROM placed
  WHERE scanned OR swept
  GROUP BY 1, 2, 3, 4
), habits AS (
  -- What a private source tried like this on another day it always does.
  SELECT scans.bucket, scans.srcaddr, source_private, age, hosts, ports, dstaddr, dstport, scans.targets, attempts, refused, answered, answered_administration, open_ports, max(hours.targets) AS usual_targets
  FROM scans LEFT JOIN (
    SELECT srcaddr, "start" / 3600 AS hour, count(*) AS targets FROM {{attempts}} AS attempts
    WHERE source_private AND srcaddr IN (SELECT srcaddr FROM suspected)
    GROUP BY 1, 2
  ) AS hours ON hours.srcaddr = scans.srcaddr AND hours.hour BETWEEN scans.bucket * {{bucket_minutes}} / 60 - {{history_hours}} AND scans.bucket * {{bucket_minutes}} / 60 - 20
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
), shadows AS (
  -- A gateway passes on what a host behind it does: of two sources with the same targets outside the one that speaks to fewer did it.
  SELECT bucket, gateway, min(host) AS host
  FROM (
    SELECT mine.bucket, mine.srcaddr AS gateway, other.srcaddr AS host, mine.probes, mine.all_targets, other.all_targets AS host_targets, count(*) AS common
    FROM marked AS mine JOIN marked AS other ON other.bucket = mine.bucket AND other.dstaddr = mine.dstaddr AND other.dstport = mine.dstport AND other.srcaddr <> mine.srcaddr
    WHERE mine.source_private AND NOT mine.destination_private AND other.source_private AND (mine.scanned OR mine.swept) AND other.failed = 1
    GROUP BY 1, 2, 3, 4, 5, 6
  ) AS shared
  WHERE common * 10 >= probes * 6 AND (all_targets > host_targets OR all_targets = host_targets AND gateway < host)
  GROUP BY 1, 2
), told AS (
  SELECT habits.bucket, coalesce(host, srcaddr) AS srcaddr, source_private, age, hosts, ports, dstaddr, dstport, targets, attempts, refused, answered, answered_administration, open_ports,
    row_number() OVER (PARTITION BY habits.bucket, coalesce(host, srcaddr) ORDER BY CASE WHEN host IS NULL THEN 0 ELSE 1 END, targets DESC, srcaddr) AS place
  FROM habits LEFT JOIN shadows ON shadows.bucket = habits.bucket AND gateway = srcaddr
  WHERE usual_targets IS NULL OR usual_targets * 2 < targets
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time,
  CASE WHEN source_private AND age < {{young_hours}} * 3600 THEN 'medium' WHEN source_private THEN 'high' WHEN answered_administration > 0 THEN 'medium' WHEN answered > 0 THEN 'low' ELSE 'info' END AS severity,
  srcaddr, CASE WHEN hosts = 1 THEN dstaddr END AS dstaddr, CASE WHEN ports = 1 THEN dstport END AS dstport,
  CASE WHEN hosts = 1 THEN CAST(ports AS VARCHAR) || ' ports of ' || dstaddr
    WHEN ports = 0 THEN 'to ping ' || CAST(hosts AS VARCHAR) || ' hosts'
    WHEN ports = 1 THEN 'port ' || CAST(dstport AS VARCHAR) || ' of ' || CAST(hosts AS VARCHAR) || ' hosts'
    ELSE CAST(ports AS VARCHAR) || ' ports of ' || CAST(hosts AS VARCHAR) || ' hosts' END AS what,
  CASE WHEN refused = targets THEN 'all refused' WHEN answered = 0 AND refused = 0 THEN 'none answered'
    WHEN answered = 0 THEN CAST(refused AS VARCHAR) || ' refused, the others not answered'
    ELSE CAST(answered AS VARCHAR) || ' answered' || CASE WHEN hosts = 1 THEN ': ' || open_ports ELSE '' END END AS outcome,
  hosts, ports, targets, attempts, refused, answered
FROM told
WHERE place = 1
ORDER BY time, srcaddr
