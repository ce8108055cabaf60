SELECT subnet_id, records, rejected, round(1e2 * rejected / records, 2) AS rejection_percent
FROM (
  SELECT subnet_id, count(*) AS records, count_if(action = 'REJECT') AS rejected
  FROM {{records}}
  WHERE {{window}} AND {{scope}} AND action IS NOT NULL AND subnet_id IS NOT NULL
  GROUP BY subnet_id
) AS counted
WHERE records >= {{min_records}}
ORDER BY rejection_percent DESC, subnet_id
LIMIT {{limit}}
