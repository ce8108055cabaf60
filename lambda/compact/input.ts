import * as z from 'zod';

const hour = z.string().regex(/^\d{4}\/\d{2}\/\d{2}\/\d{2}$/, 'expected YYYY/MM/DD/HH');

/** What the schedule, or `flowlogs compact --stack`, asks for. */
export const inputSchema = z.discriminatedUnion('task', [
  /** Hours to compact; absent: what is due. */
  z.strictObject({ task: z.literal('compact'), hours: z.array(hour).optional() }),
  /** Hours to compare with the raw tables; absent: those of the last day in the lake. */
  z.strictObject({ task: z.literal('verify'), hours: z.array(hour).optional() }),
]);
