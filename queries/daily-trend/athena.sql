SELECT from_unixtime("start" - "start" % 86400) AS day, count(*) AS records, count_if(action = 'ACCEPT') AS accepted, count_if(action = 'REJECT') AS rejected,
  count(DISTINCT srcaddr) AS sources, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(packets), 0) AS packets
FROM {{records}}
WHERE {{window}} AND {{scope}}
GROUP BY 1
ORDER BY day
