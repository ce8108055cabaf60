WITH moved AS (
  SELECT hour, sender, receiver, CAST(sum(most) AS BIGINT) AS moved_bytes, CAST(sum(returned) AS BIGINT) AS returned_bytes, max_by(dstport, most) AS dstport
  FROM (
    SELECT hour, sender, receiver, dstport, max(moved_bytes) AS most, max(returned_bytes) AS returned
    FROM (
      SELECT "start" / 3600 AS hour, interface_id, CASE WHEN back THEN dstaddr ELSE srcaddr END AS sender, CASE WHEN back THEN srcaddr ELSE dstaddr END AS receiver, dstport,
        sum(CASE WHEN back THEN received_bytes ELSE sent_bytes END) AS moved_bytes, sum(CASE WHEN back THEN sent_bytes ELSE received_bytes END) AS returned_bytes
      FROM {{links}} AS links CROSS JOIN (VALUES (false), (true)) AS directions (back)
      WHERE source_private AND destination_private
      GROUP BY 1, 2, 3, 4, 5
    ) AS directed
    GROUP BY 1, 2, 3, 4
  ) AS by_port
  GROUP BY 1, 2, 3
), large AS (
  SELECT DISTINCT sender, receiver FROM moved
  WHERE moved_bytes >= {{floor_bytes}} AND hour * 3600 + 3600 > {{from}} AND hour * 3600 < {{to}}
), received AS (
  SELECT related.*, sum(moved_bytes) OVER (PARTITION BY receiver, hour) AS all_received
  FROM (
    -- Only what the large ones are compared with.
    SELECT * FROM moved
    WHERE sender IN (SELECT sender FROM large) OR receiver IN (SELECT receiver FROM large)
      OR {{> source_network address=sender}} || ' ' || {{> source_network address=receiver}} IN (SELECT {{> source_network address=sender}} || ' ' || {{> source_network address=receiver}} FROM large)
  ) AS related
), compared AS (
  SELECT received.*, {{> wide_network address=sender}} <> {{> wide_network address=receiver}} AS crosses,
    max(moved_bytes) OVER (PARTITION BY sender ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND 6 PRECEDING) AS sender_before,
    max(all_received) OVER (PARTITION BY receiver ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND 6 PRECEDING) AS receiver_before,
    max(moved_bytes) OVER (PARTITION BY {{> source_network address=sender}}, {{> source_network address=receiver}} ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND 6 PRECEDING) AS networks_before,
    hour - min(hour) OVER (PARTITION BY sender ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND CURRENT ROW) AS sender_hours,
    hour - min(hour) OVER (PARTITION BY receiver ORDER BY hour RANGE BETWEEN {{history_hours}} PRECEDING AND CURRENT ROW) AS receiver_hours
  FROM received
), ages AS (
  SELECT min("start" / 3600) AS first_hour FROM {{interface_hours}} AS interface_hours
)
-- Between networks: that nearly nothing went before. Within one: that neither end ever moved as much, and the receiver is no place where much is kept.
SELECT from_unixtime(hour * 3600) AS time, CASE WHEN crosses AND moved_bytes / 10 >= {{floor_bytes}} THEN 'high' ELSE 'medium' END AS severity,
  sender AS srcaddr, receiver AS dstaddr, dstport, moved_bytes AS bytes, CASE WHEN crosses THEN 'of another network' ELSE 'of its own network' END AS what, coalesce(networks_before, 0) AS bytes_before
FROM compared CROSS JOIN ages
WHERE hour - first_hour >= {{warm_up_hours}} AND hour * 3600 + 3600 > {{from}} AND hour * 3600 < {{to}} AND moved_bytes >= returned_bytes / 10
  AND (crosses AND moved_bytes >= {{floor_bytes}} AND moved_bytes / 50 >= coalesce(networks_before, 0)
    OR moved_bytes / 10 >= {{floor_bytes}} AND moved_bytes >= {{min_ratio}} * coalesce(sender_before, 0) AND coalesce(receiver_before, 0) < {{floor_bytes}} AND sender_hours >= {{warm_up_hours}} AND receiver_hours >= {{warm_up_hours}})
ORDER BY time, srcaddr, dstaddr
