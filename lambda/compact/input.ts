import * as z from 'zod';
import { eventsWith } from '../shared/custom-resource';
import { hourSchema } from '../shared/hour';

/** Input from the schedule or from `flowlogs compact --stack`. */
export const inputSchema = z.discriminatedUnion('task', [
  /** Hours to compact; absent: what is due. */
  z.strictObject({ task: z.literal('compact'), hours: z.array(hourSchema).optional() }),
  /** Hours to compare with the raw tables; absent: those of the lake that were not since they were written. */
  z.strictObject({ task: z.literal('verify'), hours: z.array(hourSchema).optional() }),
  /** Makes the views read what is in the lake: the deployment put them back. */
  z.strictObject({ task: z.literal('show') }),
]);

/** The custom resource that comes after the views. */
export const viewsSchema = eventsWith(z.object({ Views: z.string() }));
