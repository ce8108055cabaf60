SELECT address, sum(bytes_out) AS bytes_out, sum(bytes_in) AS bytes_in, sum(bytes_out) + sum(bytes_in) AS bytes, count(*) AS records
FROM (
  SELECT CASE WHEN dstaddr IN ({{nat_addresses}}) THEN srcaddr ELSE dstaddr END AS address,
    CASE WHEN dstaddr IN ({{nat_addresses}}) THEN bytes ELSE 0 END AS bytes_out, CASE WHEN dstaddr IN ({{nat_addresses}}) THEN 0 ELSE bytes END AS bytes_in
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND ((dstaddr IN ({{nat_addresses}}) AND pkt_dstaddr <> dstaddr) OR (srcaddr IN ({{nat_addresses}}) AND pkt_srcaddr <> srcaddr))
) AS legs
GROUP BY address
ORDER BY bytes DESC, address
LIMIT {{limit}}
