-- What an interface exchanged with the internet and what was refused there, by the hour; an hour with NODATA only says that the interface was there. Where one own address carries
-- as much as all others together, the interface translates (a NAT gateway writes each flow before and after): that counts once. The peer is that of the largest five minutes; where nothing was carried there is none.
SELECT "start", interface_id, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id,
  CAST(CASE WHEN count(own) > 1 AND 2 * max(bytes_out) BETWEEN sum(bytes_out) * 97 / 100 AND sum(bytes_out) * 103 / 100 THEN max(bytes_out) ELSE sum(bytes_out) END AS BIGINT) AS bytes_out,
  CAST(CASE WHEN count(own) > 1 AND 2 * max(bytes_in) BETWEEN sum(bytes_in) * 97 / 100 AND sum(bytes_in) * 103 / 100 THEN max(bytes_in) ELSE sum(bytes_in) END AS BIGINT) AS bytes_in,
  max_by(CASE WHEN bytes_out > 0 THEN own END, bytes_out) AS own_out, max_by(peer_out, most_out) AS peer_out, max_by(port_out, most_out) AS port_out, max_by(CASE WHEN bytes_in > 0 THEN own END, bytes_in) AS own_in, max_by(peer_in, most_in) AS peer_in, max_by(port_in, most_in) AS port_in,
  CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(refused) AS BIGINT) AS refused, CAST(sum(refused_inside) AS BIGINT) AS refused_inside, CAST(sum(refused_out) AS BIGINT) AS refused_out
FROM (
  SELECT "start" / 3600 * 3600 AS "start", interface_id, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id, own,
    sum(bytes_out) AS bytes_out, sum(bytes_in) AS bytes_in, max(bytes_out) AS most_out, max_by(CASE WHEN bytes_out > 0 THEN peer END, bytes_out) AS peer_out, max_by(CASE WHEN bytes_out > 0 THEN dstport END, bytes_out) AS port_out,
    max(bytes_in) AS most_in, max_by(CASE WHEN bytes_in > 0 THEN peer END, bytes_in) AS peer_in, max_by(CASE WHEN bytes_in > 0 THEN dstport END, bytes_in) AS port_in,
    sum(connections) AS connections, sum(refused) AS refused, sum(refused_inside) AS refused_inside, sum(refused_out) AS refused_out
  FROM (
    SELECT "start", interface_id, vpc_id, subnet_id, dstport, connections, refused,
      CASE WHEN source_private = destination_private THEN NULL WHEN source_private THEN srcaddr ELSE dstaddr END AS own, CASE WHEN source_private = destination_private THEN NULL WHEN source_private THEN dstaddr ELSE srcaddr END AS peer,
      CASE WHEN source_private = destination_private THEN 0 WHEN source_private THEN sent_bytes ELSE received_bytes END AS bytes_out,
      CASE WHEN source_private = destination_private THEN 0 WHEN source_private THEN received_bytes ELSE sent_bytes END AS bytes_in,
      CASE WHEN source_private THEN refused ELSE 0 END AS refused_inside, CASE WHEN source_private AND NOT destination_private THEN refused ELSE 0 END AS refused_out
    FROM {{conversations}} AS conversations
    UNION ALL
    SELECT "start", interface_id, {{vpc_id}}, {{subnet_id}}, NULL, 0, 0, NULL, NULL, 0, 0, 0, 0
    FROM {{records}}
    WHERE {{within}} AND {{scope}} AND srcaddr IS NULL AND interface_id IS NOT NULL
  ) AS directed
  GROUP BY "start" / 3600, interface_id, own
) AS by_own
GROUP BY "start", interface_id
