SELECT from_unixtime("start" / ({{bucket_minutes}} * 60) * ({{bucket_minutes}} * 60)) AS time, sum(bytes) AS value
FROM {{records}}
WHERE {{window}} AND {{scope}} AND action IN ({{actions}}) AND (srcaddr = {{key_listed_address}} AND dstaddr = {{key_own_address}} OR srcaddr = {{key_own_address}} AND dstaddr = {{key_listed_address}})
GROUP BY 1
ORDER BY time
