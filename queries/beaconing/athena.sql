WITH {{> outside_hours}}, pairs AS (
  SELECT hour / 24 AS day, srcaddr, dstaddr, dstport, protocol
  FROM contacts
  GROUP BY 1, 2, 3, 4, 5
  HAVING count(*) >= 3 AND sum(sent_bytes + received_bytes) <= {{max_bytes}} * sum(connections)
), watched AS (
  SELECT pairs.day, contacts.*
  FROM pairs JOIN contacts ON contacts.srcaddr = pairs.srcaddr AND contacts.dstaddr = pairs.dstaddr AND contacts.dstport = pairs.dstport AND contacts.protocol = pairs.protocol
    AND contacts.hour BETWEEN pairs.day * 24 - {{window_days}} * 24 + 24 AND pairs.day * 24 + 23
), points AS (
  -- Of each hour the contacts in it and the bytes of one, of each gap between contacts in different hours its seconds.
  SELECT day, srcaddr, dstaddr, dstport, protocol, 'contacts' AS kind, CAST(connections AS DOUBLE) AS x FROM watched
  UNION ALL
  SELECT day, srcaddr, dstaddr, dstport, protocol, 'sent', CAST(sent_bytes AS DOUBLE) / connections FROM watched
  UNION ALL
  SELECT day, srcaddr, dstaddr, dstport, protocol, 'received', CAST(received_bytes AS DOUBLE) / connections FROM watched
  UNION ALL
  SELECT day, srcaddr, dstaddr, dstport, protocol, 'gap', CAST(first_start - last_before AS DOUBLE)
  FROM (SELECT watched.*, lag(last_start) OVER (PARTITION BY day, srcaddr, dstaddr, dstport, protocol ORDER BY hour) AS last_before FROM watched) AS spaced
  WHERE last_before IS NOT NULL
  UNION ALL
  SELECT day, srcaddr, dstaddr, dstport, protocol, 'gap', CAST(last_start - first_start AS DOUBLE) FROM watched WHERE connections = 2
), ordered AS (
  SELECT points.*, row_number() OVER (PARTITION BY day, srcaddr, dstaddr, dstport, protocol, kind ORDER BY x) AS place, count(*) OVER (PARTITION BY day, srcaddr, dstaddr, dstport, protocol, kind) AS total FROM points
), centred AS (
  SELECT ordered.*, avg(CASE WHEN place * 2 IN (total, total + 1, total + 2) THEN x END) OVER (PARTITION BY day, srcaddr, dstaddr, dstport, protocol, kind) AS median FROM ordered
), deviations AS (
  SELECT centred.*, row_number() OVER (PARTITION BY day, srcaddr, dstaddr, dstport, protocol, kind ORDER BY abs(x - median)) AS deviation_place FROM centred
), measured AS (
  SELECT day, srcaddr, dstaddr, dstport, protocol, kind, max(total) AS total, max(median) AS median, avg(CASE WHEN deviation_place * 2 IN (total, total + 1, total + 2) THEN abs(x - median) END) AS mad
  FROM deviations
  GROUP BY 1, 2, 3, 4, 5, 6
), regular AS (
  -- Chance makes the counts of hours scatter by their square root; half of that is a clock.
  SELECT day, srcaddr, dstaddr, dstport, protocol,
    max(CASE WHEN kind = 'contacts' AND median >= 3 AND total >= {{min_hours}} AND 14826e-4 * mad <= greatest(1e0, sqrt(median) / 2e0) THEN 3600e0 / median
      WHEN kind = 'gap' AND total >= {{min_gaps}} AND median > 1200 AND 100e0 * mad <= {{jitter_percent}} * median THEN median END) AS interval_seconds,
    max(CASE WHEN kind IN ('sent', 'received') THEN 100e0 * mad / greatest(median, 1e0) END) AS size_percent
  FROM measured
  GROUP BY 1, 2, 3, 4, 5
), totals AS (
  SELECT day, srcaddr, dstaddr, dstport, protocol, CAST(sum(connections) AS BIGINT) AS contacts, count(*) AS hours, CAST(sum(sent_bytes + received_bytes) AS BIGINT) AS total_bytes, max(largest_srcport) - min(least_srcport) AS srcports
  FROM watched
  GROUP BY 1, 2, 3, 4, 5
), found AS (
  -- A gateway passes on what a host behind it does: of several sources the one with the fewest peers is told.
  SELECT totals.*, interval_seconds, size_percent, busy.peers AS source_peers, peers.sources, sources.hours AS source_hours, totals.day * 24 - news.first_hour AS known_hours, news.first_hour,
    row_number() OVER (PARTITION BY totals.day, totals.dstaddr, totals.dstport, totals.protocol ORDER BY busy.peers, totals.srcaddr) AS place
  FROM totals JOIN regular ON regular.day = totals.day AND regular.srcaddr = totals.srcaddr AND regular.dstaddr = totals.dstaddr AND regular.dstport = totals.dstport AND regular.protocol = totals.protocol
    JOIN peers ON peers.day = totals.day AND peers.dstaddr = totals.dstaddr JOIN news ON news.day = totals.day AND news.dstaddr = totals.dstaddr JOIN sources ON sources.day = totals.day AND sources.srcaddr = totals.srcaddr
    JOIN busy ON busy.day = totals.day AND busy.srcaddr = totals.srcaddr
  WHERE interval_seconds IS NOT NULL AND contacts >= {{min_contacts}} AND totals.hours >= {{min_hours}} AND srcports > 0 AND peers.sources <= {{max_sources}}
), successors AS (
  -- A service with changing addresses: another peer got as much as often, on the same port, before this one came.
  SELECT DISTINCT found.day, found.srcaddr, found.dstaddr, found.dstport
  FROM found JOIN (
    SELECT srcaddr, dstaddr, dstport, min(hour) AS first_hour, max(hour) AS last_hour, count(*) AS hours, CAST(sum(sent_bytes + received_bytes) AS DOUBLE) / sum(connections) AS size, CAST(sum(connections) AS DOUBLE) / count(*) AS per_hour
    FROM contacts
    GROUP BY 1, 2, 3
  ) AS earlier ON earlier.srcaddr = found.srcaddr AND earlier.dstport = found.dstport AND earlier.dstaddr <> found.dstaddr AND earlier.first_hour < found.first_hour AND earlier.last_hour <= found.first_hour + 24 AND earlier.last_hour >= found.first_hour - 24 AND earlier.hours >= 3
  WHERE earlier.size BETWEEN CAST(found.total_bytes AS DOUBLE) / found.contacts * 6e-1 AND CAST(found.total_bytes AS DOUBLE) / found.contacts * 16e-1 AND earlier.per_hour BETWEEN CAST(found.contacts AS DOUBLE) / found.hours * 5e-1 AND CAST(found.contacts AS DOUBLE) / found.hours * 2e0
)
SELECT from_unixtime(found.day * 86400) AS time, CASE WHEN source_hours >= {{young_hours}} THEN 'high' ELSE 'low' END AS severity, found.srcaddr, found.dstaddr, found.dstport, protocol, contacts, hours, CAST(round(interval_seconds, 0) AS BIGINT) AS interval_seconds, round(size_percent, 0) AS size_percent, total_bytes AS bytes, sources
FROM found LEFT JOIN successors ON successors.day = found.day AND successors.srcaddr = found.srcaddr AND successors.dstaddr = found.dstaddr AND successors.dstport = found.dstport
WHERE place = 1 AND successors.srcaddr IS NULL AND (source_hours >= {{young_hours}} AND known_hours < {{window_days}} * 24 AND NOT (source_peers >= {{busy_peers}} AND found.dstport IN ({{push_ports}})) OR source_hours < {{young_hours}} AND size_percent <= {{size_percent}} AND NOT (found.dstport IN ({{push_ports}})))
  AND (found.day + 1) * 86400 > {{from}} AND found.day * 86400 < {{to}}
ORDER BY time, srcaddr, dstaddr, dstport, protocol
