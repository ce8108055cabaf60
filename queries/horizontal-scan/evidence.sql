SELECT from_unixtime("start" / 60 * 60) AS time, dstaddr AS lane, CASE WHEN action = 'REJECT' THEN 'refused' ELSE 'accepted' END AS outcome, count(*) AS value
FROM {{records}}
WHERE {{window}} AND {{scope}} AND srcaddr = {{key_srcaddr}} AND dstport = {{key_dstport}}
GROUP BY 1, 2, 3
ORDER BY time, lane, outcome
