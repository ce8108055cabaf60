WITH minutes AS (
  SELECT srcaddr, dstaddr, dstport, protocol, "start" / 60 AS minute, sum(bytes) AS total_bytes, max("end" - "start") AS seconds
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'ACCEPT' AND srcaddr IS NOT NULL AND dstport NOT IN ({{ignored_ports}}) AND NOT (srcport < 1024 AND dstport >= 32768)
  GROUP BY 1, 2, 3, 4, 5
), spaced AS (
  SELECT minutes.*, minute * 60 / ({{bucket_minutes}} * 60) AS bucket,
    minute - lag(minute) OVER (PARTITION BY srcaddr, dstaddr, dstport, protocol, minute / {{bucket_minutes}} ORDER BY minute) AS gap
  FROM minutes
), paired AS (
  SELECT srcaddr, dstaddr, dstport, protocol, bucket, count(*) AS contacts, avg(CAST(gap AS DOUBLE)) AS mean_gap, stddev_pop(CAST(gap AS DOUBLE)) AS gap_deviation,
    CAST(sum(total_bytes) AS BIGINT) AS total_bytes, max(total_bytes) AS largest, max(seconds) AS longest
  FROM spaced
  GROUP BY 1, 2, 3, 4, 5
), beacons AS (
  SELECT paired.*, count(*) OVER (PARTITION BY dstaddr, dstport, protocol, bucket) AS sources
  FROM paired
  WHERE contacts >= {{min_contacts}} AND mean_gap >= {{min_gap_minutes}} AND gap_deviation <= mean_gap * {{jitter_percent}} / 100e0
    AND largest <= {{max_bytes}} AND longest * 2e0 <= mean_gap * 60e0
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, srcaddr, dstaddr, dstport, protocol, contacts, round(mean_gap, 1) AS gap_minutes, round(100e0 * gap_deviation / mean_gap, 1) AS jitter,
  total_bytes AS bytes
FROM beacons
WHERE sources <= {{max_sources}} AND ({{> non_public_address address=srcaddr}}) AND NOT ({{> non_public_address address=dstaddr}})
ORDER BY time, srcaddr, dstaddr, dstport, protocol
