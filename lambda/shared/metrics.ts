/** Metrics as lines of the function's log. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
import { METRICS, NAMESPACE } from '../../lib/finding/names';

const UNITS: Partial<Record<keyof typeof METRICS, string>> = { duration: 'Seconds', deliveryAge: 'Seconds', bytesScanned: 'Bytes' };

/**
 * One line with every number that is there, once for each set of dimensions. A library would add dimensions of its own,
 * and the alarms would look at metrics that nobody writes.
 */
export function printMetrics(
  dimensions: Readonly<Record<string, string>>,
  sets: readonly (readonly string[])[],
  numbers: Readonly<Partial<Record<keyof typeof METRICS, number | undefined>>>,
): void {
  const given = (Object.keys(numbers) as (keyof typeof METRICS)[]).filter((key) => numbers[key] !== undefined);
  console.log(
    JSON.stringify({
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          { Namespace: NAMESPACE, Dimensions: sets, Metrics: given.map((key) => ({ Name: METRICS[key], Unit: UNITS[key] ?? 'Count' })) },
        ],
      },
      ...dimensions,
      ...Object.fromEntries(given.map((key) => [METRICS[key], numbers[key]])),
    }),
  );
}
