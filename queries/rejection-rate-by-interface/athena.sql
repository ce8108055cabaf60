SELECT interface_id, records, rejected, round(1e2 * rejected / records, 2) AS rejection_percent
FROM (
  SELECT interface_id, count(*) AS records, count_if(action = 'REJECT') AS rejected
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action IS NOT NULL AND interface_id IS NOT NULL
  GROUP BY interface_id
) AS counted
WHERE records >= {{min_records}}
ORDER BY rejection_percent DESC, interface_id
LIMIT {{limit}}
