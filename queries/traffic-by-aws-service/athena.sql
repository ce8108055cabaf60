SELECT service, direction, sum(bytes) AS bytes, sum(packets) AS packets, count(*) AS records
FROM (
  SELECT coalesce(pkt_dst_aws_service, pkt_src_aws_service) AS service, CASE WHEN pkt_dst_aws_service IS NULL THEN 'from service' ELSE 'to service' END AS direction, bytes, packets
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND (pkt_src_aws_service IS NOT NULL OR pkt_dst_aws_service IS NOT NULL)
) AS sides
GROUP BY service, direction
ORDER BY bytes DESC, service, direction
