WITH hours AS (
  SELECT "start" / 3600 AS hour, srcaddr, dstaddr, max(sent_bytes) AS sent_bytes, max(received_bytes) AS received_bytes, max(sent_packets) AS sent_packets, max(received_packets) AS received_packets
  FROM {{links}} AS links
  WHERE source_private AND dstport = 53 AND protocol IN (6, 17)
  GROUP BY 1, 2, 3
), compared AS (
  SELECT hours.*, sent_bytes + received_bytes AS total_bytes, max(sent_bytes + received_bytes) OVER (PARTITION BY srcaddr ORDER BY hour RANGE BETWEEN 192 PRECEDING AND 12 PRECEDING) AS most_before,
    sum(sent_bytes + received_bytes) OVER (PARTITION BY hour) AS network_bytes, count(*) OVER (PARTITION BY hour, dstaddr) AS sources
  FROM hours
)
SELECT from_unixtime(hour * 3600) AS time, srcaddr, dstaddr, CAST(total_bytes AS BIGINT) AS bytes, CAST(sent_packets + received_packets AS BIGINT) AS packets, round(CAST(sent_bytes AS DOUBLE) / sent_packets, 0) AS query_bytes, CAST(coalesce(most_before, 0) AS BIGINT) AS bytes_before
FROM compared
WHERE total_bytes >= {{floor_bytes}} AND total_bytes >= {{min_ratio}} * coalesce(most_before, 0) AND sent_bytes >= {{query_bytes}} * sent_packets AND sent_packets > 0
  AND hour * 3600 + 3600 > {{from}} AND hour * 3600 < {{to}}
ORDER BY time, srcaddr, dstaddr
