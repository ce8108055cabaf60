import * as z from 'zod';

/** CloudFormation hands everything over as text. */
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

const tag = z.object({ Key: z.string(), Value: z.string() });

/** What the construct asks for, spelt as `CreateFlowLogs` spells it. */
const properties = z.object({
  ResourceType: z.enum(['CoreNetwork', 'CoreNetworkAttachment', 'CoreNetworkEdge']),
  ResourceId: z.string().min(1),
  LogFormat: z.string().min(1),
  LogDestinationType: z.enum(['s3', 'cloud-watch-logs', 'kinesis-data-firehose']),
  LogDestination: z.string().min(1),
  DeliverLogsPermissionArn: z.string().optional(),
  DeliverCrossAccountRole: z.string().optional(),
  DestinationOptions: z
    .object({ FileFormat: z.enum(['plain-text', 'parquet']), HiveCompatiblePartitions: flag, PerHourPartition: flag })
    .optional(),
  Tags: z.array(tag).default([]),
});

const common = { RequestId: z.string().min(1), ResponseURL: z.url(), StackId: z.string(), LogicalResourceId: z.string() };

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export const eventSchema = z.discriminatedUnion('RequestType', [
  z.object({ ...common, RequestType: z.literal('Create'), ResourceProperties: properties }),
  z.object({
    ...common,
    RequestType: z.literal('Update'),
    PhysicalResourceId: z.string(),
    ResourceProperties: properties,
    OldResourceProperties: properties,
  }),
  z.object({ ...common, RequestType: z.literal('Delete'), PhysicalResourceId: z.string() }),
]);

/** What every request has, whether or not the rest of it can be read: enough to answer it. */
export const envelopeSchema = z.object({ ...common, PhysicalResourceId: z.string().optional() });

export type Properties = z.output<typeof properties>;
export type Tag = z.output<typeof tag>;
export type Envelope = z.output<typeof envelopeSchema>;
