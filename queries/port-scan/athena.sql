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
), reached AS (
  -- What the source has reached before is no probe of it, whatever becomes of it now.
  SELECT DISTINCT tried.bucket, tried.srcaddr, tried.dstaddr, tried.dstport, tried.protocol
  FROM tried JOIN {{links}} AS links ON links.srcaddr = tried.srcaddr AND links.dstaddr = tried.dstaddr AND links.dstport = tried.dstport AND links.protocol = tried.protocol
  WHERE tried.source_private AND tried.established = 0 AND links."start" < tried.bucket * {{bucket_minutes}} / 60 * 3600 AND links."start" >= (tried.bucket * {{bucket_minutes}} / 60 - {{history_hours}}) * 3600
), counted AS (
  SELECT targets.*,
    sum(CASE WHEN dstport > 0 THEN failed ELSE 0 END) OVER (PARTITION BY bucket, srcaddr, dstaddr) AS failed_ports, sum(1 - failed) OVER (PARTITION BY bucket, srcaddr, dstaddr) AS reached_ports,
    sum(CASE WHEN source_private AND NOT destination_private THEN 0 ELSE failed END) OVER (PARTITION BY bucket, srcaddr) AS failed_targets, sum(1 - failed) OVER (PARTITION BY bucket, srcaddr) AS reached_targets,
    sum(failed) OVER (PARTITION BY bucket, srcaddr, dstport, protocol) AS failed_hosts, sum(1 - failed) OVER (PARTITION BY bucket, srcaddr, dstport, protocol) AS reached_hosts
  FROM (
    SELECT tried.*, CASE WHEN established = 0 AND reached.srcaddr IS NULL THEN 1 ELSE 0 END AS failed
    FROM tried LEFT JOIN reached ON reached.bucket = tried.bucket AND reached.srcaddr = tried.srcaddr AND reached.dstaddr = tried.dstaddr AND reached.dstport = tried.dstport AND reached.protocol = tried.protocol
  ) AS targets
), judged AS (
  SELECT counted.*, age, failed_ports >= {{ports}} AND failed_ports >= 2 * reached_ports AS scanned, failed_hosts >= CASE WHEN source_private THEN least_hosts ELSE least_hosts_outside END AND failed_hosts * 2 >= 3 * reached_hosts
      OR failed_targets >= 2 * {{ports}} AND failed_targets >= 2 * reached_targets AS swept
  FROM counted JOIN networks ON networks.bucket = counted.bucket
), scans AS (
  SELECT bucket, srcaddr, source_private, age, count(DISTINCT dstaddr) AS hosts, count(DISTINCT CASE WHEN dstport > 0 THEN dstport END) AS ports, min(dstaddr) AS dstaddr, min(CASE WHEN dstport > 0 THEN dstport END) AS dstport,
    count(*) AS targets, CAST(sum(connections) AS BIGINT) AS attempts, count(CASE WHEN failed = 1 AND refused > 0 THEN 1 END) AS refused,
    count(CASE WHEN answered > 0 THEN 1 END) AS answered, count(CASE WHEN answered > 0 AND dstport IN ({{administration}}) THEN 1 END) AS answered_administration
  FROM judged
  WHERE scanned OR swept
  GROUP BY 1, 2, 3, 4
), shadows AS (
  -- A gateway passes on what a host behind it does: of two sources with the same targets outside the one that speaks to fewer did it.
  SELECT shared.bucket, gateway, min(host) AS host
  FROM (
    SELECT mine.bucket, mine.srcaddr AS gateway, other.srcaddr AS host, count(*) AS common
    FROM judged AS mine JOIN judged AS other ON other.bucket = mine.bucket AND other.dstaddr = mine.dstaddr AND other.dstport = mine.dstport AND other.srcaddr <> mine.srcaddr
    WHERE mine.source_private AND NOT mine.destination_private AND other.source_private AND (mine.scanned OR mine.swept) AND other.failed = 1
    GROUP BY 1, 2, 3
  ) AS shared JOIN scans ON scans.bucket = shared.bucket AND scans.srcaddr = gateway
    JOIN (SELECT bucket, srcaddr, count(*) AS targets FROM tried GROUP BY 1, 2) AS mine ON mine.bucket = shared.bucket AND mine.srcaddr = gateway
    JOIN (SELECT bucket, srcaddr, count(*) AS targets FROM tried GROUP BY 1, 2) AS others ON others.bucket = shared.bucket AND others.srcaddr = host
  WHERE common * 10 >= scans.targets * 6 AND (mine.targets > others.targets OR mine.targets = others.targets AND gateway < host)
  GROUP BY 1, 2
), habits AS (
  -- What a private source tried like this on another day it always does.
  SELECT scans.bucket, scans.srcaddr, max(hours.targets) AS targets
  FROM scans JOIN (
    SELECT srcaddr, "start" / 3600 AS hour, count(*) AS targets FROM {{attempts}} AS attempts
    WHERE source_private AND srcaddr IN (SELECT srcaddr FROM suspected)
    GROUP BY 1, 2
  ) AS hours ON hours.srcaddr = scans.srcaddr AND hours.hour BETWEEN scans.bucket * {{bucket_minutes}} / 60 - {{history_hours}} AND scans.bucket * {{bucket_minutes}} / 60 - 20
  GROUP BY 1, 2
), doors AS (
  SELECT bucket, srcaddr, array_join(array_agg(CAST(dstport AS VARCHAR) ORDER BY dstport), ', ') AS open_ports
  FROM (
    SELECT bucket, srcaddr, dstport, row_number() OVER (PARTITION BY bucket, srcaddr ORDER BY dstport) AS place
    FROM (SELECT DISTINCT bucket, srcaddr, dstport FROM judged WHERE scanned AND answered > 0) AS answering
  ) AS placed
  WHERE place <= 10
  GROUP BY 1, 2
), told AS (
  SELECT scans.bucket, coalesce(host, scans.srcaddr) AS srcaddr, source_private, age, hosts, ports, dstaddr, dstport, scans.targets, attempts, refused, answered, answered_administration, open_ports,
    row_number() OVER (PARTITION BY scans.bucket, coalesce(host, scans.srcaddr) ORDER BY CASE WHEN host IS NULL THEN 0 ELSE 1 END, scans.targets DESC, scans.srcaddr) AS place
  FROM scans LEFT JOIN habits ON habits.bucket = scans.bucket AND habits.srcaddr = scans.srcaddr LEFT JOIN doors ON doors.bucket = scans.bucket AND doors.srcaddr = scans.srcaddr
    LEFT JOIN shadows ON shadows.bucket = scans.bucket AND gateway = scans.srcaddr
  WHERE habits.targets IS NULL OR habits.targets * 2 < scans.targets
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
