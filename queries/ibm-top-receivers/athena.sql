SELECT target_ip, sum(bytes_from_initiator) AS bytes
FROM {{records}}
WHERE {{window}} AND log_status = 'OK'
GROUP BY target_ip
ORDER BY bytes DESC, target_ip
LIMIT {{limit}}
