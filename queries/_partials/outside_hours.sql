-- Contacts of own hosts with hosts of the internet, by the hour and, since two interfaces may have written them, once.
contacts AS (
  SELECT "start" / 3600 AS hour, srcaddr, dstaddr, dstport, protocol, max(connections) AS connections, max(slots) AS slots, min(first_start) AS first_start, max(last_start) AS last_start, max(last_end) AS last_end,
    min(least_srcport) AS least_srcport, max(largest_srcport) AS largest_srcport, max(sent_bytes) AS sent_bytes, max(received_bytes) AS received_bytes
  FROM {{links}} AS links
  WHERE source_private AND NOT destination_private AND NOT (dstport IN ({{ignored_ports}}))
  GROUP BY 1, 2, 3, 4, 5
), peers AS (
  -- What many hosts of a network do, none was told to do by a stranger.
  SELECT day, dstaddr, count(*) AS sources
  FROM (SELECT DISTINCT hour / 24 AS day, dstaddr, srcaddr FROM contacts) AS pairs
  GROUP BY 1, 2
), first_contacts AS (
  SELECT dstaddr, hour / 24 AS day, min(hour) OVER (PARTITION BY dstaddr ORDER BY hour / 24 RANGE BETWEEN {{history_days}} PRECEDING AND CURRENT ROW) AS first_hour FROM contacts
), news AS (
  SELECT dstaddr, day, min(first_hour) AS first_hour FROM first_contacts GROUP BY 1, 2
), busy AS (
  SELECT hour / 24 AS day, srcaddr, count(DISTINCT dstaddr) AS peers FROM contacts GROUP BY 1, 2
), sources AS (
  -- How long the source has spoken to anybody outside before that day: whoever did not has no usual peers.
  SELECT srcaddr, day, day * 24 - min(first_hour) AS hours
  FROM (SELECT srcaddr, hour / 24 AS day, min(hour) OVER (PARTITION BY srcaddr ORDER BY hour / 24 RANGE BETWEEN {{history_days}} PRECEDING AND CURRENT ROW) AS first_hour FROM contacts) AS seen
  GROUP BY 1, 2
)
