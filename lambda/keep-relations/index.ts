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
import { AthenaRelations } from '../../lib/lake/athena-relations';
import { DynamoLedger } from '../../lib/lake/dynamo-ledger';
import { keepRelations } from '../../lib/lake/keep-relations';
import { newRunName } from '../../lib/lake/names';
import { placesSchema, relationsFileSchema } from '../../lib/lake/settings';
import { fillLate } from '../shared/late';
import { printMetrics } from '../shared/metrics';
import { environmentSchema } from './env';
import { inputSchema } from './input';

const env = environmentSchema.parse(process.env);
const beside = (name: string) => readFileSync(join(__dirname, name), 'utf8');
const file = relationsFileSchema.parse(JSON.parse(beside('relations.json')));
const places = placesSchema.parse(fillLate(beside('places.json'), env.LATE));
const logger = new Logger({ serviceName: NAMESPACE });
const retries = { maxAttempts: 6 };
const now = () => Date.now();
const lake = new AthenaRelations(
  { ...file, bucket: env.BUCKET, places },
  {
    engine: new AthenaEngine(new AthenaClient(retries), { workgroup: env.WORKGROUP, database: file.database }),
    glue: new GlueClient(retries),
    s3: new S3Client({ ...retries, ...(process.env['AWS_ENDPOINT_URL'] === undefined ? {} : { forcePathStyle: true }) }),
    now,
  },
);
const ledger = new DynamoLedger(new DynamoDBClient(retries), env.LEDGER);

/** Entry point of the function: its schedule, and users who request hours again. */
export const handler = async (event: unknown, context: Context): Promise<unknown> => {
  const { hours } = inputSchema.parse(event ?? {});
  const answer = await keepRelations({
    ledger,
    lake,
    now,
    newRun: newRunName,
    firstHours: env.FIRST_HOURS,
    recheckHours: env.RECHECK_HOURS,
    hours,
    left: () => context.getRemainingTimeInMillis(),
    failed: (hour, reason) => logger.error('hour failed', { facts: { hour, reason } }),
  });
  logger.info('relations kept', { facts: answer });
  printMetrics(
    { Stack: env.STACK },
    { relationsMade: answer.made, relationsFailed: answer.failed.length, relationsKept: answer.held === undefined ? 0 : 1 },
  );
  return answer;
};
