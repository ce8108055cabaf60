import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS, NAMESPACE } from '../finding/names';

/**
 * A metric that the functions of a stack publish (lambda/shared/metrics.ts). Not attached to a construct: the functions name their
 * stack, wherever an alarm is.
 */
export const stackMetric = (stackName: string, name: keyof typeof METRICS, statistic: string, options: MetricOptions = {}): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName: METRICS[name],
    statistic,
    ...options,
    dimensionsMap: { Stack: stackName, ...options.dimensionsMap },
  });

/** Of counts. */
export const SUM = Stats.SUM;
/** Of states: the worst of the period. */
export const WORST = Stats.MAXIMUM;
