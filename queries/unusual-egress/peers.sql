SELECT from_unixtime("start") AS time, CASE WHEN source_private THEN dstaddr || ' port ' || CAST(dstport AS VARCHAR) ELSE srcaddr || ' to port ' || CAST(dstport AS VARCHAR) END AS lane, CAST(NULL AS VARCHAR) AS outcome,
  CAST(sum(CASE WHEN source_private THEN sent_bytes ELSE received_bytes END) AS BIGINT) AS value
FROM {{conversations}} AS conversations
WHERE source_private <> destination_private AND {{key_interface_id}} IN (interface_id, 'all')
GROUP BY 1, 2
HAVING sum(CASE WHEN source_private THEN sent_bytes ELSE received_bytes END) > 0
ORDER BY value DESC, time, lane
