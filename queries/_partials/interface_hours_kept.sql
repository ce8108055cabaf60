-- Rows of interface_hours that were made by hours of delivery, put together.
SELECT "start", interface_id, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id,
  CAST(sum(bytes_out) AS BIGINT) AS bytes_out, CAST(sum(bytes_in) AS BIGINT) AS bytes_in,
  max_by(own_out, bytes_out) AS own_out, max_by(peer_out, bytes_out) AS peer_out, max_by(port_out, bytes_out) AS port_out, max_by(own_in, bytes_in) AS own_in, max_by(peer_in, bytes_in) AS peer_in, max_by(port_in, bytes_in) AS port_in,
  CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(refused) AS BIGINT) AS refused, CAST(sum(refused_inside) AS BIGINT) AS refused_inside, CAST(sum(refused_out) AS BIGINT) AS refused_out
FROM {{kept}}
WHERE {{within}} AND {{scope}}
GROUP BY "start", interface_id
