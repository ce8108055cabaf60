import { readFileSync } from 'node:fs';
import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Column,
  CustomWidget,
  Dashboard,
  DashboardVariable,
  DefaultValue,
  GraphWidget,
  type IAlarm,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Row as WidgetRow,
  SingleValueWidget,
  TextWidget,
  VariableInputType,
  VariableType,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Analysis, Catalogue } from '../analysis/catalogue';
import { packCatalogue } from '../analysis/packed';
import { missingFields } from '../analysis/requirements';
import { exampleParameters, insightsParsePrefix, renderInsights } from '../analysis/render';
import { LIST_PRICES } from '../cost/prices';
import { METRICS } from '../finding/names';
import { findField } from '../flow-log/fields';
import { type Format, sqlNameOf } from '../flow-log/format';
import { packageRoot } from '../package-root';
import { drawingBundle } from '../report/drawing';
import type { IAnalysisWorkgroup } from './analysis-workgroup';
import type { IDeliveryCheck } from './delivery-check';
import type { IFlowRecordsView } from './flow-records-view';
import { present } from './present';
import type { IScheduledAnalyses } from './scheduled-analyses';
import { TaskFunction } from './task-function';
import type { ITrafficMetrics } from './traffic-metrics';

/** A log group with its metrics. */
export interface DashboardTraffic {
  /** Heading of its widgets. */
  readonly name: string;
  /** Holds the records. */
  readonly logGroup: ILogGroup;
  /** Format of the records in the log group. */
  readonly format: Format;
  /** Counts of its records. */
  readonly metrics: ITrafficMetrics;
}

/** What reports on a dashboard read, and where they run. */
export interface DashboardReports {
  /** What they read. */
  readonly view: IFlowRecordsView;
  /** Where they run. */
  readonly workgroup: IAnalysisWorkgroup;
}

export interface AnalyticsDashboardProps {
  /** Log groups whose records are shown as they arrive. @default - none */
  readonly traffic?: readonly DashboardTraffic[];
  /** Alarms whose states are shown. @default - none */
  readonly alarms?: readonly IAlarm[];
  /** Runs and findings to show. @default - none */
  readonly scheduled?: IScheduledAnalyses;
  /** Errors and age of deliveries to show. @default - none */
  readonly deliveryCheck?: IDeliveryCheck;
  /** Reports over S3, run in Athena whenever the dashboard is looked at. @default - none */
  readonly reports?: DashboardReports;
  /** Questions that reports and widgets come from. @default - the analyses that ship with the package */
  readonly catalogue?: Catalogue;
  /** Name of the dashboard in CloudWatch. @default - CloudFormation makes one */
  readonly dashboardName?: string;
}

/** What is shown, in order: headings and the reports below each. */
const PANELS: readonly { readonly heading: string; readonly analyses: readonly string[] }[] = [
  { heading: 'Over time', analyses: ['traffic-over-time', 'traffic-compared', 'traffic-heat-map', 'protocol-records-by-hour'] },
  { heading: 'Rejected', analyses: ['top-rejected-sources', 'rejected-by-port', 'rejected-by-interface', 'rejection-rate-by-interface'] },
  {
    heading: 'Talkers',
    analyses: [
      'top-talkers',
      'top-receivers',
      'public-private-traffic',
      'traffic-by-path',
      'traffic-by-aws-service',
      'top-talking-subnets',
    ],
  },
  { heading: 'Scans', analyses: ['vertical-scan', 'horizontal-scan'] },
  { heading: 'Data quality', analyses: ['nodata-by-hour', 'skipdata-by-hour'] },
];

const VARIABLES = [
  { id: 'interface', field: 'interface-id', label: 'Interface', any: 'eni-' },
  { id: 'subnet', field: 'subnet-id', label: 'Subnet', any: 'subnet-' },
  { id: 'vpc', field: 'vpc-id', label: 'VPC', any: 'vpc-' },
] as const;

const pattern = (id: string) => `__${id}__`;
const GRAPH_WIDTH = 12;
const HOURLY = { period: Duration.hours(1) };
/** A widget takes 100 at most. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
const WIDGET_ALARMS = 50;

/** Everything at one glance: alarms, traffic, findings, and the watch itself with its cost. */
export class AnalyticsDashboard extends Construct {
  /** The dashboard itself, for more widgets. */
  readonly dashboard: Dashboard;
  private readonly catalogue: Catalogue;

