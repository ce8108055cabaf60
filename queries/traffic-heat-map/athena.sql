SELECT day_of_week(from_unixtime("start")) AS weekday, hour(from_unixtime("start")) AS hour, count(*) AS records, count_if(action = 'REJECT') AS rejected,
  coalesce(sum(bytes), 0) AS bytes
FROM {{records}}
WHERE {{window}} AND {{scope}}
GROUP BY 1, 2
ORDER BY weekday, hour
