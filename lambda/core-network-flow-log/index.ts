import { Logger } from '@aws-lambda-powertools/logger';
import { CreateFlowLogsCommand, CreateTagsCommand, DeleteFlowLogsCommand, DeleteTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Context } from 'aws-lambda';
import { NAMESPACE } from '../../lib/finding/names';
import { putAnswer } from '../shared/custom-resource';
import { logOf } from '../shared/log';
import { createHandler } from './handler';

const ec2 = new EC2Client({ maxAttempts: 5 });
/** Cloud WAN has no other. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html */
const AGGREGATION_SECONDS = 60;

const handle = createHandler({
  create: async ({ ResourceId, ...settings }, tags, token) => {
    const { FlowLogIds = [], Unsuccessful = [] } = await ec2.send(
      new CreateFlowLogsCommand({
        ...settings,
        ResourceIds: [ResourceId],
        MaxAggregationInterval: AGGREGATION_SECONDS,
        ClientToken: token,
        ...(tags.length === 0 ? {} : { TagSpecifications: [{ ResourceType: 'vpc-flow-log', Tags: [...tags] }] }),
      }),
    );
    const [id] = FlowLogIds;
    if (id !== undefined) return id;
    const { Code = 'no reason', Message = '' } = Unsuccessful[0]?.Error ?? {};
    throw new Error(`${settings.ResourceType} ${ResourceId}: EC2 made no flow log: ${Code} ${Message}`);
  },
  remove: async (id) => {
    const { Unsuccessful = [] } = await ec2.send(new DeleteFlowLogsCommand({ FlowLogIds: [id] }));
    const { Code, Message = '' } = Unsuccessful[0]?.Error ?? {};
    if (Code !== undefined && !Code.includes('NotFound')) throw new Error(`${id}: EC2 did not delete the flow log: ${Code} ${Message}`);
  },
  retag: async (id, { add, remove }) => {
    if (remove.length > 0) await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: remove.map((Key) => ({ Key })) }));
    if (add.length > 0) await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [...add] }));
  },
  // A repeated request gets the same answer: its token creates no second flow log.
  answer: putAnswer,
  log: logOf(new Logger({ serviceName: NAMESPACE })),
});

/** Entry point of the function. */
export const handler = (event: unknown, context: Context): Promise<void> => handle(event, context.getRemainingTimeInMillis());
