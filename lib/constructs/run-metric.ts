import { type Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRICS, NAMESPACE } from '../finding/names';

export interface RunMetricOptions {
  readonly period: Duration;
  readonly statistic: string;
  /** In addition to the stack. @default - none */
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** A metric that the functions of the construct's stack print (lambda/shared/metrics.ts). */
export const runMetric = (construct: Construct, name: keyof typeof METRICS, { period, statistic, dimensions }: RunMetricOptions): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName: METRICS[name],
    statistic,
    period,
    dimensionsMap: { Stack: Stack.of(construct).stackName, ...dimensions },
  });
