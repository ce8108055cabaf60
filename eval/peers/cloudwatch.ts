import { ACCEPTED, isPrivate, isPublic, peer, REJECTED } from './peer';

/**
 * A band of two deviations around what the hour of the day had before, from the third day on. The service's model is not published:
 * this is what its page says of it (hourly, daily, weekly patterns; two deviations unless asked otherwise).
 */
const band = (value: string, where: string) => `
  WITH counted AS (SELECT interface_id AS actor, "start" // 3600 AS bucket, ${value} AS n FROM flow_records WHERE ${where} GROUP BY 1, 2),
  actors AS (SELECT DISTINCT actor FROM counted),
  bounds AS (SELECT min("start") // 3600 AS first, max("start") // 3600 AS last FROM flow_records),
  hours AS (SELECT actor, unnest(range(first, last + 1)) AS bucket FROM actors, bounds),
  series AS (SELECT h.actor, h.bucket, CAST(coalesce(n, 0) AS DOUBLE) AS n FROM hours h LEFT JOIN counted c ON c.actor = h.actor AND c.bucket = h.bucket),
  expected AS (
    SELECT actor, bucket, n, avg(n) OVER w AS mean, count(*) OVER w AS days
    FROM series WINDOW w AS (PARTITION BY actor, bucket % 24 ORDER BY bucket ROWS BETWEEN 14 PRECEDING AND 1 PRECEDING)
  ), judged AS (
    SELECT actor, bucket, n, mean, days, sqrt(avg((n - mean) * (n - mean)) OVER (PARTITION BY actor ORDER BY bucket ROWS BETWEEN 336 PRECEDING AND 1 PRECEDING)) AS deviation
    FROM expected
  )
  SELECT actor, bucket * 3600 AS at, 3600 AS seconds FROM judged WHERE days >= 3 AND n > mean + 2 * deviation AND n > 0`;

export const cloudwatch = peer(
  'CloudWatch band',
  'docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html: band of 2 deviations, on refusals and bytes out of an interface',
  [
    { name: 'rejected records', severity: 'medium', sql: band('count(*)', REJECTED) },
    {
      name: 'bytes out',
      severity: 'medium',
      sql: band('sum(bytes)', `${ACCEPTED} AND ${isPrivate('srcaddr')} AND ${isPublic('dstaddr')}`),
    },
  ],
);
