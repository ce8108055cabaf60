WITH suspects AS (
  SELECT srcaddr
  FROM {{conversations}} AS conversations
  WHERE "start" < {{to}} AND refused > 0
  GROUP BY srcaddr
  HAVING sum(refused) >= {{min_rejections}}
), refusals AS (
  SELECT srcaddr, dstaddr, dstport, "start", min(first_start) AS first_start, max(refused) AS refused
  FROM {{conversations}} AS conversations
  WHERE "start" < {{to}} AND refused > 0 AND srcaddr IN (SELECT srcaddr FROM suspects)
  GROUP BY 1, 2, 3, 4
), sessions AS (
  SELECT srcaddr, source_private, dstaddr, dstport, "start", max(last_start) AS last_start, max(established) AS accepted, max(established - short) AS lasting, max(sent_bytes + received_bytes) AS total_bytes
  FROM {{conversations}} AS conversations
  WHERE "start" + 300 > {{from}} AND "start" < {{to}} AND established > 0 AND protocol = 6 AND srcaddr IN (SELECT srcaddr FROM suspects)
  GROUP BY 1, 2, 3, 4, 5
), entries AS (
  SELECT sessions.srcaddr, sessions.source_private, sessions.dstaddr, sessions.dstport, sessions."start", max(accepted) AS accepted, max(lasting) AS lasting, max(total_bytes) AS total_bytes,
    coalesce(sum(CASE WHEN refusals.dstaddr = sessions.dstaddr THEN refused END), 0) AS by_host, coalesce(sum(CASE WHEN refusals.dstport = sessions.dstport THEN refused END), 0) AS on_port,
    coalesce(sum(CASE WHEN refusals.dstaddr = sessions.dstaddr AND refusals.dstport = sessions.dstport THEN refused END), 0) AS same_port
  FROM sessions JOIN refusals ON refusals.srcaddr = sessions.srcaddr AND refusals."start" <= sessions."start" AND refusals."start" > sessions."start" - {{within_minutes}} * 60 AND refusals.first_start < sessions.last_start
  WHERE refusals.dstaddr = sessions.dstaddr OR refusals.dstport = sessions.dstport
  GROUP BY 1, 2, 3, 4, 5
), let_in AS (
  SELECT * FROM entries WHERE greatest(by_host, on_port) >= {{min_rejections}} AND same_port >= {{min_same_port}} AND (same_port > 0 OR lasting > 0)
), compared AS (
  -- What it has done before is no news, and a port that many reach was not opened for this source.
  SELECT let_in.srcaddr, let_in.source_private, let_in.dstaddr, let_in.dstport, let_in."start", let_in.by_host, let_in.on_port, let_in.same_port, let_in.accepted, let_in.total_bytes,
    count(CASE WHEN links.srcaddr = let_in.srcaddr AND links."start" < let_in."start" / 3600 * 3600 THEN 1 END) AS known, count(DISTINCT CASE WHEN links.srcaddr <> let_in.srcaddr THEN links.srcaddr END) AS sources
  FROM let_in LEFT JOIN {{links}} AS links ON links.dstaddr = let_in.dstaddr AND links.dstport = let_in.dstport AND links."start" <= let_in."start" / 3600 * 3600 AND links."start" >= let_in."start" / 3600 * 3600 - {{known_hours}} * 3600
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
), told AS (
  SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, srcaddr, source_private, dstaddr, dstport, greatest(by_host, on_port) AS rejected, same_port, accepted, total_bytes,
    row_number() OVER (PARTITION BY "start" / ({{bucket_minutes}} * 60), srcaddr ORDER BY same_port DESC, greatest(by_host, on_port) DESC, total_bytes DESC, dstaddr, dstport, "start") AS place,
    count(*) OVER (PARTITION BY "start" / ({{bucket_minutes}} * 60), srcaddr) AS doors
  FROM compared
  WHERE known = 0 AND (same_port > 0 OR sources < {{open_sources}})
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, CASE WHEN source_private OR dstport IN ({{administration}}) THEN 'high' ELSE 'medium' END AS severity,
  srcaddr, dstaddr, dstport, CAST(rejected AS BIGINT) AS rejected_before, CAST(same_port AS BIGINT) AS rejected_same_port, doors, accepted, total_bytes AS bytes
FROM told
WHERE place = 1
ORDER BY time, srcaddr
