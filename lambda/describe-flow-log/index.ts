import { createHash, randomBytes } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AthenaPages } from '../../lib/describe-flow-log/athena-pages';
import { DynamoState } from '../../lib/describe-flow-log/dynamo-state';
import { NAMESPACE } from '../../lib/finding/names';
import { partitionsNamed } from '../../lib/flow-log/layout';
import { environmentSchema } from './env';
import { createHandler } from './handler';

const env = environmentSchema.parse(process.env);
const logger = new Logger({ serviceName: NAMESPACE });
const now = () => Date.now();
const [database = ''] = env.RECORDS_VIEW.split('.');
const state = new DynamoState(new DynamoDBClient({ maxAttempts: 4 }), env.STATE_TABLE, env.CALLS_PER_MINUTE, now);

/** API Gateway waits 29 seconds for an answer. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const WAIT_MS = 20_000;

/** Entry point of the function. */
export const handler = createHandler({
  view: { name: env.RECORDS_VIEW, columns: env.COLUMNS.split(','), partitions: partitionsNamed(env.PARTITIONS) },
  limits: { maxMinutes: env.MAX_MINUTES, maxDays: env.MAX_DAYS, timeZone: env.TIME_ZONE },
  pages: new AthenaPages(new AthenaClient({ maxAttempts: 4 }), { workgroup: env.WORKGROUP, database }, WAIT_MS),
  continuations: state,
  quota: state,
  flowId: (key) => {
    const hex = createHash('sha256').update(key).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
  },
  newToken: () => randomBytes(16).toString('hex'),
  now,
  audit: (facts) => logger.info('DescribeFlowLog', { facts }),
  error: (message, facts) => logger.error(message, { facts }),
});
