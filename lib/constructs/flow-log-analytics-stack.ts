import { CfnOutput, CfnParameter, Duration, RemovalPolicy, Size, Stack, type StackProps } from 'aws-cdk-lib';
import { FlowLogMaxAggregationInterval } from 'aws-cdk-lib/aws-ec2';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, LogGroupClass, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { builtInQueries, Catalogue } from '../analysis/catalogue';
import { durationSeconds } from '../analysis/duration';
import { parseScope } from '../analysis/scope';
import { type Config, readSuppressions } from '../config';
import type { ScopeName } from '../flow-log/definition';
import { parseFormat } from '../flow-log/format';
import { consoleOf } from './console';
import type { AnalyticsMonitoringProps } from './analytics-monitoring';
import {
  type AnalyticsDefinition,
  type ExistingLogs,
  FlowLogAnalytics,
  type ApiProps,
  type DailyReportOptions,
  type LakeProps,
  type WatchProps,
} from './flow-log-analytics';
import { FlowLogBucket } from './flow-log-bucket';
import { FlowLogDestination } from './flow-log-destination';
import { FlowLogScope } from './flow-log-scope';
import { present } from './present';
import { OUTPUTS } from '../finding/names';

/** A configuration as the app reads it. */
export interface FlowLogAnalyticsStackProps extends StackProps {
  /** Parsed by `parseConfig`. @default - logs the VPC of the CloudFormation parameter `VpcId` */
  readonly config?: Config;
}

type WatchConfig = Exclude<Config['watch'], false | undefined>;
type DefinitionConfig = Config['definitions'][number];

const secondsOf = (text: string | undefined) => (text === undefined ? undefined : Duration.seconds(durationSeconds(text) ?? 0));

const alarmsOf = (alarms: WatchConfig['alarms']): AnalyticsMonitoringProps['alarms'] =>
  alarms === undefined
    ? undefined
    : Object.fromEntries(Object.entries(alarms).map(([name, options]) => [name, options === false ? false : present(options)]));

const daysOf = (days: number | undefined) => (days === undefined ? undefined : Duration.days(days));

/** The app: configuration to constructs, and outputs with the next commands. */
export class FlowLogAnalyticsStack extends Stack {
  /** The constructs that the configuration describes. */
  readonly analytics: FlowLogAnalytics;

  constructor(scope: Construct, id: string, { config, ...props }: FlowLogAnalyticsStackProps) {
    super(scope, id, {
      description: 'VPC flow logs, tables and saved questions (flow-log-analytics)',
      // A template holds a megabyte, and profiles repeat the texts of questions: a tenth would be blanks.
      suppressTemplateIndentation: true,
      ...props,
    });
    this.analytics = config === undefined ? this.ofParameter() : this.ofConfig(config);
    this.tellNextSteps();
  }

