SELECT from_unixtime("start" / 300 * 300) AS time, srcaddr AS lane, 'refused' AS outcome, sum(packets) AS value
FROM {{records}}
WHERE {{window}} AND {{scope}} AND interface_id = {{key_interface_id}} AND srcaddr = {{key_srcaddr}} AND action = 'REJECT'
GROUP BY 1, 2
ORDER BY time, lane
