import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { AthenaEngine } from '../../lib/engine/athena';
import { NAMESPACE } from '../../lib/finding/names';
import { AthenaLake } from '../../lib/lake/athena-lake';
import { DynamoLedger } from '../../lib/lake/dynamo-ledger';
import { newRunName } from '../../lib/lake/names';
import { lakeFileSchema, placesSchema } from '../../lib/lake/settings';
import { answered, putAnswer } from '../shared/custom-resource';
import { fillLate } from '../shared/late';
import { logOf } from '../shared/log';
import { printMetrics } from '../shared/metrics';
import { environmentSchema } from './env';
import { createHandler, showAgain } from './handler';

const env = environmentSchema.parse(process.env);
const beside = (name: string) => readFileSync(join(__dirname, name), 'utf8');
const file = lakeFileSchema.parse(JSON.parse(beside('lake.json')));
const places = placesSchema.parse(fillLate(beside('places.json'), env.LATE));
const log = logOf(new Logger({ serviceName: NAMESPACE }));
const retries = { maxAttempts: 6 };
const now = () => Date.now();
const lake = new AthenaLake(
  { ...file, bucket: env.BUCKET, places, tagVerified: env.TAG_VERIFIED },
  {
    engine: new AthenaEngine(new AthenaClient(retries), { workgroup: env.WORKGROUP, database: file.database }),
    glue: new GlueClient(retries),
    s3: new S3Client({ ...retries, ...(process.env['AWS_ENDPOINT_URL'] === undefined ? {} : { forcePathStyle: true }) }),
    now,
  },
);
const ledger = new DynamoLedger(new DynamoDBClient(retries), env.LEDGER);

/** Entry point of the function: schedules, `flowlogs compact --stack`, and CloudFormation. */
export async function handler(event: unknown, context: Context): Promise<unknown> {
  const left = () => context.getRemainingTimeInMillis();
  const handle = createHandler({
    ledger,
    lake,
    now,
    newRun: newRunName,
    firstHours: env.FIRST_HOURS,
    recheckHours: env.RECHECK_HOURS,
    left,
    publish: (numbers) => printMetrics({ Stack: env.STACK }, numbers),
    log,
  });
  if (typeof event !== 'object' || event === null || !('RequestType' in event)) return handle(event);
  return answered({ answer: putAnswer, log }, { event, leftMs: left() }, () => showAgain(handle, event, log));
}
