import * as z from 'zod';
import { LATE } from '../shared/late';

/** Environment of the function; the construct sets exactly these. */
export const environmentSchema = z.object({
  STACK: z.string().min(1),
  WORKGROUP: z.string().min(1),
  LEDGER: z.string().min(1),
  BUCKET: z.string().min(1),
  LATE,
  TAG_VERIFIED: z.enum(['true', 'false']).transform((value) => value === 'true'),
  /** Hours before now that the first run begins with. */
  FIRST_HOURS: z.coerce.number().int().min(0),
  /** How far back late objects are looked for. */
  RECHECK_HOURS: z.coerce.number().int().min(0),
});
