import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GlueClient } from '@aws-sdk/client-glue';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SNSClient } from '@aws-sdk/client-sns';
import { RELATIONS } from '../../lib/analysis/relations';
import { openPacked } from '../../lib/analysis/packed';
import { AthenaEngine } from '../../lib/engine/athena';
import type { QueryEngine } from '../../lib/engine/engine';
import { InsightsEngine } from '../../lib/engine/insights';
import { DynamoStore } from '../../lib/finding/dynamo-store';
import { NAMESPACE } from '../../lib/finding/names';
import type { Sink } from '../../lib/finding/sink';
import { EventBridgeSink } from '../../lib/finding/sinks/event-bridge';
import { SecurityHubSink } from '../../lib/finding/sinks/security-hub';
import { SnsSink } from '../../lib/finding/sinks/sns';
import type { Suppression } from '../../lib/finding/suppression';
import { parseFormat } from '../../lib/flow-log/format';
import { partitionsNamed } from '../../lib/flow-log/layout';
import { readHeld } from '../../lib/lake/kept-relations';
import { newRunName } from '../../lib/lake/names';
import { keptTable, keptTables } from '../../lib/lake/relations';
import { StagedEngine } from '../../lib/lake/staged-engine';
import type { RunTarget } from '../../lib/run';
import { environmentSchema } from './env';
import { logOf } from '../shared/log';
import { printMetrics } from '../shared/metrics';
import { createHandler, type ScheduledTarget } from './handler';
import type { ParsedInput } from './input';

const env = environmentSchema.parse(process.env);
const region = process.env['AWS_REGION'] ?? '';
const beside = (name: string) => readFileSync(join(__dirname, name), 'utf8');
const { version } = JSON.parse(beside('about.json')) as { version: string };

// Throttling is ordinary where schedules meet: standard retries with room.
const retries = { maxAttempts: 6 };
const athena = new AthenaClient(retries);
const glue = new GlueClient(retries);
const sqs = new SQSClient(retries);
const s3 = new S3Client({ ...retries, ...(process.env['AWS_ENDPOINT_URL'] === undefined ? {} : { forcePathStyle: true }) });
const catalogue = openPacked(beside('catalogue.json'));

/** Made once: its client keeps its connections from one run to the next. */
const targets: Partial<Record<ParsedInput['engine'], RunTarget>> = {};
if (env.WORKGROUP !== undefined && env.RECORDS_VIEW !== undefined) {
  const [database = ''] = env.RECORDS_VIEW.split('.');
  targets.athena = {
    catalogue,
    engine: new AthenaEngine(athena, { workgroup: env.WORKGROUP, database }),
    table: env.RECORDS_VIEW,
    partitions: partitionsNamed(env.PARTITIONS),
    columns: new Set(env.OPTIONAL_COLUMNS.split(',')),
  };
}
if (env.LOG_GROUP !== undefined)
  targets.insights = {
    catalogue,
    engine: new InsightsEngine(new CloudWatchLogsClient(retries), { logGroups: [env.LOG_GROUP] }),
    table: '',
    format: env.LOG_FORMAT === undefined ? undefined : parseFormat(env.LOG_FORMAT),
  };

/** Over kept relations. */
function staged(engine: QueryEngine, database: string): QueryEngine {
  const { STAGES_WORKGROUP: workgroup, STAGES_LOCATION: location } = env;
  if (workgroup === undefined || location === undefined) return engine;
  return new StagedEngine(
    { database, location, of: new Set(RELATIONS.map((name) => `${database}.${keptTable(name)}`)) },
    {
      engine,
      maker: new AthenaEngine(athena, { workgroup, database }),
      glue,
      newRun: newRunName,
    },
  );
}

async function target(engine: ParsedInput['engine']): Promise<ScheduledTarget> {
  const found = targets[engine];
  if (found === undefined) throw new Error(`this stack has no data for ${engine}`);
  if (engine !== 'athena' || !env.KEPT_RELATIONS) return found;
  const [database = ''] = found.table.split('.');
  return {
    ...found,
    engine: staged(found.engine, database),
    relations: keptTables(database),
    held: (await readHeld(glue, database)) ?? 'nothing',
  };
}

const sinks: Sink[] = [];
if (env.EVENT_BUS !== undefined)
  sinks.push(new EventBridgeSink(new EventBridgeClient(retries), { busName: env.EVENT_BUS, ocsf: env.OCSF, productVersion: version }));
if (env.SECURITY_HUB) sinks.push(new SecurityHubSink(new SecurityHubClient(retries), env.PARTITION));
if (env.TOPIC_ARN !== undefined)
  sinks.push(
    new SnsSink(new SNSClient(retries), { topicArn: env.TOPIC_ARN, chatTopicArn: env.CHAT_TOPIC_ARN, digestAbove: env.DIGEST_ABOVE }),
  );

/** Entry point of the function. */
export const handler = createHandler({
  catalogue,
  target,
  store: new DynamoStore(new DynamoDBClient(retries), env.STORE_TABLE),
  sinks,
  suppressions: JSON.parse(beside('suppressions.json')) as Suppression[],
  read: async (uri) => {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  },
  bury: async (input, reason) => {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: env.DEAD_LETTER_QUEUE_URL,
        MessageBody: JSON.stringify(input),
        MessageAttributes: { ErrorMessage: { DataType: 'String', StringValue: reason.slice(0, 1000) } },
      }),
    );
  },
  publish: (schedule, numbers) => printMetrics({ Stack: env.STACK, Schedule: schedule }, numbers),
  log: logOf(new Logger({ serviceName: NAMESPACE })),
  now: () => Date.now(),
  about: {
    stack: env.STACK,
    account: env.ACCOUNT,
    region,
    timeZone: env.TIME_ZONE,
    runbookUrl: env.RUNBOOK_URL,
    dashboardUrl: env.DASHBOARD_URL,
    reportsUrl: env.REPORTS_URL,
  },
  commandOptions: (engine) =>
    engine === 'athena' ? `--engine athena --stack ${env.STACK}` : `--engine insights --log-group ${env.LOG_GROUP ?? ''}`,
});
