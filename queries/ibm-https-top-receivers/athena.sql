SELECT target_ip, sum(packets_from_initiator) AS packets_received, sum(packets_from_target) AS packets_sent
FROM {{records}}
WHERE {{window}} AND target_port = {{port}}
GROUP BY target_ip
ORDER BY packets_received DESC, target_ip
LIMIT {{limit}}
