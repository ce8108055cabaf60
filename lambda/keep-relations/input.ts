import * as z from 'zod';
import { hourSchema } from '../shared/hour';

/** What a person asks for; the schedule's own event has none of it. */
export const inputSchema = z.object({
  /** Hours to look at; absent: what is due. */
  hours: z.array(hourSchema).min(1).optional(),
});
