WITH {{> outside_hours}}, pairs AS (
  SELECT day, srcaddr, dstaddr, dstport, protocol, max(sources) AS sources, max(source_peers) AS source_peers, max(source_hours) AS source_hours, min(first_hour) AS first_hour
  FROM contacts
  GROUP BY 1, 2, 3, 4, 5
  HAVING count(*) >= 3 AND sum(sent_bytes + received_bytes) <= {{max_bytes}} * sum(connections)
), watched AS (
  SELECT pairs.*, contacts.connections, contacts.sent_bytes, contacts.received_bytes, contacts.first_start, contacts.last_start, lag(contacts.last_start) OVER (past ORDER BY contacts.hour) AS last_before,
    sum(contacts.connections) OVER past AS contacts, count(*) OVER past AS hours, sum(contacts.sent_bytes + contacts.received_bytes) OVER past AS total_bytes, max(largest_srcport) OVER past - min(least_srcport) OVER past AS srcports
  FROM pairs JOIN contacts ON contacts.srcaddr = pairs.srcaddr AND contacts.dstaddr = pairs.dstaddr AND contacts.dstport = pairs.dstport AND contacts.protocol = pairs.protocol
    AND contacts.hour BETWEEN pairs.day * 24 - {{window_days}} * 24 + 24 AND pairs.day * 24 + 23
  WINDOW past AS (PARTITION BY pairs.day, pairs.srcaddr, pairs.dstaddr, pairs.dstport, pairs.protocol)
), points AS (
  -- Of each hour the contacts in it and the bytes of one, of each gap between contacts in different hours its seconds.
  SELECT watched.*, CASE WHEN part = 'gap within' THEN 'gap' ELSE part END AS kind,
    CASE part WHEN 'contacts' THEN CAST(connections AS DOUBLE) WHEN 'sent' THEN CAST(sent_bytes AS DOUBLE) / connections WHEN 'received' THEN CAST(received_bytes AS DOUBLE) / connections
      WHEN 'gap' THEN CAST(first_start - last_before AS DOUBLE) ELSE CAST(last_start - first_start AS DOUBLE) END AS x
  FROM watched CROSS JOIN (VALUES ('contacts'), ('sent'), ('received'), ('gap'), ('gap within')) AS parts (part)
  WHERE part IN ('contacts', 'sent', 'received') OR part = 'gap' AND last_before IS NOT NULL OR part = 'gap within' AND connections = 2
), ordered AS (
  SELECT points.*, row_number() OVER (PARTITION BY day, srcaddr, dstaddr, dstport, protocol, kind ORDER BY x) AS place, count(*) OVER (PARTITION BY day, srcaddr, dstaddr, dstport, protocol, kind) AS total FROM points
), centred AS (
  SELECT ordered.*, avg(CASE WHEN place * 2 IN (total, total + 1, total + 2) THEN x END) OVER (PARTITION BY day, srcaddr, dstaddr, dstport, protocol, kind) AS median FROM ordered
), deviations AS (
  SELECT centred.*, row_number() OVER (PARTITION BY day, srcaddr, dstaddr, dstport, protocol, kind ORDER BY abs(x - median)) AS deviation_place FROM centred
), measured AS (
  SELECT day, srcaddr, dstaddr, dstport, protocol, kind, max(total) AS total, max(median) AS median, avg(CASE WHEN deviation_place * 2 IN (total, total + 1, total + 2) THEN abs(x - median) END) AS mad,
    max(contacts) AS contacts, max(hours) AS hours, max(total_bytes) AS total_bytes, max(srcports) AS srcports, max(sources) AS sources, max(source_peers) AS source_peers, max(source_hours) AS source_hours, max(first_hour) AS first_hour
  FROM deviations
  GROUP BY 1, 2, 3, 4, 5, 6
), regular AS (
  -- Chance makes the counts of hours scatter by their square root; half of that is a clock.
  SELECT day, srcaddr, dstaddr, dstport, protocol, CAST(max(contacts) AS BIGINT) AS contacts, max(hours) AS hours, CAST(max(total_bytes) AS BIGINT) AS total_bytes, max(srcports) AS srcports,
    max(sources) AS sources, max(source_peers) AS source_peers, max(source_hours) AS source_hours, max(first_hour) AS first_hour,
    max(CASE WHEN kind = 'contacts' AND median >= 3 AND total >= {{min_hours}} AND 14826e-4 * mad <= greatest(1e0, sqrt(median) / 2e0) THEN 3600e0 / median
      WHEN kind = 'gap' AND total >= {{min_gaps}} AND median > 1200 AND 100e0 * mad <= {{jitter_percent}} * median THEN median END) AS interval_seconds,
    max(CASE WHEN kind IN ('sent', 'received') THEN 100e0 * mad / greatest(median, 1e0) END) AS size_percent
  FROM measured
  GROUP BY 1, 2, 3, 4, 5
), found AS (
  -- A gateway passes on what a host behind it does: of several sources the one with the fewest peers is told.
  SELECT regular.*, day * 24 - first_hour AS known_hours, row_number() OVER (PARTITION BY day, dstaddr, dstport, protocol ORDER BY source_peers, srcaddr) AS place
  FROM regular
  WHERE interval_seconds IS NOT NULL AND contacts >= {{min_contacts}} AND hours >= {{min_hours}} AND srcports > 0 AND sources <= {{max_sources}}
)
SELECT from_unixtime(found.day * 86400) AS time, CASE WHEN source_hours >= {{young_hours}} THEN 'high' ELSE 'low' END AS severity, found.srcaddr, found.dstaddr, found.dstport, protocol, contacts, found.hours, CAST(round(interval_seconds, 0) AS BIGINT) AS interval_seconds, round(size_percent, 0) AS size_percent, total_bytes AS bytes, sources
FROM found LEFT JOIN (
  -- A service with changing addresses: another peer got as much as often, on the same port, before this one came.
  SELECT srcaddr, dstaddr, dstport, min(hour) AS first_hour, max(hour) AS last_hour, CAST(sum(sent_bytes + received_bytes) AS DOUBLE) / sum(connections) AS size, CAST(sum(connections) AS DOUBLE) / count(*) AS per_hour
  FROM contacts
  GROUP BY 1, 2, 3
  HAVING count(*) >= 3
) AS earlier ON earlier.srcaddr = found.srcaddr AND earlier.dstport = found.dstport AND earlier.dstaddr <> found.dstaddr AND earlier.first_hour < found.first_hour AND earlier.last_hour BETWEEN found.first_hour - 24 AND found.first_hour + 24
  AND earlier.size BETWEEN CAST(found.total_bytes AS DOUBLE) / found.contacts * 6e-1 AND CAST(found.total_bytes AS DOUBLE) / found.contacts * 16e-1 AND earlier.per_hour BETWEEN CAST(found.contacts AS DOUBLE) / found.hours * 5e-1 AND CAST(found.contacts AS DOUBLE) / found.hours * 2e0
WHERE place = 1 AND earlier.srcaddr IS NULL AND (source_hours >= {{young_hours}} AND known_hours < {{window_days}} * 24 AND NOT (source_peers >= {{busy_peers}} AND found.dstport IN ({{push_ports}})) OR source_hours < {{young_hours}} AND size_percent <= {{size_percent}} AND NOT (found.dstport IN ({{push_ports}})))
  AND (found.day + 1) * 86400 > {{from}} AND found.day * 86400 < {{to}}
ORDER BY time, srcaddr, dstaddr, dstport, protocol
