import { Stack } from 'aws-cdk-lib';
import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { NAMESPACE, TRAFFIC_METRICS } from '../finding/names';
import type { Format } from '../flow-log/format';
import { assertNoProblems } from './problems';

export interface TrafficMetricsProps {
  /** Of Standard class: others have no metric filters. */
  readonly logGroup: ILogGroup;
  /** Format of the records in it: the filters name every field, in order. */
  readonly format: Format;
}

type Condition = Readonly<Record<string, string | readonly string[]>>;
/** What is counted of a log group's records. */
export type TrafficMetric = keyof typeof TRAFFIC_METRICS;

interface Filter {
  /** Values by field; of several any. */
  readonly condition: Condition;
  /** Field whose value is added up; absent: records are counted. */
  readonly field?: string;
}

const FILTERS: Readonly<Record<TrafficMetric, Filter>> = {
  accepted: { condition: { action: 'ACCEPT' } },
  rejected: { condition: { action: 'REJECT' } },
  rejectedPackets: { condition: { action: 'REJECT' }, field: 'packets' },
  rejectedBytes: { condition: { action: 'REJECT' }, field: 'bytes' },
  acceptedPackets: { condition: { action: 'ACCEPT' }, field: 'packets' },
  acceptedBytes: { condition: { action: 'ACCEPT' }, field: 'bytes' },
  // SSH and RDP, as in https://docs.aws.amazon.com/vpc/latest/userguide/process-records-cwl.html
  rejectedAdministration: { condition: { action: 'REJECT', dstport: ['22', '3389'] } },
  skipped: { condition: { 'log-status': 'SKIPDATA' } },
};

const variable = (field: string) => field.replaceAll('-', '_');

/** `[version, account_id, …, action="REJECT", log_status]`: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html */
export function filterPattern(format: Format, condition: Condition): string {
  const term = (name: string) => {
    const wanted = condition[name];
    if (wanted === undefined) return variable(name);
    return [wanted]
      .flat()
      .map((value) => `${variable(name)}=${/^\d+$/.test(value) ? value : `"${value}"`}`)
      .join(' || ');
  };
  return `[${format.names.map(term).join(', ')}]`;
}

/** Metrics of a log group's records. */
export interface ITrafficMetrics extends IConstruct {
  /** Those whose fields the format has. */
  readonly names: readonly TrafficMetric[];
  /** One of {@link names}: its sum. */
  metric(name: TrafficMetric, options?: MetricOptions): Metric;
}

export interface TrafficMetricsAttributes {
  /** CloudWatch namespace of the metrics: {@link TrafficMetrics.namespace}. */
  readonly namespace: string;
  /** Format of the records in the log group. */
  readonly format: Format;
}

abstract class MetricsBase extends Construct implements ITrafficMetrics {
  readonly names: readonly TrafficMetric[];

  constructor(
    scope: Construct,
    id: string,
    /** CloudWatch namespace of the metrics. */
    readonly namespace: string,
    format: Format,
  ) {
    super(scope, id);
    assertNoProblems(
      this,
      format.names.includes('action') ? [] : ['format: got none with action, expected it: without it no records are counted'],
    );
    this.names = (Object.keys(FILTERS) as TrafficMetric[]).filter((key) =>
      [...Object.keys(FILTERS[key].condition), FILTERS[key].field ?? 'action'].every((field) => format.names.includes(field)),
    );
  }

  metric(name: TrafficMetric, options: MetricOptions = {}): Metric {
    return new Metric({ namespace: this.namespace, metricName: TRAFFIC_METRICS[name], statistic: Stats.SUM, ...options });
  }
}

class ImportedMetrics extends MetricsBase {}

/** Metrics of the records in a log group, counted as they arrive: immediate, and without a scan. */
export class TrafficMetrics extends MetricsBase {
  /** The metrics of another stack. */
  static fromAttributes(scope: Construct, id: string, { namespace, format }: TrafficMetricsAttributes): ITrafficMetrics {
    return new ImportedMetrics(scope, id, namespace, format);
  }

  constructor(scope: Construct, id: string, props: TrafficMetricsProps) {
    super(scope, id, `${NAMESPACE}/${Stack.of(scope).stackName}/${id}`, props.format);
    for (const key of this.names) {
      const { condition, field } = FILTERS[key];
      new MetricFilter(this, TRAFFIC_METRICS[key], {
        logGroup: props.logGroup,
        filterPattern: { logPatternString: filterPattern(props.format, condition) },
        metricNamespace: this.namespace,
        metricName: TRAFFIC_METRICS[key],
        metricValue: field === undefined ? '1' : `$${variable(field)}`,
        // A quiet minute is a zero, not a hole.
        defaultValue: 0,
      });
    }
  }
}
