-- Bytes between an interface and the internet by bucket, as `counted` of robust_spike, and what is judged without a past of one's own. Arguments: out or in.
hours AS (
  SELECT interface_id, "start" / ({{bucket_minutes}} * 60) AS bucket, CAST(sum(bytes_[[way]]) AS BIGINT) AS value, max_by(own_[[way]], bytes_[[way]]) AS own, max_by(peer_[[way]], bytes_[[way]]) AS peer, max_by(port_[[way]], bytes_[[way]]) AS port, sum(connections) AS connections
  FROM {{interface_hours}} AS interface_hours
  GROUP BY 1, 2
), counted AS (
  SELECT 'interface' AS actor_type, interface_id AS actor, interface_id AS presence, bucket, value, 0 AS detail, {{floor_bytes}} AS least_value FROM hours
), aged AS (
  SELECT hours.*, bucket - min(bucket) OVER (PARTITION BY interface_id ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND CURRENT ROW) AS own_age,
    bucket - min(bucket) OVER (ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND CURRENT ROW) AS network_age,
    max(value) OVER (PARTITION BY interface_id ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND 1 PRECEDING) AS own_most,
    max(value) OVER (PARTITION BY {{> source_network address=own}} ORDER BY bucket RANGE BETWEEN {{history_buckets}} PRECEDING AND 1 PRECEDING) AS peers_most
  FROM hours
), {{> robust_spike}}, young AS (
  -- A new interface is compared with those that have its network; in a new network only what is enormous and sudden tells anything.
  SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, interface_id AS actor, bucket, value, greatest(coalesce(own_most, 0), CASE WHEN network_age >= {{warm_up_buckets}} THEN coalesce(peers_most, 0) ELSE 0 END) AS baseline, own_age AS past_buckets
  FROM aged
  WHERE own_age < {{warm_up_buckets}} AND value >= {{floor_bytes}} AND value >= 3 * coalesce(own_most, 0) AND bucket * {{bucket_minutes}} * 60 + {{bucket_minutes}} * 60 > {{from}} AND bucket * {{bucket_minutes}} * 60 < {{to}}
    AND (network_age >= {{warm_up_buckets}} AND value >= 3 * coalesce(peers_most, 0) OR value >= {{absolute_limit}} AND (own_age >= 6 OR network_age >= 6 AND value >= 3 * coalesce(peers_most, 0)))
), found AS (
  SELECT time, actor, bucket, value, baseline, ratio, score, past_buckets FROM spikes
  UNION ALL
  SELECT time, actor, bucket, value, CAST(baseline AS DOUBLE), round(value / greatest(CAST(baseline AS DOUBLE), 1e0), 1), CAST(NULL AS DOUBLE), past_buckets FROM young
), placed AS (
  SELECT found.*, hours.own, hours.peer, hours.port, hours.connections FROM found JOIN hours ON hours.interface_id = found.actor AND hours.bucket = found.bucket
), alike AS (
  -- What others of the same network have nearly done as well is what its hosts are for.
  SELECT placed.time, placed.actor, placed.bucket, placed.value, placed.baseline, placed.ratio, placed.score, placed.past_buckets, placed.own, placed.peer, placed.port, placed.connections,
    count(DISTINCT CASE WHEN {{> source_network address=others.own}} = {{> source_network address=placed.own}} THEN others.interface_id END) AS interfaces, count(DISTINCT others.interface_id) AS wide_interfaces
  FROM placed LEFT JOIN hours AS others ON {{> wide_network address=others.own}} = {{> wide_network address=placed.own}} AND others.interface_id <> placed.actor AND others.bucket BETWEEN placed.bucket - {{history_buckets}} AND placed.bucket - 1 AND others.value * 2 >= placed.value
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
), described AS (
  -- What a gateway passes on is told of the interfaces that it came from: they have fewer connections, and together as many bytes with the same peer.
  SELECT alike.*, sum(value) OVER (PARTITION BY bucket, peer, port) - value AS value_of_others, row_number() OVER (PARTITION BY bucket, peer, port ORDER BY connections, actor) AS place, count(*) OVER (PARTITION BY bucket) AS crowd
  FROM alike
  -- An interface with much of a past of its own is judged by that alone.
  WHERE baseline >= {{floor_bytes}} OR interfaces < {{max_alike}} AND wide_interfaces < 3 * {{max_alike}}
)
