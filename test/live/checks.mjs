// What only a real account shows, a check a line. docs/deploy.md lists these lines, scripts/test-live.mjs runs them over the stack FlowLogLive.
import { gunzipSync } from 'node:zlib';
import {
  AthenaClient,
  BatchGetNamedQueryCommand,
  GetQueryExecutionCommand,
  paginateListNamedQueries,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  GetMetricStatisticsCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeQueryDefinitionsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeFlowLogsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const must = (holds, what) => {
  if (!holds) throw new Error(what);
};

/** Asks until there is an answer. */
async function until(seconds, ask) {
  for (const end = Date.now() + seconds * 1000; ; await pause(2)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    must(Date.now() < end, `no answer within ${seconds} s`);
  }
}

async function resources(stack, id) {
  const { StackResources = [] } = await new CloudFormationClient({}).send(new DescribeStackResourcesCommand({ StackName: stack }));
  return StackResources.filter(({ LogicalResourceId = '' }) => id.test(LogicalResourceId)).map(
    ({ PhysicalResourceId = '' }) => PhysicalResourceId,
  );
}

async function athena(sql, workgroup, database) {
  const client = new AthenaClient({});
  const { QueryExecutionId } = await client.send(
    new StartQueryExecutionCommand({ QueryString: sql, WorkGroup: workgroup, QueryExecutionContext: { Database: database } }),
  );
  return until(600, async () => {
    const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    const { State, StateChangeReason = '' } = QueryExecution?.Status ?? {};
    if (State === 'SUCCEEDED') return { ok: true };
    return State === 'FAILED' || State === 'CANCELLED' ? { ok: false, why: StateChangeReason } : undefined;
  });
}

async function invoke(name, payload) {
  const { FunctionError, Payload } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  must(FunctionError === undefined, `${name}: ${text}`);
  return text;
}

/** `shows` is the line; `needs` a variable without which there is nothing to look at; `run` says what it saw, or throws. */
export const CHECKS = [
  {
    shows: 'delivery: where objects lie, what they are called, the header line of text, and `-` as NULL in Parquet',
    run: async ({ outputs, parseKey, database }) => {
      const s3 = new S3Client({});
      const keys = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: outputs.BucketName }))
        keys.push(...Contents.map(({ Key = '' }) => Key).filter((key) => /\/AWSLogs\//.test(key)));
      must(keys.length > 0, 'no object was delivered');
      const strange = keys.filter((key) => parseKey(key) === undefined);
      must(strange.length === 0, `keys of another form: ${strange.slice(0, 3).join(', ')}`);
      const text = keys.find((key) => key.endsWith('.log.gz'));
      must(text !== undefined, 'no text object was delivered');
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.BucketName, Key: text }));
      const [header = ''] = gunzipSync(await Body.transformToByteArray())
        .toString()
        .split('\n');
      must(header.startsWith('version account-id'), `header line: ${header}`);
      const { ok, why } = await athena(
        `SELECT count(*) FROM "${database}"."plain_hourly_parquet" WHERE tcp_flags IS NULL OR srcaddr = '-'`,
        outputs.WorkgroupName,
        database,
      );
      must(ok, why);
      return `${keys.length} objects; header: ${header.slice(0, 60)}…`;
    },
  },
  {
    shows:
      'deliveries: every flow log is ACTIVE without an error, whatever its scope and destination (LIVE_NAT_ID, LIVE_TGW_ID, LIVE_CORE_NETWORK_ID, LIVE_FIREHOSE_ARN add theirs)',
    run: async () => {
      const { FlowLogs = [] } = await new EC2Client({}).send(
        new DescribeFlowLogsCommand({ Filter: [{ Name: 'tag:live', Values: ['yes'] }] }),
      );
      must(FlowLogs.length > 0, 'no flow log has the tag live');
      const failing = FlowLogs.filter(
        ({ FlowLogStatus, DeliverLogsStatus }) => FlowLogStatus !== 'ACTIVE' || DeliverLogsStatus === 'FAILED',
      );
      must(
        failing.length === 0,
        failing.map(({ FlowLogId, DeliverLogsErrorMessage }) => `${FlowLogId}: ${DeliverLogsErrorMessage}`).join('; '),
      );
      return FlowLogs.map(
        ({ ResourceId, LogDestinationType, DeliverLogsStatus }) =>
          `${ResourceId} to ${LogDestinationType}: ${DeliverLogsStatus ?? 'not yet'}`,
      ).join('; ');
    },
  },
  {
    shows: 'Athena: every saved question over the Glue views, projections with quoted literals, results that Athena keeps',
    run: async ({ outputs, database }) => {
      const client = new AthenaClient({});
      const failures = [];
      let asked = 0;
      for await (const { NamedQueryIds = [] } of paginateListNamedQueries({ client }, { WorkGroup: outputs.WorkgroupName })) {
        const { NamedQueries = [] } = await client.send(new BatchGetNamedQueryCommand({ NamedQueryIds }));
        for (const { Name, QueryString } of NamedQueries) {
          asked++;
          const { ok, why } = await athena(QueryString, outputs.WorkgroupName, database);
          if (!ok) failures.push(`${Name}: ${why}`);
        }
      }
      must(asked > 0 && failures.length === 0, `${failures.length} of ${asked} failed: ${failures.join('; ')}`);
      return `${asked} questions`;
    },
  },
  {
    shows: 'Logs Insights: every saved query, with the names that fields of custom formats have there',
    run: async ({ outputs, stack }) => {
      const logs = new CloudWatchLogsClient({});
      const { queryDefinitions = [] } = await logs.send(
        new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: stack, maxResults: 1000 }),
      );
      must(queryDefinitions.length > 0, 'no query is saved');
      const endTime = Math.floor(Date.now() / 1000);
      const empty = [];
      for (const { name, queryString } of queryDefinitions) {
        const { queryId } = await logs.send(
          new StartQueryCommand({ logGroupName: outputs.LogGroupName, queryString, startTime: endTime - 3600, endTime }),
        );
        const { status, results = [] } = await until(300, async () => {
          const answer = await logs.send(new GetQueryResultsCommand({ queryId }));
          return ['Scheduled', 'Running'].includes(answer.status ?? '') ? undefined : answer;
        });
        must(status === 'Complete', `${name}: ${status}`);
        if (results.length === 0) empty.push(name);
      }
      must(!empty.includes(`${stack}/reports/top-talkers`), 'top-talkers is empty: its fields have other names');
      return `${queryDefinitions.length} queries, ${empty.length} of them without rows`;
    },
  },
  {
    shows:
      'KMS, S3 and Glue as the functions meet them: detections, a widget of the dashboard and a daily report over a bucket under a key, with their own roles',
    run: async ({ outputs, stack }) => {
      const input = {
        analysis: 'vertical-scan',
        schedule: 'vertical-scan',
        engine: 'athena',
        scheduledTime: new Date().toISOString(),
        everySeconds: 900,
        lagSeconds: 1200,
        overlapSeconds: 3600,
      };
      await invoke(outputs.RunFunctionName, input);
      const [reader] = await resources(stack, /^AnalyticsMonitoringDashboardReports[0-9A-F]{8}$/);
      const timeRange = { start: Date.now() - 3_600_000, end: Date.now() };
      const html = await invoke(reader, {
        analysis: 'top-rejected-sources',
        interface: 'eni-',
        subnet: 'subnet-',
        vpc: 'vpc-',
        widgetContext: { timeRange },
      });
      await invoke(outputs.ReportFunctionName, { day: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10) });
      return `a run, a widget of ${html.length} characters, a report`;
    },
  },
  {
    shows: 'compaction: Athena’s CREATE TABLE AS with its permissions, the size of its files, and equal counts',
    run: async ({ outputs, flowlogs, stack }) => {
      must(flowlogs('compact', '--stack', stack) === 0, 'flowlogs compact failed');
      must(flowlogs('verify-lake', '--stack', stack) === 0, 'the lake differs');
      const [bucket] = await resources(stack, /^AnalyticsLakeBucket[0-9A-F]{8}$/);
      const sizes = [];
      for await (const { Contents = [] } of paginateListObjectsV2(
        { client: new S3Client({}) },
        { Bucket: bucket, Prefix: 'lake/records/' },
      ))
        sizes.push(...Contents.map(({ Size = 0 }) => Size));
      return `${outputs.LakeWorkgroupName}: ${sizes.length} files, the largest of ${Math.max(0, ...sizes)} bytes`;
    },
  },
  {
    shows: 'API Gateway: unsigned and incomplete requests are refused before the function, and too many are throttled',
    run: async ({ outputs, flowlogs, signed }) => {
      const unsigned = await fetch(`${outputs.ApiUrl}?Action=DescribeFlowLog`);
      must(unsigned.status === 403, `unsigned: HTTP ${unsigned.status}`);
      const incomplete = await signed(outputs.ApiUrl);
      must(incomplete.status === 400, `without Action: HTTP ${incomplete.status}`);
      const burst = await Promise.all(Array.from({ length: 100 }, () => signed(`${outputs.ApiUrl}?Action=DescribeFlowLog`)));
      must(
        burst.some(({ status }) => status === 429),
        'a hundred calls at once were not throttled',
      );
      must(
        flowlogs('fetch', '--endpoint', outputs.ApiUrl, '--from', '-30m', '--to', '-25m', '-o', '/dev/null') === 0,
        'flowlogs fetch failed',
      );
      return `${burst.filter(({ status }) => status === 429).length} of 100 throttled`;
    },
  },
  {
    shows: 'CloudWatch: metric filters, anomaly bands, composite and log alarms take the records; the dashboard opens',
    run: async ({ stack }) => {
      const cloudwatch = new CloudWatchClient({});
      const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
        new DescribeAlarmsCommand({ AlarmNamePrefix: stack, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 }),
      );
      must(MetricAlarms.length > 0 && CompositeAlarms.length > 0, 'the alarms are not there');
      const broken = MetricAlarms.filter(({ EvaluationState }) => EvaluationState !== undefined);
      must(broken.length === 0, broken.map(({ AlarmName, EvaluationState }) => `${AlarmName}: ${EvaluationState}`).join('; '));
      const { DashboardBody = '' } = await cloudwatch.send(new GetDashboardCommand({ DashboardName: `${stack}-Analytics` }));
      must(
        JSON.parse(DashboardBody).variables.every(({ defaultValue }) => defaultValue !== undefined),
        'a variable has no value',
      );
      return `${MetricAlarms.length} alarms, ${CompositeAlarms.length} composite`;
    },
  },
  {
    shows: 'EventBridge Scheduler: schedules fire by themselves, with the time that a run is of',
    run: async ({ stack }) => {
      const { Datapoints = [] } = await new CloudWatchClient({}).send(
        new GetMetricStatisticsCommand({
          Namespace: 'FlowLogAnalytics',
          MetricName: 'RunsSucceeded',
          Dimensions: [{ Name: 'Stack', Value: stack }],
          StartTime: new Date(Date.now() - 3_600_000),
          EndTime: new Date(),
          Period: 3600,
          Statistics: ['Sum'],
        }),
      );
      const runs = Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
      must(runs > 0, 'no run succeeded within the last hour');
      return `${runs} runs`;
    },
  },
  {
    shows: 'SNS: an alarm reaches a subscriber of the topic, whose key lets CloudWatch in',
    run: async ({ outputs, stack }) => {
      const sqs = new SQSClient({});
      const arn = outputs.FindingsTopicArn;
      const name = `${stack}-check`;
      const queueArn = arn.replace(':sns:', ':sqs:').replace(/[^:]+$/, name);
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: queueArn,
            Condition: { ArnEquals: { 'aws:SourceArn': arn } },
          },
        ],
      });
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
      try {
        await new SNSClient({}).send(new SubscribeCommand({ TopicArn: arn, Protocol: 'sqs', Endpoint: queueArn }));
        const [alarm] = await resources(stack, /^AnalyticsMonitoringAlarmrunfailed/);
        await new CloudWatchClient({}).send(new SetAlarmStateCommand({ AlarmName: alarm, StateValue: 'ALARM', StateReason: 'test:live' }));
        const [message] = await until(
          60,
          async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }))).Messages,
        );
        return `${JSON.parse(JSON.parse(message.Body).Message).AlarmName} arrived`;
      } finally {
        await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      }
    },
  },
  {
    shows: 'the list price of Athena is the one that the estimate uses',
    run: async ({ region, prices }) => {
      const answer = await fetch(`https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonAthena/current/${region}/index.json`);
      const { products, terms } = await answer.json();
      const scans = Object.values(products).filter(({ attributes }) => /DataScannedInTB$/.test(attributes.usagetype ?? ''));
      const listed = scans.flatMap(({ sku }) =>
        Object.values(terms.OnDemand[sku]).flatMap(({ priceDimensions }) =>
          Object.values(priceDimensions).map(({ pricePerUnit }) => Number(pricePerUnit.USD)),
        ),
      );
      must(
        listed.includes(prices.athenaPerTb) || region !== 'us-east-1',
        `listed ${listed.join(', ')}, the estimate uses ${prices.athenaPerTb}`,
      );
      return `${listed.join(', ')} USD per TB in ${region}`;
    },
  },
  {
    shows: 'IBM’s own objects: one line each is assumed',
    needs: 'LIVE_IBM_LOGS',
    run: ({ flowlogs }) => {
      must(flowlogs('describe', process.env.LIVE_IBM_LOGS, '--source-format', 'ibm', '--strict') === 0, 'flowlogs cannot read them');
      return process.env.LIVE_IBM_LOGS;
    },
  },
];
