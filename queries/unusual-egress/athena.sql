WITH {{> internet_bytes own=srcaddr other=dstaddr counts=internet_out}}, {{> robust_spike}}
SELECT time, actor AS interface_id, value AS bytes, baseline, ratio, score, peers AS destinations, ports, past_buckets
FROM spikes
ORDER BY time, actor
