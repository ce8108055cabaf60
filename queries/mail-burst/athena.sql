WITH mailed AS (
  SELECT "start" / 3600 AS hour, srcaddr, dstaddr, max(connections) AS connections, max(answered) AS answered, max(sent_bytes) AS sent_bytes, count(*) OVER (PARTITION BY "start" / 3600, srcaddr) AS servers
  FROM (
    SELECT "start", srcaddr, dstaddr, connections, 1 AS answered, sent_bytes FROM {{links}} AS links WHERE source_private AND NOT destination_private AND dstport IN ({{ports}}) AND protocol = 6
    UNION ALL
    SELECT "start", srcaddr, dstaddr, connections, 0, 0 FROM {{attempts}} AS attempts WHERE source_private AND NOT destination_private AND dstport IN ({{ports}}) AND protocol = 6
  ) AS either
  GROUP BY 1, 2, 3
), counted AS (
  SELECT hour, srcaddr, count(*) AS servers, CAST(sum(answered) AS BIGINT) AS answered, CAST(sum(connections) AS BIGINT) AS connections, CAST(sum(sent_bytes) AS BIGINT) AS sent_bytes
  FROM mailed
  GROUP BY 1, 2
), gateways AS (
  -- A gateway passes on what a host behind it does: of two sources with the same servers the one that speaks to more is the gateway.
  SELECT hour, gateway, min(host) AS host
  FROM (
    SELECT one.hour, one.srcaddr AS gateway, one.servers, other.srcaddr AS host, other.servers AS host_servers, count(*) AS common
    FROM mailed AS one JOIN mailed AS other ON other.hour = one.hour AND other.dstaddr = one.dstaddr AND other.srcaddr <> one.srcaddr
    GROUP BY 1, 2, 3, 4, 5
  ) AS shared
  WHERE common * 10 >= servers * 6 AND (servers > host_servers OR servers = host_servers AND gateway < host)
  GROUP BY 1, 2
), compared AS (
  SELECT counted.*, max(servers) OVER (PARTITION BY srcaddr ORDER BY hour RANGE BETWEEN 192 PRECEDING AND 12 PRECEDING) AS servers_before
  FROM counted
)
SELECT from_unixtime(compared.hour * 3600) AS time, counted.srcaddr, max(counted.servers) AS servers, max(counted.answered) AS answered, max(counted.connections) AS connections, max(counted.sent_bytes) AS bytes, max(coalesce(servers_before, 0)) AS servers_before
FROM compared LEFT JOIN gateways ON gateways.hour = compared.hour AND gateway = compared.srcaddr JOIN counted ON counted.hour = compared.hour AND counted.srcaddr = coalesce(host, compared.srcaddr)
WHERE compared.servers >= {{servers}} AND compared.servers >= 2 * coalesce(servers_before, 0) AND compared.hour * 3600 + 3600 > {{from}} AND compared.hour * 3600 < {{to}}
GROUP BY 1, 2
ORDER BY time, counted.srcaddr
