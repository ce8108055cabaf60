import * as z from 'zod';

/** Environment of the function; the construct sets exactly these. */
export const environmentSchema = z.object({
  WORKGROUP: z.string(),
  RECORDS_VIEW: z.string(),
  /** Names of partition columns, separated by commas. */
  PARTITIONS: z.string(),
});
