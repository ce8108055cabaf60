import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { DescribeFlowLogsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { NAMESPACE } from '../../lib/finding/names';
import { fillLate } from '../shared/late';
import { logOf } from '../shared/log';
import { printMetrics } from '../shared/metrics';
import { environmentSchema, locationsSchema } from './env';
import { createHandler } from './handler';

const env = environmentSchema.parse(process.env);
const locations = locationsSchema.parse(fillLate(readFileSync(join(__dirname, 'locations.json'), 'utf8'), env.LATE));
const ec2 = new EC2Client({ maxAttempts: 5 });
const s3 = new S3Client({ maxAttempts: 5, ...(process.env['AWS_ENDPOINT_URL'] === undefined ? {} : { forcePathStyle: true }) });

/** Entry point of the function. */
export const handler = createHandler({
  flowLogIds: env.FLOW_LOG_IDS.split(',').filter((id) => id !== ''),
  locations,
  describe: async (ids) => {
    // A filter, not FlowLogIds: an id that is gone must be missed, not be an error.
    const { FlowLogs = [] } = await ec2.send(new DescribeFlowLogsCommand({ Filter: [{ Name: 'flow-log-id', Values: [...ids] }] }));
    return FlowLogs.map((log) => ({
      id: log.FlowLogId ?? '',
      active: log.FlowLogStatus === 'ACTIVE',
      deliverLogsStatus: log.DeliverLogsStatus,
      errorMessage: log.DeliverLogsErrorMessage,
    }));
  },
  newest: async (bucket, prefix) => {
    let newest: number | undefined;
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix }))
      for (const { LastModified } of page.Contents ?? []) newest = Math.max(newest ?? 0, LastModified?.getTime() ?? 0);
    return newest;
  },
  publish: (numbers) => printMetrics({ Stack: env.STACK }, numbers),
  log: logOf(new Logger({ serviceName: NAMESPACE })),
  now: () => Date.now(),
});
