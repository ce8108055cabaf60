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
), known AS (
  SELECT DISTINCT let_in.srcaddr, let_in.dstaddr, let_in.dstport, let_in."start"
  FROM let_in JOIN {{links}} AS links ON links.srcaddr = let_in.srcaddr AND links.dstaddr = let_in.dstaddr AND links.dstport = let_in.dstport
  WHERE links."start" < let_in."start" / 3600 * 3600 AND links."start" >= let_in."start" / 3600 * 3600 - {{known_hours}} * 3600
), doors AS (
  -- A port that many reach was not opened for this source.
  SELECT let_in.srcaddr, let_in.dstaddr, let_in.dstport, let_in."start", count(DISTINCT links.srcaddr) AS sources
  FROM let_in JOIN {{links}} AS links ON links.dstaddr = let_in.dstaddr AND links.dstport = let_in.dstport AND links.srcaddr <> let_in.srcaddr
  WHERE links."start" <= let_in."start" / 3600 * 3600 AND links."start" >= let_in."start" / 3600 * 3600 - {{known_hours}} * 3600
  GROUP BY 1, 2, 3, 4
), told AS (
  SELECT let_in."start" / ({{bucket_minutes}} * 60) AS bucket, let_in.srcaddr, source_private, let_in.dstaddr, let_in.dstport, greatest(by_host, on_port) AS rejected, same_port, accepted, total_bytes,
    row_number() OVER (PARTITION BY let_in."start" / ({{bucket_minutes}} * 60), let_in.srcaddr ORDER BY same_port DESC, greatest(by_host, on_port) DESC, total_bytes DESC, let_in.dstaddr, let_in.dstport, let_in."start") AS place,
    count(*) OVER (PARTITION BY let_in."start" / ({{bucket_minutes}} * 60), let_in.srcaddr) AS doors
  FROM let_in LEFT JOIN doors ON doors.srcaddr = let_in.srcaddr AND doors.dstaddr = let_in.dstaddr AND doors.dstport = let_in.dstport AND doors."start" = let_in."start"
    LEFT JOIN known ON known.srcaddr = let_in.srcaddr AND known.dstaddr = let_in.dstaddr AND known.dstport = let_in.dstport AND known."start" = let_in."start"
  WHERE known.srcaddr IS NULL AND (same_port > 0 OR coalesce(sources, 0) < {{open_sources}})
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, CASE WHEN source_private OR dstport IN ({{administration}}) THEN 'high' ELSE 'medium' END AS severity,
  srcaddr, dstaddr, dstport, CAST(rejected AS BIGINT) AS rejected_before, CAST(same_port AS BIGINT) AS rejected_same_port, doors, accepted, total_bytes AS bytes
FROM told
WHERE place = 1
ORDER BY time, srcaddr
