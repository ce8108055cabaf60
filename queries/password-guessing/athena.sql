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
  SELECT bucket, srcaddr, source_private, dstport, count(*) AS hosts, min(CASE WHEN place = 1 THEN dstaddr END) AS dstaddr, CAST(max(short) AS BIGINT) AS most, CAST(sum(short) AS BIGINT) AS attempts, CAST(sum(lasting) AS BIGINT) AS lasting, CAST(sum(total_bytes) AS BIGINT) AS total_bytes
  FROM (SELECT spoken.*, row_number() OVER (PARTITION BY bucket, srcaddr, source_private, dstport ORDER BY short DESC, dstaddr) AS place FROM spoken WHERE short * 10 >= connections * 8) AS guessed
  GROUP BY 1, 2, 3, 4
  HAVING max(short) >= {{sessions}} OR NOT source_private AND sum(short) >= {{sessions}}
), past AS (
  SELECT srcaddr, dstaddr, dstport, "start" / 3600 AS hour, max(short) AS short
  FROM {{links}} AS links
  WHERE dstport IN ({{ports}}) AND short > 0 AND (srcaddr IN (SELECT srcaddr FROM guesses) OR NOT source_private AND short >= 10 AND dstaddr IN (SELECT dstaddr FROM guesses))
  GROUP BY 1, 2, 3, 4
), compared AS (
  SELECT guesses.bucket, guesses.srcaddr, source_private, guesses.dstaddr, guesses.dstport, hosts, most, attempts, lasting, total_bytes,
    max(CASE WHEN past.srcaddr = guesses.srcaddr THEN past.short END) AS short_before, count(DISTINCT CASE WHEN past.srcaddr <> guesses.srcaddr AND past.dstaddr = guesses.dstaddr THEN past.srcaddr END) AS others
  FROM guesses LEFT JOIN past ON past.dstport = guesses.dstport AND past.hour BETWEEN guesses.bucket * {{bucket_minutes}} / 60 - {{history_hours}} AND guesses.bucket * {{bucket_minutes}} / 60 - 20
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time,
  CASE WHEN lasting > 0 OR source_private THEN 'high' WHEN others >= 3 THEN 'low' ELSE 'medium' END AS severity,
  srcaddr, dstaddr, dstport, hosts, attempts, CASE WHEN lasting > 0 THEN 'a session followed' ELSE 'no session followed' END AS outcome, total_bytes AS bytes
FROM compared
WHERE short_before IS NULL OR short_before * 2 < most
ORDER BY time, srcaddr, dstport
