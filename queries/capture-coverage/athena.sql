SELECT interface_id, from_unixtime(min(first_start)) AS first_seen, from_unixtime(max(last_end)) AS last_seen, sum(records) AS records, sum(skipped) AS skipped,
  count(*) AS minutes_covered, round(1e2 * count(*) / (({{to}} - {{from}} + 59) / 60), 2) AS coverage_percent
FROM (
  SELECT interface_id, "start" / 60 AS minute, min("start") AS first_start, max("end") AS last_end, count(*) AS records, count_if(log_status = 'SKIPDATA') AS skipped
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND interface_id IS NOT NULL
  GROUP BY 1, 2
) AS minutes
GROUP BY interface_id
ORDER BY coverage_percent, interface_id
