SELECT from_unixtime("start" - "start" % 3600) AS hour, network_interface_id, initiator_ip, target_port, count(*) AS flows
FROM {{records}}
WHERE {{window}} AND transport_protocol = 6 AND action = 'accepted'
GROUP BY 1, 2, 3, 4
ORDER BY hour, network_interface_id, initiator_ip, target_port
LIMIT {{limit}}
