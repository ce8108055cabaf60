-- Contract: before it a CTE `counted` (actor_type, actor, presence, bucket, value, peers, ports, least_value), one row per actor and bucket; a row of
-- value 0 only says that the actor was there. `presence` names those whose first row begins the past: the actor itself, or '' for all of its kind.
-- Parameters are those of robust_spike.yaml. After it a CTE `spikes`.
-- One pass over the records: the past of a bucket travels with it as an array. Counts are variance-stabilised (Anscombe: 2 * sqrt(n + 3/8), so that
-- ordinary scatter is about 1 at every level), then compared by median and MAD, with the whole past and, once it has enough days, with the same time of
-- day: the milder verdict counts. And it must be new: larger than what the past has seen already (its novelty_rank-th largest bucket). Elements of the array are 2 * value for the whole past and 2 * value + 1 for the same time of day; -2 and -1 stand for
-- all the buckets without records, which are zeros.
with_past AS (
  SELECT actor_type, actor, bucket, value, peers, ports, least_value,
    bucket - min(bucket) OVER (PARTITION BY presence ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND CURRENT ROW) AS past_buckets,
    array_agg(value * 2) OVER (PARTITION BY actor_type, actor ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND 1 PRECEDING) AS past,
    array_agg(value * 2 + 1) OVER (PARTITION BY actor_type, actor, bucket % (1440 / {{bucket_minutes}}) ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND 1 PRECEDING) AS same_time
  FROM counted
), candidates AS (
  SELECT actor_type, actor, bucket, value, peers, ports, past, same_time, past_buckets, past_buckets / (1440 / {{bucket_minutes}}) AS past_days
  FROM with_past
  WHERE value >= least_value AND bucket * {{bucket_minutes}} * 60 + {{bucket_minutes}} * 60 > {{from}} AND bucket * {{bucket_minutes}} * 60 < {{to}}
), points AS (
  SELECT actor_type, actor, bucket, value, peers, ports, past_buckets, point % 2 AS kind, greatest(point / 2, 0) AS amount,
    CASE WHEN point % 2 = 0 THEN past_buckets ELSE past_days END AS total, 2e0 * sqrt(CAST(greatest(point / 2, 0) AS DOUBLE) + 375e-3) AS x,
    CASE point WHEN -2 THEN past_buckets - coalesce(cardinality(past), 0) WHEN -1 THEN past_days - coalesce(cardinality(same_time), 0) ELSE 1 END AS weight
  FROM candidates CROSS JOIN UNNEST(CASE WHEN past IS NULL THEN ARRAY[CAST(-2 AS BIGINT), CAST(-1 AS BIGINT)]
    WHEN same_time IS NULL THEN past || ARRAY[CAST(-2 AS BIGINT), CAST(-1 AS BIGINT)]
    ELSE past || same_time || ARRAY[CAST(-2 AS BIGINT), CAST(-1 AS BIGINT)] END) AS unnested(point)
  WHERE point % 2 = 0 OR past_days >= {{same_time_days}}
), signed AS (
  SELECT actor_type, actor, bucket, value, peers, ports, past_buckets, abs(kind) AS kind, amount, total, x, weight FROM points
), ordered AS (
  SELECT signed.*, sum(weight) OVER (PARTITION BY actor_type, actor, bucket, kind ORDER BY x ROWS UNBOUNDED PRECEDING) AS upto,
    row_number() OVER (PARTITION BY actor_type, actor, bucket, kind ORDER BY x DESC) AS place
  FROM signed
), centred AS (
  SELECT ordered.*, (min(CASE WHEN upto >= (total + 1) / 2 THEN x END) OVER (PARTITION BY actor_type, actor, bucket, kind)
    + min(CASE WHEN upto >= total / 2 + 1 THEN x END) OVER (PARTITION BY actor_type, actor, bucket, kind)) / 2e0 AS median
  FROM ordered
), deviations AS (
  SELECT centred.*, sum(weight) OVER (PARTITION BY actor_type, actor, bucket, kind ORDER BY abs(x - median) ROWS UNBOUNDED PRECEDING) AS deviations_upto
  FROM centred
), scored AS (
  SELECT actor_type, actor, bucket, kind, max(value) AS value, max(peers) AS peers, max(ports) AS ports, max(past_buckets) AS past_buckets, max(median) AS median,
    max(CASE WHEN kind = 0 AND place = {{novelty_rank}} THEN amount END) AS seen_before,
    (min(CASE WHEN deviations_upto >= (total + 1) / 2 THEN abs(x - median) END)
    + min(CASE WHEN deviations_upto >= total / 2 + 1 THEN abs(x - median) END)) / 2e0 AS mad
  FROM deviations
  GROUP BY actor_type, actor, bucket, kind
), judged AS (
  SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, actor_type, actor, max(value) AS value, max(peers) AS peers, max(ports) AS ports, max(past_buckets) AS past_buckets,
    coalesce(max(seen_before), 0) AS seen_before,
    round(max(greatest(median * median / 4e0 - 375e-3, 0e0)), 1) AS baseline,
    round(min(value / greatest(median * median / 4e0 - 375e-3, 1e0)), 1) AS ratio,
    round(min((2e0 * sqrt(CAST(value AS DOUBLE) + 375e-3) - median) / greatest(14826e-4 * mad, 1e0)), 1) AS score
  FROM scored
  GROUP BY actor_type, actor, bucket
), spikes AS (
  SELECT * FROM judged
  WHERE past_buckets >= {{warm_up_buckets}} AND score >= {{min_score}} AND ratio >= {{min_ratio}} AND value >= {{min_novelty}} * seen_before
)
