WITH networks AS (
  SELECT {{> source_network address=srcaddr}} AS network, "start" / 3600 AS hour FROM {{links}} AS links WHERE source_private GROUP BY 1, 2
), seen AS (
  SELECT network, hour, hour - min(hour) OVER (PARTITION BY network ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND CURRENT ROW) AS network_hours FROM networks
), hours AS (
  SELECT "start" / 3600 AS hour, srcaddr, dstaddr, dstport, destination_private, {{> source_network address=srcaddr}} AS network, max(connections) AS connections, max(sent_bytes + received_bytes) AS total_bytes
  FROM {{links}} AS links
  WHERE source_private AND protocol = 6 AND dstport < 32768 AND NOT (dstport IN ({{ignored_ports}}))
  GROUP BY 1, 2, 3, 4, 5, 6
), compared AS (
  SELECT hours.*, hour - lag(hour) OVER (PARTITION BY network, dstport, destination_private ORDER BY hour, srcaddr, dstaddr) AS hours_ago,
    rank() OVER (PARTITION BY network, dstport, destination_private, hour ORDER BY srcaddr, dstaddr) AS place, count(*) OVER (PARTITION BY network, dstport, destination_private, hour) AS pairs
  FROM hours
)
SELECT from_unixtime(compared.hour * 3600) AS time, CASE WHEN dstport IN ({{administration}}) AND destination_private THEN 'medium' ELSE 'low' END AS severity, srcaddr, compared.network, dstaddr, dstport, CASE WHEN destination_private THEN 'inside' ELSE 'of the internet' END AS whose, pairs, connections, total_bytes AS bytes
FROM compared JOIN seen ON seen.network = compared.network AND seen.hour = compared.hour
WHERE place = 1 AND (hours_ago IS NULL OR hours_ago > {{history_hours}}) AND network_hours >= {{warm_up_hours}} AND compared.hour * 3600 + 3600 > {{from}} AND compared.hour * 3600 < {{to}}
ORDER BY time, srcaddr, dstaddr, dstport
