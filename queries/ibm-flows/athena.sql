SELECT stream_id, network_interface_id, from_unixtime("start") AS start_time, direction, action, transport_protocol, initiator_ip, initiator_port, target_ip, target_port,
  packets_from_initiator, bytes_from_initiator, packets_from_target, bytes_from_target, was_initiated, was_terminated
FROM {{records}}
WHERE {{window}} AND log_status = 'OK'
ORDER BY stream_id, "start", network_interface_id, initiator_ip, initiator_port, target_ip, target_port, transport_protocol, action,
  packets_from_initiator, bytes_from_initiator, packets_from_target, bytes_from_target
LIMIT {{limit}}
