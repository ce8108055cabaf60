import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { openPacked } from '../../lib/analysis/packed';
import { AthenaEngine } from '../../lib/engine/athena';
import { consoleOrigin } from '../../lib/finding/console';
import { DynamoStore } from '../../lib/finding/dynamo-store';
import { partitionsNamed } from '../../lib/flow-log/layout';
import { keptTables } from '../../lib/lake/relations';
import { drawReport } from '../../lib/report/drawing';
import { environmentSchema, tableFileSchema } from './env';
import { createHandler } from './handler';

const env = environmentSchema.parse(process.env);
const region = process.env['AWS_REGION'] ?? '';
const beside = (name: string) => readFileSync(join(__dirname, name), 'utf8');
const { version } = JSON.parse(beside('about.json')) as { version: string };
const { columns, groups, nonPublic, scheduled, notScheduled } = tableFileSchema.parse(JSON.parse(beside('table.json')));
const retries = { maxAttempts: 6 };
const s3 = new S3Client({ ...retries, ...(process.env['AWS_ENDPOINT_URL'] === undefined ? {} : { forcePathStyle: true }) });
const sns = new SNSClient(retries);
const store = new DynamoStore(new DynamoDBClient(retries), env.STORE_TABLE);
const partitions = partitionsNamed(env.PARTITIONS);
const [database = ''] = env.RECORDS_VIEW.split('.');

/** Entry point of the function. */
export const handler = createHandler({
  stack: env.STACK,
  version,
  engine: new AthenaEngine(new AthenaClient(retries), { workgroup: env.WORKGROUP, database }),
  catalogue: openPacked(beside('catalogue.json')),
  context: { columns: new Set(columns), groups, nonPublic: (column) => nonPublic[column] ?? 'false', table: env.RECORDS_VIEW, partitions },
  scheduled,
  notScheduled,
  relations: env.KEPT_RELATIONS ? keptTables(database) : {},
  states: (from, to) => store.between(from, to),
  draw: (model) => drawReport(model, join(__dirname, 'report.js')),
  write: async (day, html) => {
    const key = `${env.PREFIX}/${day}.html`;
    await s3.send(new PutObjectCommand({ Bucket: env.BUCKET, Key: key, Body: html, ContentType: 'text/html; charset=utf-8' }));
    return `${consoleOrigin(region)}/s3/object/${env.BUCKET}?region=${region}&prefix=${encodeURIComponent(key)}`;
  },
  tell:
    env.TOPIC_ARN === undefined
      ? undefined
      : async (Subject, Message) => {
          await sns.send(new PublishCommand({ TopicArn: env.TOPIC_ARN, Subject, Message }));
        },
  now: () => Date.now(),
});