  constructor(scope: Construct, id: string, props: AnalyticsDashboardProps = {}) {
    super(scope, id);
    const { traffic = [], alarms = [], scheduled, deliveryCheck } = props;
    this.catalogue = props.catalogue ?? new Catalogue();
    const columns = new Set([...(props.reports?.view.columns ?? []), ...traffic.flatMap(({ format }) => format.names.map(sqlNameOf))]);
    this.dashboard = new Dashboard(this, 'Resource', {
      ...present({ dashboardName: props.dashboardName }),
      defaultInterval: Duration.hours(24),
      variables: VARIABLES.filter(({ field }) => columns.has(sqlNameOf(field))).map(
        ({ id: name, label, any }) =>
          new DashboardVariable({
            id: name,
            type: VariableType.PATTERN,
            value: pattern(name),
            inputType: VariableInputType.INPUT,
            label: `${label} (${any}… for one)`,
            defaultValue: DefaultValue.value(any),
            visible: true,
          }),
      ),
    });
    for (let i = 0; i < alarms.length; i += WIDGET_ALARMS)
      this.add([new AlarmStatusWidget({ title: 'Alarms', alarms: alarms.slice(i, i + WIDGET_ALARMS), width: 24, height: 4 })]);
    if (scheduled !== undefined) this.findings(scheduled);
    for (const one of traffic) this.live(one);
    this.panels(traffic, props.reports);
    if (scheduled !== undefined) this.runs(scheduled);
    if (deliveryCheck !== undefined) this.deliveries(deliveryCheck);
  }

  private add(widgets: readonly IWidget[]): void {
    this.dashboard.addWidgets(...widgets);
  }

  private heading(text: string): void {
    this.add([new TextWidget({ markdown: `## ${text}`, width: 24, height: 1 })]);
  }

  private findings(scheduled: IScheduledAnalyses): void {
    this.heading('Findings');
    const metrics = [
      scheduled.metricFindings(HOURLY),
      scheduled.metricFindingsEscalated(HOURLY),
      scheduled.metricFindingsSuppressed(HOURLY),
    ];
    this.add([
      new SingleValueWidget({
        title: 'Findings in this time',
        metrics,
        setPeriodToTimeRange: true,
        width: 8,
        height: 6,
      }),
      new GraphWidget({
        title: 'Findings per hour',
        left: metrics,
        width: 16,
        height: 6,
      }),
    ]);
  }

  /** Metrics of a log group, as they arrive; the rate and what is expected at this time. */
  private live({ name, metrics }: DashboardTraffic): void {
    this.heading(`As it arrives: ${name}`);
    const has = (key: (typeof metrics.names)[number]) => metrics.names.includes(key);
    const [accepted, rejected] = [metrics.metric('accepted'), metrics.metric('rejected')];
    const rate = new MathExpression({
      expression: '100 * rejected / (accepted + rejected)',
      label: 'rejected %',
      usingMetrics: { accepted, rejected },
    });
    const band = (key: 'rejected' | 'acceptedBytes') =>
      new MathExpression({ expression: 'ANOMALY_DETECTION_BAND(m1, 4)', label: 'expected', usingMetrics: { m1: metrics.metric(key) } });
    this.add([
      new GraphWidget({
        title: 'Accepted and rejected records',
        left: [accepted, rejected],
        right: [rate],
        rightYAxis: { min: 0, max: 100, label: '%' },
        width: GRAPH_WIDTH,
      }),
      new GraphWidget({
        title: 'Rejected records against the days and weeks before',
        left: [rejected, band('rejected')],
        width: GRAPH_WIDTH,
      }),
      ...(has('acceptedBytes')
        ? [
            new GraphWidget({
              title: 'Accepted bytes against the days and weeks before',
              left: [metrics.metric('acceptedBytes'), band('acceptedBytes')],
              width: GRAPH_WIDTH,
            }),
          ]
        : []),
      ...(has('rejectedBytes') && has('rejectedPackets')
        ? [
            new GraphWidget({
              title: 'Rejected bytes and packets',
              left: [metrics.metric('rejectedBytes')],
              right: [metrics.metric('rejectedPackets')],
              width: GRAPH_WIDTH,
            }),
          ]
        : []),
      ...(has('skipped')
        ? [new GraphWidget({ title: 'Skipped records (SKIPDATA)', left: [metrics.metric('skipped')], width: GRAPH_WIDTH })]
        : []),
    ]);
  }

  private panels(traffic: readonly DashboardTraffic[], reports: DashboardReports | undefined): void {
    const shown = reports === undefined ? undefined : this.reader(reports);
    for (const { heading, analyses } of PANELS) {
      const widgets = analyses.flatMap((id) => {
        const analysis = this.catalogue.get(id);
        const fits = (columns: readonly string[]) => missingFields(analysis, {}, columns).length === 0;
        const fromLogs = traffic
          .filter(({ format }) => analysis.insights !== undefined && fits(format.names.map(sqlNameOf)))
          .map((one) => this.fromLogs(analysis, one, traffic.length > 1));
        const fromS3 =
          shown !== undefined && reports !== undefined && fits(reports.view.columns) ? [this.fromS3(analysis, shown, reports.view)] : [];
        return [...fromS3, ...fromLogs];
      });
      if (widgets.length === 0) continue;
      this.heading(heading);
      this.add([new Column(...pairs(widgets).map((pair) => new WidgetRow(...pair)))]);
    }
  }