  private ofParameter(): FlowLogAnalytics {
    const vpcId = new CfnParameter(this, 'VpcId', { type: 'AWS::EC2::VPC::Id', description: 'The VPC whose traffic is logged' });
    return new FlowLogAnalytics(this, 'Analytics', { definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId(vpcId.valueAsString) }] });
  }

  private ofConfig(config: Config): FlowLogAnalytics {
    const { bucket, workgroup, analyses } = config;
    const folders = analyses?.folders;
    return new FlowLogAnalytics(this, 'Analytics', {
      definitions: config.definitions.map((definition) => this.definition(definition)),
      existingLogs: config.existingLogs.map((logs) => this.existingLogs(logs)),
      ...present({
        accounts: config.accounts,
        regions: config.regions,
        since: config.since,
        databaseName: config.databaseName,
        catalogue: folders === undefined ? undefined : new Catalogue([builtInQueries(), ...folders]),
        include: analyses?.include,
        exclude: analyses?.exclude,
        profiles: Object.entries(config.profiles ?? {}).map(([name, profile]) => ({
          name,
          scope: parseScope(profile.scope),
          parameters: profile.parameters,
          ...present({ role: profile.role }),
        })),
        api: config.api === undefined ? undefined : apiProps(config.api),
        lake: config.lake === undefined ? undefined : this.lake(config.lake),
        watch: config.watch === undefined || config.watch === false ? config.watch : this.watch(config.watch),
        bucket:
          bucket === undefined
            ? undefined
            : present({
                bucketName: bucket.name,
                sourceAccounts: bucket.sourceAccounts,
                organizationId: bucket.organizationId,
                organizationalUnits: bucket.organizationalUnits,
                customerManagedKey: bucket.customerManagedKey,
                encryptionKey: this.key('BucketKey', bucket.kmsKeyArn),
                transitionAfter: daysOf(bucket.transitionAfterDays),
                expireAfter: daysOf(bucket.expireAfterDays),
                accessLogsBucket: this.bucketNamed('AccessLogs', bucket.accessLogsBucket),
                objectLock: daysOf(bucket.objectLockDays),
                removalPolicy: bucket.deleteWithStack === true ? RemovalPolicy.DESTROY : undefined,
              }),
        workgroup:
          workgroup === undefined
            ? undefined
            : present({
                workGroupName: workgroup.name,
                scanLimit: workgroup.scanLimitGiB === undefined ? undefined : Size.mebibytes(Math.ceil(workgroup.scanLimitGiB * 1024)),
                resultsBucket: workgroup.resultsBucket,
                resultsExpireAfter: daysOf(workgroup.resultsExpireAfterDays),
                encryptionKey: this.key('ResultsKey', workgroup.kmsKeyArn),
              }),
      }),
    });
  }

  private lake({ firstHours, recheckHours, expireRawAfterDays, bucket, kmsKeyArn, prefix }: NonNullable<Config['lake']>): LakeProps {
    return present({
      firstHours,
      expireRawAfter: daysOf(expireRawAfterDays),
      recheck: recheckHours === undefined ? undefined : Duration.hours(recheckHours),
      storage: bucket === undefined ? undefined : { bucket: this.named('LakeBucket', bucket, kmsKeyArn), prefix },
    });
  }

  private watch(config: WatchConfig): WatchProps {
    return {
      notifications: present({
        topic: config.topicArn === undefined ? undefined : this.topicOf(config.topicArn, config.topicKmsKeyArn),
        emails: config.emails,
        chat: config.chat,
        eventBus: config.eventBusName === undefined ? undefined : EventBus.fromEventBusName(this, 'EventBus', config.eventBusName),
        ocsf: config.ocsf,
        securityHub: config.securityHub,
        digestAbove: config.digestAbove,
        timeZone: config.timeZone,
      }),
      schedules: present({
        include: config.include,
        exclude: config.exclude,
        options: Object.entries(config.schedules).map(([analysis, { every, scope, ...rest }]) => ({
          analysis,
          ...present({ ...rest, every: secondsOf(every), scope: scope === undefined ? undefined : parseScope(scope) }),
        })),
        suppressions: config.suppressions === undefined ? undefined : readSuppressions(config.suppressions),
        listsKey: this.key('ListsKey', config.listsKmsKeyArn),
        deliveryLag: secondsOf(config.deliveryLag),
        overlap: secondsOf(config.overlap),
      }),
      monitoring: present({ alarms: alarmsOf(config.alarms), alarmPerInterface: config.alarmPerInterface, dashboard: config.dashboard }),
      ...present({
        reportsOnDashboard: config.reportsOnDashboard,
        runbookUrl: config.runbookUrl,
        dailyReport: config.dailyReport === undefined ? undefined : this.dailyReport(config.dailyReport),
      }),
    };
  }

  private dailyReport({
    notify,
    bucket,
    kmsKeyArn,
    prefix,
    expireAfterDays,
    groups,
  }: NonNullable<WatchConfig['dailyReport']>): DailyReportOptions {
    return present({
      notify,
      prefix,
      bucket: this.bucketNamed('Reports', bucket, kmsKeyArn),
      expireAfter: daysOf(expireAfterDays),
      groups: groups === undefined ? undefined : Object.entries(groups).map(([name, networks]) => ({ name, networks })),
    });
  }

  private definition(config: DefinitionConfig): AnalyticsDefinition {
    const [kind, resourceId] = Object.entries(config.scope).find(([, value]) => value !== undefined) as [ScopeName, string];
    const s3 = config.destination?.s3;
    const layout = s3 === undefined ? undefined : s3Props(s3);
    return {
      id: config.id,
      scope: FlowLogScope.of(kind, resourceId),
      ...present({
        traffic: config.traffic,
        format: config.format,
        maxAggregationInterval: intervalOf(config.aggregationSeconds),
        tagFieldSpecifications: config.tagFields,
        retiredFormats: config.retiredFormats?.map(({ hiveCompatible, hourly, aggregationSeconds, tagFields, until, ...rest }) => ({
          format: rest.format,
          ...present({
            ...rest,
            maxAggregationInterval: intervalOf(aggregationSeconds),
            tagFieldSpecifications: tagFields,
            until: until === undefined ? undefined : new Date(until),
            hiveCompatiblePartitions: hiveCompatible,
            perHourPartition: hourly,
          }),
        })),
        tags: config.tags,
        inRecordsView: config.inRecordsView,
        destination: this.destination(config),
        s3: s3?.bucket === undefined ? layout : undefined,
      }),
    };
  }

  /** Undefined for the stack's own bucket. */
  private destination({ id, destination }: DefinitionConfig): FlowLogDestination | undefined {
    if (destination?.s3?.bucket !== undefined)
      return FlowLogDestination.bucket(
        FlowLogBucket.fromBucket(this, `Delivery-${id}`, this.named(`Bucket-${id}`, destination.s3.bucket, destination.s3.kmsKeyArn)),
        s3Props(destination.s3),
      );
    if (destination?.firehose !== undefined)
      return FlowLogDestination.firehose({
        deliveryStreamArn: destination.firehose.deliveryStreamArn,
        ...present({ crossAccountRoleArn: destination.firehose.crossAccountRoleArn }),
      });
    const logs = destination?.cloudWatchLogs;
    if (logs === undefined) return undefined;
    return FlowLogDestination.cloudWatchLogs(
      present({
        logGroup: logs.logGroup === undefined ? undefined : LogGroup.fromLogGroupName(this, `LogGroup-${id}`, logs.logGroup),
        logGroupClass: logs.logGroupClass === undefined ? undefined : LogGroupClass[logs.logGroupClass],
        retention: Object.values(RetentionDays).find((value): value is RetentionDays => value === logs.retentionDays),
        encryptionKey: this.key(`LogGroupKey-${id}`, logs.kmsKeyArn),
      }),
    );
  }

  private existingLogs({
    id,
    bucket,
    kmsKeyArn,
    prefix,
    format,
    fileFormat,
    hiveCompatible,
    hourly,
    ...rest
  }: Config['existingLogs'][number]): ExistingLogs {
    return {
      id,
      bucket: this.named(`Existing-${id}`, bucket, kmsKeyArn),
      location: { format: parseFormat(format), prefix, fileFormat, layout: { hive: hiveCompatible, hourly } },
      kind: rest.kind,
      ...present({ accounts: rest.accounts, regions: rest.regions, since: rest.since, inRecordsView: rest.inRecordsView }),
    };
  }

  private named(id: string, name: string, kmsKeyArn?: string): IBucket {
    return Bucket.fromBucketAttributes(this, id, { bucketName: name, ...present({ encryptionKey: this.key(`${id}-Key`, kmsKeyArn) }) });
  }

  private bucketNamed(id: string, name: string | undefined, kmsKeyArn?: string): IBucket | undefined {
    return name === undefined ? undefined : this.named(id, name, kmsKeyArn);
  }

  private topicOf(topicArn: string, keyArn: string | undefined): ITopic {
    return Topic.fromTopicAttributes(this, 'Topic', { topicArn, ...present({ keyArn }) });
  }

  private key(id: string, arn: string | undefined) {
    return arn === undefined ? undefined : Key.fromKeyArn(this, id, arn);
  }

  private tellNextSteps(): void {
    const { workgroup, records, bucket, definitions } = this.analytics;
    const output = (name: string, value: string, description: string) => new CfnOutput(this, name, { value, description });
    const console = consoleOf(this);
    if (workgroup !== undefined) {
      output(OUTPUTS.workgroup, workgroup.workGroupName, 'Athena workgroup of the saved questions');
      output(
        'SavedQueriesUrl',
        `${console}/athena/home?region=${this.region}#/query-editor/saved-queries`,
        `Saved questions in the Athena console: select the workgroup ${workgroup.workGroupName}`,
      );
    }
    if (records !== undefined) {
      output(OUTPUTS.records, records.qualifiedName, 'The view that every question reads');
      output(OUTPUTS.partitions, records.partitions.map(({ column }) => column).join(','), 'Its partition columns, for flowlogs');
      output(
        'NextStep',
        `flowlogs query top-rejected-sources --engine athena --stack ${this.stackName} --from -24h`,
        'First query, about 15 minutes after the first record',
      );
    }
    if (bucket !== undefined) output(OUTPUTS.bucket, bucket.bucket.bucketName, 'Bucket of the flow logs; kept when the stack is deleted');
    const { scheduled, notifications, monitoring, lake, relations, api, dailyReport, deliveryCheck } = this.analytics;
    if (api !== undefined) output(OUTPUTS.api, api.url, 'DescribeFlowLog: flowlogs fetch --endpoint');
    const logOf = (name: string, task: LambdaFunction, what: string) =>
      output(name, task.logGroup.logGroupName, `Log of the function that ${what}`);
    if (lake !== undefined) {
      output(OUTPUTS.compactFunction, lake.function.functionName, 'Compacts hours: flowlogs compact --stack backfills older ones');
      output(OUTPUTS.lakeWorkgroup, lake.workGroupName, 'Athena workgroup that compaction runs in');
      logOf(OUTPUTS.compactLog, lake.function, 'compacts hours');
    }
    if (relations !== undefined) {
      output(OUTPUTS.relationsFunction, relations.function.functionName, 'Builds the relations that detections read');
      output(OUTPUTS.relationsWorkgroup, relations.workGroupName, 'Athena workgroup of the relations');
      logOf(OUTPUTS.relationsLog, relations.function, 'builds relations');
    }
    if (scheduled !== undefined) {
      const idle = [...scheduled.notScheduled.keys()];
      output(
        OUTPUTS.runFunction,
        scheduled.function.functionName,
        `Runs ${scheduled.runs.length} schedules${idle.length === 0 ? '' : `; not scheduled, since fields or values are missing: ${idle.join(', ')}`}`,
      );
      logOf(OUTPUTS.runLog, scheduled.function, 'runs detections');
      output(OUTPUTS.deadLetters, scheduled.deadLetterQueue.queueUrl, 'Inputs of failed runs: flowlogs replay --stack repeats them');
    }
    if (dailyReport !== undefined) {
      output(
        OUTPUTS.reportFunction,
        dailyReport.function.functionName,
        'Writes the report of a day: invoke it with {"day":"2026-11-20"} for an earlier one',
      );
      logOf(OUTPUTS.reportLog, dailyReport.function, 'writes daily reports');
      output('ReportsUrl', dailyReport.consoleUrl, 'Daily reports in the S3 console');
    }
    if (notifications !== undefined) output('FindingsTopicArn', notifications.topic.topicArn, 'Findings and alarms: subscribe here');
    if (notifications?.chatTopic !== undefined)
      output('ChatTopicArn', notifications.chatTopic.topicArn, 'For the chat configuration of Amazon Q Developer');
    if (deliveryCheck !== undefined) logOf(OUTPUTS.checkLog, deliveryCheck.function, 'checks deliveries');
    if (monitoring?.dashboard !== undefined)
      output(
        'DashboardUrl',
        `${console}/cloudwatch/home?region=${this.region}#dashboards/dashboard/${monitoring.dashboard.dashboard.dashboardName}`,
        'Dashboard',
      );
    const groups = definitions.flatMap(({ logGroup, node }) => (logGroup === undefined ? [] : [{ logGroup, id: node.id }]));
    groups.forEach(({ logGroup, id }, i) => {
      const suffix = i === 0 ? '' : `${i + 1}`;
      output(`${OUTPUTS.logGroup}${suffix}`, logGroup.logGroupName, `Log group of ${id}`);
      output(
        `InsightsUrl${suffix}`,
        `${console}/cloudwatch/home?region=${this.region}#logsV2:logs-insights`,
        `Saved questions in Logs Insights: folder ${this.stackName}`,
      );
      output(
        `InsightsNextStep${suffix}`,
        `flowlogs query top-rejected-sources --engine insights --log-group ${logGroup.logGroupName} --from -1h`,
        'First query over the log group',
      );
    });
  }
}

const apiProps = ({ maxWindowMinutes, maxAgeDays, ...rest }: NonNullable<Config['api']>): ApiProps =>
  present({
    ...rest,
    maxWindow: maxWindowMinutes === undefined ? undefined : Duration.minutes(maxWindowMinutes),
    maxAge: daysOf(maxAgeDays),
  });

const intervalOf = (seconds: 60 | 600 | undefined): FlowLogMaxAggregationInterval | undefined =>
  seconds === undefined ? undefined : seconds === 60 ? FlowLogMaxAggregationInterval.ONE_MINUTE : FlowLogMaxAggregationInterval.TEN_MINUTES;

const s3Props = ({ fileFormat, hiveCompatible, hourly, prefix }: NonNullable<NonNullable<DefinitionConfig['destination']>['s3']>) => ({
  fileFormat,
  hiveCompatiblePartitions: hiveCompatible,
  perHourPartition: hourly,
  ...present({ prefix }),
});
