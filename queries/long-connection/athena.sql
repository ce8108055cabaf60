WITH {{> outside_hours}}, held AS (
  -- One source port through whole hours is one connection.
  SELECT hour / 24 AS day, srcaddr, dstaddr, dstport, protocol, least_srcport AS srcport, count(*) AS hours, CAST(sum(sent_bytes + received_bytes) AS BIGINT) AS total_bytes
  FROM contacts
  WHERE least_srcport = largest_srcport AND slots >= {{min_slots}}
  GROUP BY 1, 2, 3, 4, 5, 6
  HAVING count(*) >= {{min_hours}}
), found AS (
  SELECT held.*, peers.sources, sources.hours AS source_hours, held.day * 24 - news.first_hour AS known_hours, row_number() OVER (PARTITION BY held.day, held.dstaddr, held.dstport, held.protocol ORDER BY busy.peers, held.srcaddr, held.srcport) AS place
  FROM held JOIN peers ON peers.day = held.day AND peers.dstaddr = held.dstaddr JOIN news ON news.day = held.day AND news.dstaddr = held.dstaddr JOIN sources ON sources.day = held.day AND sources.srcaddr = held.srcaddr
    JOIN busy ON busy.day = held.day AND busy.srcaddr = held.srcaddr
)
SELECT from_unixtime(day * 86400) AS time, CASE WHEN source_hours >= {{young_hours}} THEN 'medium' ELSE 'low' END AS severity, srcaddr, dstaddr, dstport, protocol, hours, total_bytes AS bytes, sources
FROM found
WHERE place = 1 AND sources <= {{max_sources}} AND total_bytes <= {{max_bytes}} AND (source_hours >= {{young_hours}} AND known_hours < 48 OR source_hours < {{young_hours}} AND NOT (dstport IN ({{push_ports}})))
  AND (day + 1) * 86400 > {{from}} AND day * 86400 < {{to}}
ORDER BY time, srcaddr, dstaddr, dstport, protocol
