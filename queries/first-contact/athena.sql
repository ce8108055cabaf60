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
), networks AS (
  SELECT {{> source_network address=srcaddr}} AS network, hour, hour - min(hour) OVER (PARTITION BY {{> source_network address=srcaddr}} ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND CURRENT ROW) AS network_hours FROM pairs
), ages AS (
  SELECT network, hour, max(network_hours) AS network_hours FROM networks GROUP BY 1, 2
), counted AS (
  SELECT pairs.*, {{> source_network address=srcaddr}} AS network, count(*) OVER (PARTITION BY hour, srcaddr) AS peers, count(*) OVER (PARTITION BY hour, srcaddr, dstport, destination_private, how) AS hosts FROM pairs
), first_ones AS (
  -- A gateway passes on what a host behind it does: of several sources with one destination that with the fewest peers spoke.
  SELECT counted.*, row_number() OVER (PARTITION BY hour, dstaddr, dstport ORDER BY peers, srcaddr) AS source_place,
    hour - lag(hour) OVER (PARTITION BY network, dstport, destination_private ORDER BY hour, how, srcaddr, dstaddr) AS hours_ago
  FROM counted
  WHERE how = 'spoke' AND NOT (dstport IN ({{ignored_ports}})) OR how = 'tried' AND hosts >= {{tries}}
), ranked AS (
  SELECT first_ones.*, row_number() OVER (PARTITION BY network, dstport, destination_private, hour ORDER BY how, srcaddr, dstaddr) AS place FROM first_ones
)
SELECT from_unixtime(ranked.hour * 3600) AS time, CASE WHEN dstport IN ({{administration}}) AND destination_private THEN 'medium' ELSE 'low' END AS severity, srcaddr, ranked.network, dstaddr, dstport,
  CASE WHEN how = 'tried' THEN 'try' ELSE 'speak to' END AS how, CASE WHEN destination_private THEN 'inside' ELSE 'of the internet' END AS whose, hosts, connections, total_bytes AS bytes
FROM ranked JOIN ages ON ages.network = ranked.network AND ages.hour = ranked.hour
WHERE place = 1 AND (source_place = 1 OR destination_private) AND (hours_ago IS NULL OR hours_ago > {{history_hours}}) AND network_hours >= {{warm_up_hours}} AND ranked.hour * 3600 + 3600 > {{from}} AND ranked.hour * 3600 < {{to}}
ORDER BY time, srcaddr, dstaddr, dstport
