-- Contract: before it a CTE `counted` (actor_type, actor, bucket, value > 0, peers, ports, least_value), one row per actor and bucket that has any;
-- parameters bucket_minutes, history_buckets, warm_up_buckets, min_score, min_ratio. After it a CTE `spikes`.
-- One pass over the records: the past of a bucket travels with it as an array. Counts are variance-stabilised (Anscombe: 2 * sqrt(n + 3/8), so that
-- ordinary scatter is about 1 at every level), then compared by median and MAD. Buckets without records are zeros: the element -1 stands for all of them.
with_past AS (
  SELECT actor_type, actor, bucket, value, peers, ports, least_value, min(bucket) OVER () AS first_bucket,
    array_agg(value) OVER (PARTITION BY actor_type, actor ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND 1 PRECEDING) AS past
  FROM counted
), candidates AS (
  SELECT actor_type, actor, bucket, value, peers, ports, past, least({{history_buckets}}, bucket - first_bucket) AS past_buckets
  FROM with_past
  WHERE value >= least_value AND bucket * {{bucket_minutes}} * 60 + {{bucket_minutes}} * 60 > {{from}} AND bucket * {{bucket_minutes}} * 60 < {{to}}
), points AS (
  SELECT actor_type, actor, bucket, value, peers, ports, past_buckets, 2e0 * sqrt(CAST(greatest(point, 0) AS DOUBLE) + 375e-3) AS x,
    CASE WHEN point < 0 THEN past_buckets - coalesce(cardinality(past), 0) ELSE 1 END AS weight
  FROM candidates CROSS JOIN UNNEST(CASE WHEN past IS NULL THEN ARRAY[CAST(-1 AS BIGINT)] ELSE past || ARRAY[CAST(-1 AS BIGINT)] END) AS unnested(point)
), ordered AS (
  SELECT points.*, sum(weight) OVER (PARTITION BY actor_type, actor, bucket ORDER BY x ROWS UNBOUNDED PRECEDING) AS upto
  FROM points
), centred AS (
  SELECT ordered.*, (min(CASE WHEN upto >= (past_buckets + 1) / 2 THEN x END) OVER (PARTITION BY actor_type, actor, bucket)
    + min(CASE WHEN upto >= past_buckets / 2 + 1 THEN x END) OVER (PARTITION BY actor_type, actor, bucket)) / 2e0 AS median
  FROM ordered
), deviations AS (
  SELECT centred.*, sum(weight) OVER (PARTITION BY actor_type, actor, bucket ORDER BY abs(x - median) ROWS UNBOUNDED PRECEDING) AS deviations_upto
  FROM centred
), scored AS (
  SELECT actor_type, actor, bucket, max(value) AS value, max(peers) AS peers, max(ports) AS ports, max(past_buckets) AS past_buckets, max(median) AS median,
    (min(CASE WHEN deviations_upto >= (past_buckets + 1) / 2 THEN abs(x - median) END)
    + min(CASE WHEN deviations_upto >= past_buckets / 2 + 1 THEN abs(x - median) END)) / 2e0 AS mad
  FROM deviations
  GROUP BY actor_type, actor, bucket
), judged AS (
  SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, actor_type, actor, value, peers, ports, past_buckets,
    round(greatest(median * median / 4e0 - 375e-3, 0e0), 1) AS baseline,
    round(value / greatest(median * median / 4e0 - 375e-3, 1e0), 1) AS ratio,
    round((2e0 * sqrt(CAST(value AS DOUBLE) + 375e-3) - median) / greatest(14826e-4 * mad, 1e0), 1) AS score
  FROM scored
), spikes AS (
  SELECT * FROM judged
  WHERE (past_buckets >= {{warm_up_buckets}} AND score >= {{min_score}} AND ratio >= {{min_ratio}})
    OR value >= {{absolute_limit}}
)
