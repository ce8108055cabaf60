import * as z from 'zod';

/** Environment of the function; the construct sets exactly these. */
export const environmentSchema = z.object({
  WORKGROUP: z.string().min(1),
  RECORDS_VIEW: z.string().min(1),
  PARTITIONS: z.string(),
  /** Names of the view's columns, separated by commas. */
  COLUMNS: z.string().min(1),
  STATE_TABLE: z.string().min(1),
  TIME_ZONE: z.string().min(1),
  MAX_MINUTES: z.coerce.number().int().min(1),
  MAX_DAYS: z.coerce.number().int().min(1),
  CALLS_PER_MINUTE: z.coerce.number().int().min(1),
});
