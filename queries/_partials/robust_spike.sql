-- Contract: before it a CTE `counted` (actor_type, actor, presence, bucket, value, detail, least_value), one row per actor and bucket; a row of value 0 only says that the actor was
-- there, a least_value of NULL that it is not judged. `presence` names those whose first row begins the past: the actor itself, or '' for all of its kind. Parameters are those of
-- robust_spike.yaml. After it a CTE `spikes` (actor_type, actor, bucket, time, value, detail, baseline, ratio, score, past_buckets). `detail` is any number to be told with the value.
-- Amounts are variance-stabilised (Anscombe: 2 * sqrt(n + 3/8), so that ordinary scatter is about 1 at every level), then compared by median and MAD, with the whole past and, once
-- it has enough days, with the same time of day: the milder verdict counts. And it must be new: what as many days as novelty_days have seen nearly as large is a habit.
candidates AS (
  SELECT actor_type, actor, bucket, value, detail, past_buckets, past_buckets / (1440 / {{bucket_minutes}}) AS past_days
  FROM (SELECT counted.*, bucket - min(bucket) OVER (PARTITION BY presence ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND CURRENT ROW) AS past_buckets FROM counted) AS aged
  WHERE value >= least_value AND past_buckets >= {{warm_up_buckets}} AND bucket * {{bucket_minutes}} * 60 + {{bucket_minutes}} * 60 > {{from}} AND bucket * {{bucket_minutes}} * 60 < {{to}}
), past AS (
  -- With itself, which stands for all buckets without a row below. A text that names a CTE twice makes it twice, in Athena as in Trino.
  SELECT candidates.*, earlier.bucket AS earlier_bucket, earlier.value AS earlier_value,
    CASE WHEN earlier.bucket < candidates.bucket
      AND row_number() OVER (PARTITION BY candidates.actor_type, candidates.actor, candidates.bucket, earlier.bucket < candidates.bucket, earlier.bucket / (1440 / {{bucket_minutes}}) ORDER BY earlier.value DESC) = 1 THEN earlier.value END AS most_of_day
  FROM candidates JOIN counted AS earlier ON earlier.actor_type = candidates.actor_type AND earlier.actor = candidates.actor AND earlier.bucket BETWEEN candidates.bucket - {{history_buckets}} AND candidates.bucket
), ranked AS (
  SELECT past.*, row_number() OVER (PARTITION BY actor_type, actor, bucket ORDER BY most_of_day DESC NULLS LAST) AS day_place FROM past
), points AS (
  -- All buckets without a row, which are zeros, are one point: that of the bucket itself.
  SELECT actor_type, actor, bucket, value, detail, past_buckets, compared, CASE WHEN compared = 'all' THEN past_buckets ELSE past_days END AS total, CASE WHEN day_place = {{novelty_days}} THEN most_of_day END AS seen_before,
    CASE WHEN earlier_bucket < bucket THEN earlier_value ELSE 0 END AS amount, CASE WHEN earlier_bucket < bucket THEN 1 ELSE 0 END AS there
  FROM ranked CROSS JOIN (VALUES ('all'), ('same time')) AS comparisons (compared)
  WHERE compared = 'all' OR past_days >= {{same_time_days}} AND (bucket - earlier_bucket) % (1440 / {{bucket_minutes}}) = 0
), weighed AS (
  SELECT actor_type, actor, bucket, value, detail, past_buckets, compared, total, seen_before, 2e0 * sqrt(CAST(amount AS DOUBLE) + 375e-3) AS x,
    CASE WHEN there = 1 THEN 1 ELSE greatest(total - sum(there) OVER (PARTITION BY actor_type, actor, bucket, compared), 0) END AS weight
  FROM points
), ordered AS (
  SELECT weighed.*, sum(weight) OVER (PARTITION BY actor_type, actor, bucket, compared ORDER BY x ROWS UNBOUNDED PRECEDING) AS upto FROM weighed
), centred AS (
  SELECT ordered.*, (min(CASE WHEN upto >= (total + 1) / 2 THEN x END) OVER (PARTITION BY actor_type, actor, bucket, compared)
    + min(CASE WHEN upto >= total / 2 + 1 THEN x END) OVER (PARTITION BY actor_type, actor, bucket, compared)) / 2e0 AS median
  FROM ordered
), deviations AS (
  SELECT centred.*, sum(weight) OVER (PARTITION BY actor_type, actor, bucket, compared ORDER BY abs(x - median) ROWS UNBOUNDED PRECEDING) AS deviations_upto FROM centred
), scored AS (
  SELECT actor_type, actor, bucket, value, detail, past_buckets, compared, max(seen_before) AS seen_before, max(median) AS median,
    (min(CASE WHEN deviations_upto >= (total + 1) / 2 THEN abs(x - median) END) + min(CASE WHEN deviations_upto >= total / 2 + 1 THEN abs(x - median) END)) / 2e0 AS mad
  FROM deviations
  GROUP BY 1, 2, 3, 4, 5, 6, 7
), judged AS (
  SELECT actor_type, actor, bucket, value, detail, past_buckets, max(seen_before) AS seen_before,
    round(max(greatest(median * median / 4e0 - 375e-3, 0e0)), 1) AS baseline,
    round(min(value / greatest(median * median / 4e0 - 375e-3, 1e0)), 1) AS ratio,
    round(min((2e0 * sqrt(CAST(value AS DOUBLE) + 375e-3) - median) / greatest(14826e-4 * mad, 1e0)), 1) AS score
  FROM scored
  GROUP BY 1, 2, 3, 4, 5, 6
), spikes AS (
  SELECT judged.*, from_unixtime(bucket * {{bucket_minutes}} * 60) AS time
  FROM judged
  WHERE score >= {{min_score}} AND ratio >= {{min_ratio}} AND value >= {{min_novelty}} * coalesce(seen_before, 0)
)
