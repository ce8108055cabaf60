import * as z from 'zod';

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
  /** Told of each report; absent: nobody is. */
  TOPIC_ARN: z.string().optional(),
});

/** Text beside the code: what the panels need to know of the table. */
export const tableFileSchema = z.object({
  columns: z.array(z.string()),
  groups: z.array(z.object({ name: z.string(), networks: z.array(z.string()) })),
  /** SQL of "is no public address" per address column. */
  nonPublic: z.record(z.string(), z.string()),
});

export type TableFile = z.output<typeof tableFileSchema>;
