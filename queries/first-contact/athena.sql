WITH pairs AS (
  -- Sessions, and on administration ports inside also tries of several hosts.
  SELECT "start" / 3600 AS hour, srcaddr, dstaddr, dstport, destination_private, 'spoke' AS how, max(connections) AS connections, max(sent_bytes + received_bytes) AS total_bytes
  FROM {{links}} AS links
  WHERE source_private AND protocol = 6 AND dstport < 32768
  GROUP BY 1, 2, 3, 4, 5
  UNION ALL
  SELECT "start" / 3600, srcaddr, dstaddr, dstport, destination_private, 'tried', max(connections), CAST(0 AS BIGINT)
  FROM {{attempts}} AS attempts
  WHERE source_private AND destination_private AND protocol = 6 AND dstport IN ({{administration}})
  GROUP BY 1, 2, 3, 4, 5
), sources AS (
  SELECT srcaddr, {{> source_network address=srcaddr}} AS network FROM pairs GROUP BY srcaddr
), ages AS (
  SELECT network, hour, hour - min(hour) OVER (PARTITION BY network ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND CURRENT ROW) AS network_hours
  FROM (SELECT DISTINCT network, hour FROM pairs JOIN sources ON sources.srcaddr = pairs.srcaddr) AS hours
), counted AS (
  SELECT hour, srcaddr, dstport, destination_private, how, count(*) AS hosts FROM pairs GROUP BY 1, 2, 3, 4, 5
), judged AS (
  SELECT counted.*, network FROM counted JOIN sources ON sources.srcaddr = counted.srcaddr
  WHERE how = 'spoke' AND NOT (dstport IN ({{ignored_ports}})) OR how = 'tried' AND hosts >= {{tries}}
), first_hours AS (
  SELECT network, dstport, destination_private, hour
  FROM (
    SELECT hours.*, hour - lag(hour) OVER (PARTITION BY network, dstport, destination_private ORDER BY hour) AS hours_ago
    FROM (SELECT DISTINCT network, dstport, destination_private, hour FROM judged) AS hours
  ) AS before
  WHERE (hours_ago IS NULL OR hours_ago > {{history_hours}}) AND hour * 3600 + 3600 > {{from}} AND hour * 3600 < {{to}}
), ranked AS (
  SELECT pairs.*, judged.network, hosts, row_number() OVER (PARTITION BY judged.network, judged.dstport, judged.destination_private, judged.hour ORDER BY judged.how, judged.srcaddr, dstaddr) AS place
  FROM first_hours JOIN judged ON judged.network = first_hours.network AND judged.dstport = first_hours.dstport AND judged.destination_private = first_hours.destination_private AND judged.hour = first_hours.hour
    JOIN pairs ON pairs.hour = judged.hour AND pairs.srcaddr = judged.srcaddr AND pairs.dstport = judged.dstport AND pairs.destination_private = judged.destination_private AND pairs.how = judged.how
), placed AS (
  -- A gateway passes on what a host behind it does: of several sources with one destination that with the fewest peers spoke.
  SELECT pairs.hour, pairs.srcaddr, pairs.dstaddr, pairs.dstport, row_number() OVER (PARTITION BY pairs.hour, pairs.dstaddr, pairs.dstport ORDER BY peers, pairs.srcaddr) AS source_place
  FROM (SELECT DISTINCT hour, dstaddr, dstport FROM ranked WHERE place = 1 AND NOT destination_private) AS contested
    JOIN pairs ON pairs.hour = contested.hour AND pairs.dstaddr = contested.dstaddr AND pairs.dstport = contested.dstport AND pairs.how = 'spoke'
    JOIN (SELECT hour, srcaddr, sum(hosts) AS peers FROM counted GROUP BY 1, 2) AS peers ON peers.hour = pairs.hour AND peers.srcaddr = pairs.srcaddr
)
SELECT from_unixtime(ranked.hour * 3600) AS time, CASE WHEN ranked.dstport IN ({{administration}}) AND destination_private THEN 'medium' ELSE 'low' END AS severity, ranked.srcaddr, ranked.network, ranked.dstaddr, ranked.dstport,
  CASE WHEN how = 'tried' THEN 'try' ELSE 'speak to' END AS how, CASE WHEN destination_private THEN 'inside' ELSE 'of the internet' END AS whose, hosts, connections, total_bytes AS bytes
FROM ranked JOIN ages ON ages.network = ranked.network AND ages.hour = ranked.hour
  LEFT JOIN placed ON placed.hour = ranked.hour AND placed.srcaddr = ranked.srcaddr AND placed.dstaddr = ranked.dstaddr AND placed.dstport = ranked.dstport
WHERE place = 1 AND (source_place = 1 OR destination_private) AND network_hours >= {{warm_up_hours}}
ORDER BY time, srcaddr, dstaddr, dstport
