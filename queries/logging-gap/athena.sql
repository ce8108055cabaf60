WITH seen AS (
  SELECT interface_id, "start" / ({{bucket_minutes}} * 60) AS bucket, count(*) AS records, count_if(log_status = 'SKIPDATA') AS skipped
  FROM {{records}}
  WHERE {{lookback}} AND {{scope}} AND interface_id IS NOT NULL
  GROUP BY 1, 2
), judged AS (
  SELECT seen.*, coalesce(lead(bucket) OVER (PARTITION BY interface_id ORDER BY bucket), {{to}} / ({{bucket_minutes}} * 60)) AS next_bucket,
    count(*) OVER (PARTITION BY interface_id ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND CURRENT ROW) AS seen_buckets,
    count(*) OVER (ORDER BY bucket RANGE BETWEEN 1 FOLLOWING AND {{silent_buckets}} FOLLOWING) AS elsewhere
  FROM seen
), gaps AS (
  SELECT interface_id, gap, records, skipped, seen_buckets, CASE WHEN gap = 'silent' THEN bucket + 1 ELSE bucket END AS bucket,
    CASE WHEN gap = 'silent' THEN bucket + {{silent_buckets}} ELSE bucket END AS known_at
  FROM judged CROSS JOIN UNNEST(ARRAY['skipdata', 'silent']) AS kinds(gap)
  WHERE (gap = 'skipdata' AND skipped >= {{min_skipped}})
    OR (gap = 'silent' AND next_bucket - bucket > {{silent_buckets}} AND seen_buckets >= {{min_seen_buckets}} AND elsewhere > 0)
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, interface_id, gap, CASE WHEN gap = 'skipdata' THEN skipped END AS skipped, seen_buckets
FROM gaps
WHERE known_at * {{bucket_minutes}} * 60 + {{bucket_minutes}} * 60 > {{from}} AND known_at * {{bucket_minutes}} * 60 < {{to}}
ORDER BY time, interface_id, gap
