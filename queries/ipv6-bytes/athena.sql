SELECT coalesce(sum(bytes), 0) AS bytes, coalesce(sum(packets), 0) AS packets, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND type = 'IPv6'
