-- Who spoke to whom, by five minutes: the records of one interface, both directions together, from the viewpoint of the end that began.
-- docs/conversations.md gives each rule with its source. In: records. Out, one row per five minutes, interface, srcaddr (began), dstaddr, dstport and protocol.
SELECT slot * 300 AS "start", interface_id, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id, srcaddr, dstaddr, dstport, protocol,
  {{> non_public_address address=srcaddr}} AS source_private, {{> non_public_address address=dstaddr}} AS destination_private,
  count(CASE WHEN outcome <> 'late' THEN 1 END) AS connections, count(CASE WHEN outcome = 'late' THEN 1 END) AS late,
  count(CASE WHEN outcome = 'refused' THEN 1 END) AS refused, count(CASE WHEN outcome = 'unanswered' THEN 1 END) AS unanswered,
  count(CASE WHEN outcome = 'closed' THEN 1 END) AS closed, count(CASE WHEN outcome = 'established' THEN 1 END) AS established,
  count(CASE WHEN outcome = 'established' AND sent_packets + received_packets BETWEEN 8 AND 100 AND sent_bytes + received_bytes <= 40000 THEN 1 END) AS short,
  CAST(sum(sent_packets) AS BIGINT) AS sent_packets, CAST(sum(sent_bytes) AS BIGINT) AS sent_bytes,
  CAST(sum(received_packets) AS BIGINT) AS received_packets, CAST(sum(received_bytes) AS BIGINT) AS received_bytes,
  min(began) AS first_start, max(began) AS last_start, max(ended) AS last_end, min(srcport) AS least_srcport, max(srcport) AS largest_srcport
