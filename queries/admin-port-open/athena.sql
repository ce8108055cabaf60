WITH pairs AS (
  SELECT srcaddr, dstaddr, dstport, "start" / ({{bucket_minutes}} * 60) AS bucket, count(*) AS records, sum(bytes) AS total_bytes
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'ACCEPT' AND protocol = 6 AND dstport IN ({{ports}}) AND NOT (srcport < 1024 AND dstport >= 32768)
  GROUP BY 1, 2, 3, 4
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, dstaddr, dstport, count(DISTINCT srcaddr) AS sources, CAST(sum(records) AS BIGINT) AS records, CAST(sum(total_bytes) AS BIGINT) AS bytes
FROM pairs
WHERE NOT ({{> non_public_address address=srcaddr}})
GROUP BY bucket, dstaddr, dstport
HAVING count(DISTINCT srcaddr) >= {{min_sources}}
ORDER BY time, dstaddr, dstport
