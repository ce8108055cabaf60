WITH pairs AS (
  SELECT srcaddr, dstaddr, dstport, "start" / ({{bucket_minutes}} * 60) AS bucket, count(*) AS records, sum(bytes) AS total_bytes
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action = 'ACCEPT' AND dstport IN (53, 853) AND srcaddr IS NOT NULL
  GROUP BY 1, 2, 3, 4
), unapproved AS (
  SELECT pairs.*
  FROM pairs LEFT JOIN (
    SELECT DISTINCT dstaddr AS resolver
    FROM pairs CROSS JOIN UNNEST(ARRAY[{{resolvers}}]) AS listed(network)
    WHERE contains(network, TRY_CAST(dstaddr AS IPADDRESS))
  ) AS approved ON approved.resolver = pairs.dstaddr
  WHERE approved.resolver IS NULL AND ({{> non_public_address address=srcaddr}})
)
SELECT from_unixtime(bucket * {{bucket_minutes}} * 60) AS time, srcaddr, dstaddr, dstport, records, CAST(total_bytes AS BIGINT) AS bytes
FROM unapproved
WHERE records >= {{min_records}}
ORDER BY time, srcaddr, dstaddr, dstport