  private fromLogs(analysis: Analysis, { name, logGroup, format }: DashboardTraffic, named: boolean): IWidget {
    const filters = VARIABLES.filter(({ field }) => format.names.includes(field)).map(
      ({ id, field }) => `| filter ${findField(field)?.insightsName ?? field} like /${pattern(id)}/`,
    );
    // The filters of the variables go behind the parse command, where there is one.
    const text = renderInsights(this.catalogue, analysis, { parameters: exampleParameters(analysis), format });
    const parse = insightsParsePrefix(format).trimEnd().replace(/\n\|$/, '');
    const query = [...(parse === '' ? [] : [parse]), ...filters, `| ${text.slice(insightsParsePrefix(format).length)}`]
      .join('\n')
      .replace(/^\| /, '');
    return new LogQueryWidget({
      title: named ? `${analysis.title} (${name})` : analysis.title,
      logGroupNames: [logGroup.logGroupName],
      queryString: query,
      view: viewOf(analysis),
      width: GRAPH_WIDTH,
      height: 7,
    });
  }

  private reader({ view, workgroup }: DashboardReports): LambdaFunction {
    const ids = PANELS.flatMap(({ analyses }) => analyses);
    const reader = new TaskFunction(this, 'Reports', {
      task: 'show-analysis',
      description: 'Shows reports of flow logs on a dashboard',
      files: {
        'catalogue.json': packCatalogue(this.catalogue, ids),
        'widget.js': readFileSync(drawingBundle(packageRoot(), 'widget.js'), 'utf8'),
      },
      environment: {
        WORKGROUP: workgroup.workGroupName,
        RECORDS_VIEW: view.qualifiedName,
        PARTITIONS: view.partitions.map(({ column }) => column).join(','),
      },
      timeout: Duration.seconds(60),
      memoryMiB: 256,
    }).function;
    view.grantRead(reader);
    workgroup.grantRunQueries(reader);
    return reader;
  }

  private fromS3(analysis: Analysis, reader: LambdaFunction, view: IFlowRecordsView): IWidget {
    const variables = VARIABLES.filter(({ field }) => view.columns.includes(sqlNameOf(field)));
    return new CustomWidget({
      title: analysis.title,
      functionArn: reader.functionArn,
      params: { analysis: analysis.id, ...Object.fromEntries(variables.map(({ id }) => [id, pattern(id)])) },
      updateOnResize: false,
      width: GRAPH_WIDTH,
      height: 7,
    });
  }

  private runs(scheduled: IScheduledAnalyses): void {
    this.heading('Health of the watch');
    const bytes = scheduled.metricScannedBytes(HOURLY);
    const cost = new MathExpression({
      expression: `bytes / ${1024 ** 4} * ${LIST_PRICES.athenaPerTb}`,
      label: 'USD (list price of Athena)',
      usingMetrics: { bytes },
      period: Duration.hours(1),
    });
    this.add([
      new GraphWidget({
        title: 'Runs',
        left: [scheduled.metricRunsSucceeded(HOURLY), scheduled.metricRunsFailed(HOURLY), scheduled.metricQueriesCancelled(HOURLY)],
        width: 8,
      }),
      new GraphWidget({ title: 'Maximum seconds per run', left: [scheduled.metricRunDuration(HOURLY)], width: 8 }),
      new GraphWidget({ title: 'Bytes scanned and their price', left: [bytes], right: [cost], width: 8 }),
      // Out of the lines of the function: a metric for each schedule is on the bill.
      new LogQueryWidget({
        title: 'Bytes scanned by schedule',
        logGroupNames: [scheduled.logGroup.logGroupName],
        queryLines: [
          `filter ispresent(${METRICS.bytesScanned}) and ispresent(Schedule)`,
          `stats sum(${METRICS.bytesScanned}) as bytes, count(*) as runs by Schedule`,
          'sort bytes desc',
        ],
        view: LogQueryVisualizationType.TABLE,
        width: GRAPH_WIDTH,
      }),
      new GraphWidget({
        title: 'Inputs of failed runs',
        left: [scheduled.deadLetterQueue.metricApproximateNumberOfMessagesVisible()],
        width: GRAPH_WIDTH,
      }),
    ]);
  }

  private deliveries(check: IDeliveryCheck): void {
    this.heading('Deliveries');
    this.add([
      new GraphWidget({ title: 'Flow logs with errors', left: [check.metricErrors(HOURLY)], width: GRAPH_WIDTH }),
      new GraphWidget({
        title: 'Age of the newest object, in seconds',
        left: [check.metricAge(HOURLY)],
        width: GRAPH_WIDTH,
      }),
    ]);
  }
}

const pairs = <T>(items: readonly T[]): T[][] => items.flatMap((_, i) => (i % 2 === 0 ? [items.slice(i, i + 2)] : []));

function viewOf({ chart }: Analysis): LogQueryVisualizationType {
  if (chart.type === 'line') return LogQueryVisualizationType.LINE;
  return chart.type === 'bar' ? LogQueryVisualizationType.BAR : LogQueryVisualizationType.TABLE;
}
