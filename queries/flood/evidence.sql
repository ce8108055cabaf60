WITH streams AS (
  -- Packets that got no answer, and answers that nobody asked for, by who sent them.
  SELECT "start", CASE WHEN sent_packets = 0 THEN dstaddr ELSE srcaddr END AS sender, CASE WHEN sent_packets = 0 THEN srcaddr ELSE dstaddr END AS receiver, dstport, protocol, max(sent_packets + received_packets) AS packets
  FROM {{conversations}} AS conversations
  WHERE established = 0
  GROUP BY 1, 2, 3, 4, 5
)
SELECT from_unixtime("start") AS time, CAST(sum(packets) AS BIGINT) AS value
FROM streams
WHERE receiver = {{key_dstaddr}} AND ({{key_srcaddr}} IS NULL OR sender = {{key_srcaddr}})
GROUP BY 1
ORDER BY time
