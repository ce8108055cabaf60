WITH {{> outside_hours}}, held AS (
  -- One source port through whole hours is one connection.
  SELECT day, srcaddr, dstaddr, dstport, protocol, least_srcport AS srcport, count(*) AS hours, CAST(sum(sent_bytes + received_bytes) AS BIGINT) AS total_bytes,
    max(sources) AS sources, max(source_peers) AS source_peers, max(source_hours) AS source_hours, min(first_hour) AS first_hour
  FROM contacts
  WHERE least_srcport = largest_srcport AND slots >= {{min_slots}}
  GROUP BY 1, 2, 3, 4, 5, 6
  HAVING count(*) >= {{min_hours}}
), found AS (
  SELECT held.*, day * 24 - first_hour AS known_hours, row_number() OVER (PARTITION BY day, dstaddr, dstport, protocol ORDER BY source_peers, srcaddr, srcport) AS place
  FROM held
)
SELECT from_unixtime(day * 86400) AS time, CASE WHEN source_hours >= {{young_hours}} THEN 'medium' ELSE 'low' END AS severity, srcaddr, dstaddr, dstport, protocol, hours, total_bytes AS bytes, sources
FROM found
WHERE place = 1 AND sources <= {{max_sources}} AND total_bytes <= {{max_bytes}} AND (source_hours >= {{young_hours}} AND known_hours < 48 OR source_hours < {{young_hours}} AND NOT (dstport IN ({{push_ports}})))
  AND (day + 1) * 86400 > {{from}} AND day * 86400 < {{to}}
ORDER BY time, srcaddr, dstaddr, dstport, protocol
