import * as z from 'zod';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** Environment of the function; the construct sets exactly these. */
export const environmentSchema = z.object({
  STACK: z.string().min(1),
  ACCOUNT: z.string(),
  PARTITION: z.string(),
  STORE_TABLE: z.string().min(1),
  DEAD_LETTER_QUEUE_URL: z.string().min(1),
  /** Athena: where to run and what to read. */
  WORKGROUP: z.string().optional(),
  RECORDS_VIEW: z.string().optional(),
  /** Names of partition columns, separated by commas. */
  PARTITIONS: z.string().default(''),
  /** Those of the records' optional columns that they have, separated by commas. */
  OPTIONAL_COLUMNS: z.string().default(''),
  /** The lake keeps relations of the records: the view's parameters say of which hours. */
  KEPT_RELATIONS: flag.default(false),
  /** Where a run makes tables of what its query names more than once: a workgroup, and `s3://bucket/folder`. */
  STAGES_WORKGROUP: z.string().optional(),
  STAGES_LOCATION: z.string().optional(),
  /** Logs Insights. */
  LOG_GROUP: z.string().optional(),
  LOG_FORMAT: z.string().optional(),
  TOPIC_ARN: z.string().optional(),
  CHAT_TOPIC_ARN: z.string().optional(),
  EVENT_BUS: z.string().optional(),
  OCSF: flag.default(false),
  SECURITY_HUB: flag.default(false),
  DIGEST_ABOVE: z.coerce.number().int().min(1).default(20),
  TIME_ZONE: z.string().optional(),
  RUNBOOK_URL: z.string(),
  DASHBOARD_URL: z.string().optional(),
  /** Folder of the daily reports. */
  REPORTS_URL: z.string().optional(),
});

export type Environment = z.input<typeof environmentSchema>;
