import * as z from 'zod';
import { eventsWith } from '../shared/custom-resource';

/** CloudFormation hands everything over as text. */
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

const tag = z.object({ Key: z.string(), Value: z.string() });

/** Properties from the construct, spelt as in `CreateFlowLogs`. */
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

export const eventSchema = eventsWith(properties);

export type Properties = z.output<typeof properties>;
export type Tag = z.output<typeof tag>;
