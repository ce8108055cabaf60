WITH {{> internet_bytes own=dstaddr other=srcaddr counts=internet_in}}, {{> robust_spike}}
SELECT time, actor AS interface_id, value AS bytes, baseline, ratio, score, peers AS sources, ports, past_buckets
FROM spikes
ORDER BY time, actor