FROM (
  SELECT slot, interface_id, vpc_id, subnet_id, protocol, began, ended,
    CASE WHEN swapped THEN server ELSE client END AS srcaddr, CASE WHEN swapped THEN client ELSE server END AS dstaddr,
    CASE WHEN swapped THEN server_port ELSE client_port END AS srcport, CASE WHEN swapped THEN client_port ELSE server_port END AS dstport,
    CASE WHEN swapped THEN server_packets ELSE client_packets END AS sent_packets, CASE WHEN swapped THEN server_bytes ELSE client_bytes END AS sent_bytes,
    CASE WHEN swapped THEN client_packets ELSE server_packets END AS received_packets, CASE WHEN swapped THEN client_bytes ELSE server_bytes END AS received_bytes,
    CASE
      -- Only the serving end sent: the tail of a connection that has ended.
      WHEN client_packets = 0 AND NOT swapped AND (accepted = 0 OR server_packets <= 3) THEN 'late'
      WHEN accepted = 0 THEN 'refused'
      -- Data in one direction prove the handshake that was recorded elsewhere.
      WHEN client_packets = 0 OR server_packets = 0 THEN
        CASE WHEN protocol = 6 AND client_packets + server_packets >= 4 AND client_bytes + server_bytes > 80 * (client_packets + server_packets) THEN 'established' ELSE 'unanswered' END
      WHEN protocol <> 6 THEN 'established'
      -- A reset has no options: 20 bytes of TCP in 20 (IPv4) or 40 (IPv6) of IP; the answer of an open port carries at least four more.
      WHEN (server_flags = 4 OR client_flags = 4 AND swapped) AND client_packets + server_packets <= 6 THEN 'closed'
      WHEN client_packets + server_packets <= 6 AND (CASE WHEN swapped THEN client_bytes ELSE server_bytes END) <= (CASE WHEN strpos(server, ':') = 0 THEN 40 ELSE 60 END) * (CASE WHEN swapped THEN client_packets ELSE server_packets END) THEN 'closed'
      WHEN client_bytes + server_bytes <= (CASE WHEN strpos(server, ':') = 0 THEN 60 ELSE 80 END) * (client_packets + server_packets) AND client_packets + server_packets <= 8 THEN 'opened'
      ELSE 'established' END AS outcome
  FROM (
    SELECT tuples.*, least(coalesce(client_start, server_start), coalesce(server_start, client_start)) AS began,
      CASE WHEN bitwise_and(client_flags, 18) = 2 OR bitwise_and(server_flags, 18) = 18 THEN false
        WHEN bitwise_and(server_flags, 18) = 2 OR bitwise_and(client_flags, 18) = 18 THEN true
        -- The ports decide where they differ in kind; else who sent alone, or first.
        WHEN server_port < 1024 AND server_port <> client_port OR (client_port < 32768) <> (server_port < 32768) OR {{> service_port port=server_port}} THEN false
        WHEN client_packets = 0 THEN true
        ELSE coalesce(server_start < client_start, false) END AS swapped
    FROM (
      SELECT interface_id, max(vpc_id) AS vpc_id, max(subnet_id) AS subnet_id, slot, protocol,
        CASE WHEN forward THEN srcaddr ELSE dstaddr END AS client, CASE WHEN forward THEN dstaddr ELSE srcaddr END AS server,
        CASE WHEN forward THEN srcport ELSE dstport END AS client_port, CASE WHEN forward THEN dstport ELSE srcport END AS server_port,
        CAST(sum(CASE WHEN forward THEN packets ELSE 0 END) AS BIGINT) AS client_packets, CAST(sum(CASE WHEN forward THEN bytes ELSE 0 END) AS BIGINT) AS client_bytes,
        CAST(sum(CASE WHEN forward THEN 0 ELSE packets END) AS BIGINT) AS server_packets, CAST(sum(CASE WHEN forward THEN 0 ELSE bytes END) AS BIGINT) AS server_bytes,
        count(CASE WHEN action = 'ACCEPT' THEN 1 END) AS accepted,
        min(CASE WHEN forward THEN "start" END) AS client_start, min(CASE WHEN forward THEN NULL ELSE "start" END) AS server_start, max("end") AS ended,
        coalesce(max(CASE WHEN forward THEN flags END), 0) AS client_flags, coalesce(max(CASE WHEN forward THEN NULL ELSE flags END), 0) AS server_flags
      FROM (
        SELECT interface_id, vpc_id, subnet_id, "start" / 300 AS slot, protocol, srcaddr, dstaddr, srcport, dstport, packets, bytes, "start", "end", action, flags,
          CASE WHEN source_rank <> destination_rank THEN destination_rank < source_rank
            -- Strangers come from any port, hosts of one's own from high ones: of two ports of services the inner one serves.
            WHEN source_rank = 1 AND srcport <> dstport AND ({{> non_public_address address=srcaddr}}) <> ({{> non_public_address address=dstaddr}}) THEN {{> non_public_address address=dstaddr}}
            WHEN srcport <> dstport THEN dstport < srcport ELSE srcaddr <= dstaddr END AS forward
        FROM (
          SELECT interface_id, {{vpc_id}} AS vpc_id, {{subnet_id}} AS subnet_id, protocol, srcaddr, dstaddr, coalesce(srcport, 0) AS srcport, coalesce(dstport, 0) AS dstport, packets, bytes, "start", "end", action,
            CASE WHEN protocol = 6 THEN {{tcp_flags}} END AS flags,
            CASE WHEN srcport < 1024 THEN 0 WHEN {{> service_port port=srcport}} THEN 1 WHEN srcport < 32768 THEN 2 ELSE 3 END AS source_rank,
            CASE WHEN dstport < 1024 THEN 0 WHEN {{> service_port port=dstport}} THEN 1 WHEN dstport < 32768 THEN 2 ELSE 3 END AS destination_rank
          FROM {{records}}
          WHERE {{within}} AND {{scope}} AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL AND action IN ('ACCEPT', 'REJECT') AND interface_id IS NOT NULL
        ) AS ranked
      ) AS directed
      GROUP BY interface_id, slot, protocol, 6, 7, 8, 9
    ) AS tuples
  ) AS turned
) AS connections
GROUP BY slot, interface_id, srcaddr, dstaddr, dstport, protocol
