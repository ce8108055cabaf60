SELECT day, rank, srcaddr, bytes, packets
FROM (
  SELECT day, srcaddr, bytes, packets, row_number() OVER (PARTITION BY day ORDER BY bytes DESC, srcaddr) AS rank
  FROM (
    SELECT from_unixtime("start" - "start" % 86400) AS day, srcaddr, sum(bytes) AS bytes, sum(packets) AS packets
    FROM {{records}}
    WHERE {{window}} AND {{scope}} AND contains({{network}}, TRY_CAST(srcaddr AS IPADDRESS))
    GROUP BY 1, 2
  ) AS per_day
) AS ranked
WHERE rank <= {{per_day}}
ORDER BY day, rank
