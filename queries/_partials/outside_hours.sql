-- Contacts of own hosts with hosts of the internet, by the hour and, since two interfaces may have written them, once. Each knows of its day: `sources`, hosts that spoke to the peer
-- (what many hosts of a network do, none was told to do by a stranger); `source_peers`, peers of the source; `first_hour`, when the peer was first met; `source_hours`, how long the
-- source has spoken to anybody outside before that day (whoever did not has no usual peers).
contacts AS (
  SELECT met.*, CAST(sum(first_of_pair) OVER (PARTITION BY day, dstaddr) AS BIGINT) AS sources, CAST(sum(first_of_pair) OVER (PARTITION BY day, srcaddr) AS BIGINT) AS source_peers
  FROM (
    SELECT hours.*, CASE WHEN row_number() OVER (PARTITION BY day, dstaddr, srcaddr ORDER BY hour, dstport, protocol) = 1 THEN 1 ELSE 0 END AS first_of_pair,
      min(hour) OVER (PARTITION BY dstaddr ORDER BY day RANGE BETWEEN {{history_days}} PRECEDING AND CURRENT ROW) AS first_hour,
      day * 24 - min(hour) OVER (PARTITION BY srcaddr ORDER BY day RANGE BETWEEN {{history_days}} PRECEDING AND CURRENT ROW) AS source_hours
    FROM (
      SELECT "start" / 86400 AS day, "start" / 3600 AS hour, srcaddr, dstaddr, dstport, protocol, max(connections) AS connections, max(slots) AS slots, min(first_start) AS first_start, max(last_start) AS last_start, max(last_end) AS last_end,
        min(least_srcport) AS least_srcport, max(largest_srcport) AS largest_srcport, max(sent_bytes) AS sent_bytes, max(received_bytes) AS received_bytes
      FROM {{links}} AS links
      WHERE source_private AND NOT destination_private AND NOT (dstport IN ({{ignored_ports}}))
      GROUP BY 1, 2, 3, 4, 5, 6
    ) AS hours
  ) AS met
)
