SELECT srcaddr, dstaddr, round(avg(CAST(bytes AS DOUBLE)), 1) AS average_bytes, min(bytes) AS least_bytes, max(bytes) AS greatest_bytes, count(*) AS records
FROM {{records}}
WHERE {{window}} AND {{scope}} AND srcaddr IS NOT NULL AND bytes IS NOT NULL
GROUP BY srcaddr, dstaddr
ORDER BY greatest_bytes DESC, srcaddr, dstaddr
LIMIT {{limit}}
