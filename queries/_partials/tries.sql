-- Contract: before it a CTE `own` with rows of conversations. After it nothing: the rows of lanes, what became of each try by port of one host, else by host or by port, whichever are fewer.
merged AS (
  -- Both interfaces of a connection have written it: the one that saw more of it counts.
  SELECT "start", dstaddr, dstport, protocol, min(first_start) AS first_start, max(connections) AS connections,
    min(CASE WHEN connections > refused + unanswered + closed THEN 1 WHEN closed > 0 THEN 2 WHEN refused > 0 THEN 3 ELSE 4 END) AS outcome
  FROM own
  WHERE connections > 0
  GROUP BY 1, 2, 3, 4
), sizes AS (
  SELECT count(DISTINCT dstaddr) AS hosts, count(DISTINCT dstport) AS ports FROM merged
), named AS (
  SELECT first_start, connections, outcome,
    CASE WHEN hosts = 1 OR ports > 1 AND ports < hosts THEN CASE WHEN protocol IN (1, 58) THEN 'ping' ELSE 'port ' || CAST(dstport AS VARCHAR) END ELSE dstaddr END AS lane
  FROM merged CROSS JOIN sizes
)
SELECT from_unixtime(first_start) AS time, lane, CASE outcome WHEN 1 THEN 'answered' WHEN 2 THEN 'closed' WHEN 3 THEN 'refused' ELSE 'unanswered' END AS outcome, CAST(sum(connections) AS BIGINT) AS value
FROM named
GROUP BY first_start, lane, named.outcome
ORDER BY named.outcome, time, lane
