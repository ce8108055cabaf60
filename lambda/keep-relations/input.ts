import * as z from 'zod';
import { hourSchema } from '../shared/hour';

/** Input from users; the event of the schedule has none of these properties. */
export const inputSchema = z.object({
  /** Hours to look at; absent: what is due. */
  hours: z.array(hourSchema).min(1).optional(),
});
