WITH refused AS (
  SELECT "start" / 3600 AS hour, srcaddr, source_private, dstaddr, dstport, protocol, max(refused) AS refused, max(sent_packets) AS packets
  FROM {{attempts}} AS attempts
  WHERE refused > 0
  GROUP BY 1, 2, 3, 4, 5, 6
), subjects AS (
  -- A stranger is known by its address. Inside, many clients of one closed door are one fault, that of the door.
  SELECT hour, CASE WHEN source_private THEN dstaddr || ':' || CAST(dstport AS VARCHAR) ELSE srcaddr END AS subject, source_private, srcaddr, dstaddr, dstport, refused, packets FROM refused
), hours AS (
  SELECT hour, subject, source_private, sum(refused) AS refused, sum(packets) AS packets
  FROM subjects
  GROUP BY 1, 2, 3
), days AS (
  SELECT hours.*, sum(refused) OVER day AS refused_in_all, sum(packets) OVER day AS packets_in_all
  FROM hours
  WINDOW day AS (PARTITION BY subject ORDER BY hour RANGE BETWEEN {{hours}} - 1 PRECEDING AND CURRENT ROW)
), suspects AS (
  SELECT * FROM days WHERE refused_in_all >= {{connections}} OR packets_in_all >= {{packets}}
), targets AS (
  SELECT suspects.hour, suspects.subject, suspects.source_private, subjects.srcaddr, subjects.dstaddr, subjects.dstport, sum(subjects.packets) AS packets, sum(subjects.refused) AS refused
  FROM suspects JOIN subjects ON subjects.subject = suspects.subject AND subjects.hour BETWEEN suspects.hour - {{hours}} + 1 AND suspects.hour
  GROUP BY 1, 2, 3, 4, 5, 6
), placed AS (
  SELECT targets.*, row_number() OVER (PARTITION BY hour, subject ORDER BY packets DESC, srcaddr, dstaddr, dstport) AS place FROM targets
), counted AS (
  SELECT hour, subject, source_private, min(CASE WHEN place = 1 THEN srcaddr END) AS srcaddr, min(CASE WHEN place = 1 THEN dstaddr END) AS dstaddr, min(CASE WHEN place = 1 THEN dstport END) AS dstport,
    count(DISTINCT srcaddr) AS sources, count(DISTINCT dstaddr) AS hosts, count(DISTINCT dstport) AS ports, CAST(sum(refused) AS BIGINT) AS refused, CAST(sum(packets) AS BIGINT) AS packets
  FROM placed
  GROUP BY 1, 2, 3
)
SELECT from_unixtime(hour * 3600) AS time, CASE WHEN source_private THEN 'low' ELSE 'info' END AS severity, subject, srcaddr, CASE WHEN sources = 1 THEN srcaddr ELSE CAST(sources AS VARCHAR) || ' sources' END AS who, dstaddr, dstport, sources, hosts, ports, refused, packets
FROM counted
WHERE hosts < {{max_targets}} AND ports < {{max_targets}} AND hour * 3600 + 3600 > {{from}} AND hour * 3600 < {{to}}
ORDER BY time, subject
