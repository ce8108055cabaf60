WITH spoken AS (
  -- Both interfaces of a connection have written it: the larger count is the connection's.
  SELECT bucket, srcaddr, source_private, dstaddr, dstport, max(connections) AS connections, max(short) AS short, max(established - short) AS lasting, max(total_bytes) AS total_bytes
  FROM (
    SELECT "start" / ({{bucket_minutes}} * 60) AS bucket, interface_id, srcaddr, source_private, dstaddr, dstport, sum(connections) AS connections, sum(short) AS short, sum(established) AS established, sum(sent_bytes + received_bytes) AS total_bytes
    FROM {{conversations}} AS conversations
    WHERE "start" + 300 > {{from}} AND "start" < {{to}} AND protocol = 6 AND established > 0 AND dstport IN ({{ports}})
    GROUP BY 1, 2, 3, 4, 5, 6
  ) AS by_interface
  GROUP BY 1, 2, 3, 4, 5
), guesses AS (
  SELECT bucket, srcaddr, source_private, dstport, count(*) AS hosts, CAST(max(short) AS BIGINT) AS most, CAST(sum(short) AS BIGINT) AS attempts, CAST(sum(lasting) AS BIGINT) AS lasting, CAST(sum(total_bytes) AS BIGINT) AS total_bytes
  FROM spoken
  WHERE short * 10 >= connections * 8
  GROUP BY 1, 2, 3, 4
  HAVING max(short) >= {{sessions}} OR NOT source_private AND sum(short) >= {{sessions}}
), victims AS (
  SELECT guesses.bucket, guesses.srcaddr, guesses.dstport, min(spoken.dstaddr) AS dstaddr
  FROM guesses JOIN spoken ON spoken.bucket = guesses.bucket AND spoken.srcaddr = guesses.srcaddr AND spoken.dstport = guesses.dstport AND spoken.short = guesses.most
  GROUP BY 1, 2, 3
), past AS (
  SELECT srcaddr, dstaddr, dstport, "start" / 3600 AS hour, max(short) AS short
  FROM {{links}} AS links
  WHERE dstport IN ({{ports}}) AND short > 0 AND (srcaddr IN (SELECT srcaddr FROM victims) OR NOT source_private AND short >= 10 AND dstaddr IN (SELECT dstaddr FROM victims))
  GROUP BY 1, 2, 3, 4
), habits AS (
  SELECT victims.bucket, victims.srcaddr, victims.dstport, max(CASE WHEN past.srcaddr = victims.srcaddr THEN past.short END) AS short,
    count(DISTINCT CASE WHEN past.srcaddr <> victims.srcaddr AND past.dstaddr = victims.dstaddr THEN past.srcaddr END) AS others
  FROM victims JOIN past ON past.dstport = victims.dstport AND past.hour BETWEEN victims.bucket * {{bucket_minutes}} / 60 - {{history_hours}} AND victims.bucket * {{bucket_minutes}} / 60 - 20
  WHERE past.srcaddr = victims.srcaddr OR past.dstaddr = victims.dstaddr
  GROUP BY 1, 2, 3
)
SELECT from_unixtime(guesses.bucket * {{bucket_minutes}} * 60) AS time,
  CASE WHEN lasting > 0 OR source_private THEN 'high' WHEN coalesce(others, 0) >= 3 THEN 'low' ELSE 'medium' END AS severity,
  guesses.srcaddr, victims.dstaddr, guesses.dstport, hosts, attempts, CASE WHEN lasting > 0 THEN 'a session followed' ELSE 'no session followed' END AS outcome, total_bytes AS bytes
FROM guesses JOIN victims ON victims.bucket = guesses.bucket AND victims.srcaddr = guesses.srcaddr AND victims.dstport = guesses.dstport
  LEFT JOIN habits ON habits.bucket = guesses.bucket AND habits.srcaddr = guesses.srcaddr AND habits.dstport = guesses.dstport
WHERE habits.short IS NULL OR habits.short * 2 < guesses.most
ORDER BY time, srcaddr, dstport
