SELECT from_unixtime("start" / 300 * 300) AS time, srcaddr || ' to ' || dstaddr AS lane, CAST(NULL AS VARCHAR) AS outcome, sum(packets) AS value
FROM {{records}}
WHERE {{window}} AND {{scope}} AND interface_id = {{key_interface_id}} AND protocol = {{key_protocol}} AND action = 'ACCEPT'
GROUP BY 1, 2
ORDER BY time, lane
