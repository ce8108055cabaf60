import { readFileSync } from 'node:fs';
import { Duration, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct, type IConstruct } from 'constructs';
import type { TableFile } from '../../lambda/daily-report/env';
import { Catalogue } from '../analysis/catalogue';
import { packCatalogue } from '../analysis/packed';
import { contextOf } from '../explore/context';
import type { Group } from '../explore/portable';
import { drawingBundle } from '../report/drawing';
import { packageRoot } from '../package-root';
import type { IAnalysisWorkgroup } from './analysis-workgroup';
import { consoleOf } from './console';
import { KEPT } from './deletion';
import type { IFlowRelations } from './flow-relations';
import type { IFlowRecordsView } from './flow-records-view';
import { FunctionSchedules } from './function-schedules';
import { present } from './present';
import { privateBucket } from './private-bucket';
import { assertNoProblems } from './problems';
import type { IScheduledAnalyses } from './scheduled-analyses';
import { TaskFunction } from './task-function';

export interface DailyReportProps {
  /** What the report is made of. */
  readonly view: IFlowRecordsView;
  /** Where its queries run. */
  readonly workgroup: IAnalysisWorkgroup;
  /** Findings to report. */
  readonly scheduled: IScheduledAnalyses;
  /** Named networks. @default - none: private and public addresses only */
  readonly groups?: readonly Group[];
  /** Gets the summary of each report, with a link. @default - no notification */
  readonly topic?: ITopic;
  /** Where the reports are written. @default - a new bucket, encrypted, kept when the stack goes */
  readonly bucket?: IBucket;
  /** Folder in the bucket. @default 'reports' */
  readonly prefix?: string;
  /** Of a new bucket. @default 400 days */
  readonly expireAfter?: Duration;
  /** Of the view's tables: read for pasts of findings. @default - none */
  readonly relations?: IFlowRelations | undefined;
  /** Whose detections the report explains. @default - the catalogue that ships with the package */
  readonly catalogue?: Catalogue;
}

/** The daily report of a stack. */
export interface IDailyReport extends IConstruct {
  /** Writes the reports. */
  readonly function: IFunction;
  /** Reports that could not be written. */
  metricErrors(options?: MetricOptions): Metric;
}

abstract class ReportBase extends Construct implements IDailyReport {
  abstract readonly function: IFunction;

  metricErrors(options?: MetricOptions): Metric {
    return this.function.metricErrors(options);
  }
}

class ImportedReport extends ReportBase {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, functionName: string) {
    super(scope, id);
    this.function = LambdaFunction.fromFunctionName(this, 'Function', functionName);
  }
}

/** After the last objects of a day were delivered and compacted. */
const EXPRESSION = 'cron(30 1 * * ? *)';
const ADDRESSES = ['srcaddr', 'dstaddr'];

/** Writes the report of the previous day to S3 every day: the output of `flowlogs report`, from Athena. */
export class DailyReport extends ReportBase {
  /** The report of another stack, by the name of its function. */
  static fromFunctionName(scope: Construct, id: string, functionName: string): IDailyReport {
    return new ImportedReport(scope, id, functionName);
  }

  readonly function: LambdaFunction;
  /** Holds the reports. */
  readonly bucket: IBucket;
  /** Folder of the reports in the bucket. */
  readonly prefix: string;

  constructor(scope: Construct, id: string, props: DailyReportProps) {
    super(scope, id);
    assertNoProblems(this, problemsOf(props));
    const { view, workgroup, scheduled, relations, topic } = props;
    const stack = Stack.of(this);
    const catalogue = props.catalogue ?? new Catalogue();
    this.prefix = props.prefix ?? 'reports';
    this.bucket = props.bucket ?? this.makeBucket(props.expireAfter ?? Duration.days(400));
    const { groups, nonPublic } = contextOf(catalogue, view.columns, props.groups ?? []);
    const table: TableFile = {
      columns: [...view.columns],
      groups: groups.map(({ name, networks }) => ({ name, networks: [...networks] })),
      scheduled: [...new Set(scheduled.runs.map(({ name }) => name.split('@', 1)[0] ?? name))].sort(),
      notScheduled: [...scheduled.notScheduled].map(([detection, reason]) => ({
        detection,
        why: 'not-scheduled',
        reason: reason.replace(/\.$/, ''),
      })),
      nonPublic: Object.fromEntries(ADDRESSES.map((column) => [column, nonPublic(column)])),
    };
    this.function = new TaskFunction(this, 'Function', {
      task: 'daily-report',
      description: 'Writes a daily report of the flow logs',
      files: {
        'catalogue.json': packCatalogue(
          catalogue,
          catalogue
            .all()
            .filter(({ kind }) => kind === 'detection')
            .map(({ id: detection }) => detection),
        ),
        'table.json': JSON.stringify(table),
        'report.js': readFileSync(drawingBundle(packageRoot(), 'report.js'), 'utf8'),
      },
      environment: {
        STACK: stack.stackName,
        WORKGROUP: workgroup.workGroupName,
        RECORDS_VIEW: view.qualifiedName,
        PARTITIONS: view.partitions.map(({ column }) => column).join(','),
        STORE_TABLE: scheduled.table.tableName,
        BUCKET: this.bucket.bucketName,
        PREFIX: this.prefix,
        KEPT_RELATIONS: String(relations !== undefined),
        ...present({ TOPIC_ARN: topic?.topicArn }),
      },
      timeout: Duration.minutes(15),
      memoryMiB: 512,
    }).function;
    view.grantRead(this.function);
    relations?.grantRead(this.function);
    workgroup.grantRunQueries(this.function);
    scheduled.grantReadFindings(this.function);
    this.function.addToRolePolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['s3:PutObject'], resources: [this.bucket.arnForObjects(`${this.prefix}/*`)] }),
    );
    this.bucket.encryptionKey?.grant(this.function, 'kms:GenerateDataKey', 'kms:Decrypt');
    topic?.grantPublish(this.function);
    new FunctionSchedules(this, 'Schedules', { function: this.function }).add('Schedule', {
      description: 'Writes the report of the previous day',
      expression: EXPRESSION,
      input: JSON.stringify({ scheduledTime: '<aws.scheduler.scheduled-time>' }),
      retries: 2,
      maxAgeSeconds: 3600,
    });
  }

  /** Where the reports are found in the console. */
  get consoleUrl(): string {
    return `${consoleOf(this)}/s3/buckets/${this.bucket.bucketName}?region=${Stack.of(this).region}&prefix=${this.prefix}/`;
  }

  private makeBucket(expiration: Duration): IBucket {
    return new Bucket(this, 'Bucket', {
      ...privateBucket(),
      lifecycleRules: [{ id: 'Reports', expiration, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: KEPT,
    }) as IBucket;
  }
}

function problemsOf({ view, bucket, prefix, expireAfter }: DailyReportProps): string[] {
  const problems: string[] = [];
  if (!view.columns.includes('start')) problems.push('view: its records have no start time, which a report of a day needs');
  if (prefix !== undefined && !/^[^/].*[^/]$/.test(prefix))
    problems.push(`prefix: got ${JSON.stringify(prefix)}, expected a folder without slashes at its ends, such as reports`);
  if (bucket !== undefined && expireAfter !== undefined)
    problems.push('expireAfter: got a value, but the bucket is not created by this construct: remove it, and set it on the bucket');
  return problems;
}
