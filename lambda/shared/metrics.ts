/** Metrics as lines of the function's log. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
import { METRICS, NAMESPACE } from '../../lib/finding/names';

const UNITS: Partial<Record<keyof typeof METRICS, string>> = { duration: 'Seconds', deliveryAge: 'Seconds', bytesScanned: 'Bytes' };

/** What is looked at by schedule; every set of dimensions is a metric of its own on the bill. */
const BY_SCHEDULE: readonly (keyof typeof METRICS)[] = ['succeeded'];

/**
 * One line with every number that is there, for the stack, and some for the schedule. A library would add dimensions of
 * its own, and the alarms would watch metrics that are never written.
 */
export function printMetrics(
  dimensions: { readonly Stack: string; readonly Schedule?: string },
  numbers: Readonly<Partial<Record<keyof typeof METRICS, number | undefined>>>,
): void {
  const given = (Object.keys(numbers) as (keyof typeof METRICS)[]).filter((key) => numbers[key] !== undefined);
  const directive = (names: readonly string[], keys: readonly (keyof typeof METRICS)[]) => ({
    Namespace: NAMESPACE,
    Dimensions: [names],
    Metrics: keys.map((key) => ({ Name: METRICS[key], Unit: UNITS[key] ?? 'Count' })),
  });
  const ofSchedule = given.filter((key) => BY_SCHEDULE.includes(key));
  console.log(
    JSON.stringify({
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          directive(['Stack'], given),
          ...(dimensions.Schedule === undefined ? [] : [directive(['Stack', 'Schedule'], ofSchedule)]),
        ],
      },
      ...dimensions,
      ...Object.fromEntries(given.map((key) => [METRICS[key], numbers[key]])),
    }),
  );
}
