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
), counted AS (
  SELECT hour, srcaddr, dstport, destination_private, how, count(*) AS hosts, {{> source_network address=srcaddr}} AS network FROM pairs GROUP BY 1, 2, 3, 4, 5
), aged AS (
  SELECT counted.*, hour - min(hour) OVER (PARTITION BY network ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND CURRENT ROW) AS network_hours, sum(hosts) OVER (PARTITION BY hour, srcaddr) AS peers
  FROM counted
), judged AS (
  SELECT aged.*, row_number() OVER (PARTITION BY network, dstport, destination_private, hour ORDER BY how, srcaddr) AS place,
    max(hour) OVER (PARTITION BY network, dstport, destination_private ORDER BY hour RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS hour_before
  FROM aged
  WHERE how = 'spoke' AND NOT (dstport IN ({{ignored_ports}})) OR how = 'tried' AND hosts >= {{tries}}
), first_contacts AS (
  SELECT judged.hour, judged.srcaddr, network, judged.dstport, judged.destination_private, judged.how, hosts, peers, min(dstaddr) AS dstaddr, min_by(connections, dstaddr) AS connections, min_by(total_bytes, dstaddr) AS total_bytes
  FROM judged JOIN pairs ON pairs.hour = judged.hour AND pairs.srcaddr = judged.srcaddr AND pairs.dstport = judged.dstport AND pairs.destination_private = judged.destination_private AND pairs.how = judged.how
  WHERE place = 1 AND (hour_before IS NULL OR judged.hour - hour_before > {{history_hours}}) AND network_hours >= {{warm_up_hours}} AND judged.hour * 3600 + 3600 > {{from}} AND judged.hour * 3600 < {{to}}
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT from_unixtime(found.hour * 3600) AS time, CASE WHEN found.dstport IN ({{administration}}) AND destination_private THEN 'medium' ELSE 'low' END AS severity, found.srcaddr, network, found.dstaddr, found.dstport,
  CASE WHEN how = 'tried' THEN 'try' ELSE 'connect to' END AS how, CASE WHEN destination_private THEN 'inside' ELSE 'of the internet' END AS whose, hosts, connections, total_bytes AS bytes
FROM first_contacts AS found LEFT JOIN (
  -- A gateway passes on what a host behind it does: of several sources with one destination that with the fewest peers spoke.
  SELECT pairs.hour, pairs.srcaddr, pairs.dstaddr, pairs.dstport, peers
  FROM pairs JOIN (SELECT hour, srcaddr, sum(hosts) AS peers FROM counted GROUP BY 1, 2) AS busy ON busy.hour = pairs.hour AND busy.srcaddr = pairs.srcaddr
  WHERE pairs.how = 'spoke' AND NOT pairs.destination_private
) AS rivals ON rivals.hour = found.hour AND rivals.dstaddr = found.dstaddr AND rivals.dstport = found.dstport AND (rivals.peers < found.peers OR rivals.peers = found.peers AND rivals.srcaddr < found.srcaddr)
WHERE rivals.srcaddr IS NULL
ORDER BY time, found.srcaddr, found.dstaddr, found.dstport
