import * as z from 'zod';
import { WHY_NOT } from '../../lib/finding/not-judged';

/** Environment of the function; the construct sets exactly these. */
export const environmentSchema = z.object({
  STACK: z.string().min(1),
  WORKGROUP: z.string().min(1),
  RECORDS_VIEW: z.string().min(1),
  /** Names of partition columns, separated by commas. */
  PARTITIONS: z.string(),
  /** The lake keeps relations of the records: the view's parameters say of which hours. */
  KEPT_RELATIONS: z.enum(['true', 'false']).transform((value) => value === 'true'),
  STORE_TABLE: z.string().min(1),
  BUCKET: z.string().min(1),
  PREFIX: z.string().min(1),
  /** Topic for reports; default: no notification. */
  TOPIC_ARN: z.string().optional(),
});

/** File next to the code: properties of the table for the panels. */
export const tableFileSchema = z.object({
  columns: z.array(z.string()),
  groups: z.array(z.object({ name: z.string(), networks: z.array(z.string()) })),
  /** SQL of "is no public address" per address column. */
  nonPublic: z.record(z.string(), z.string()),
  /** Detections that run on a schedule, and why others do not. */
  scheduled: z.array(z.string()),
  notScheduled: z.array(z.object({ detection: z.string(), why: z.enum(WHY_NOT), reason: z.string() })),
});

export type TableFile = z.output<typeof tableFileSchema>;
