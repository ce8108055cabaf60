SELECT from_unixtime("start" - "start" % ({{bucket_minutes}} * 60)) AS bucket, count_if(action = 'ACCEPT') AS accepted, count_if(action = 'REJECT') AS rejected,
  coalesce(sum(bytes), 0) AS bytes, coalesce(sum(packets), 0) AS packets
FROM {{records}}
WHERE {{window}} AND {{scope}}
GROUP BY 1
ORDER BY bucket
