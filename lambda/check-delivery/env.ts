import * as z from 'zod';
import { LAYOUTS } from '../../lib/flow-log/layout';

const location = z.strictObject({
  bucket: z.string().min(1),
  prefix: z.string(),
  layout: z.string().refine((name) => Object.hasOwn(LAYOUTS, name)),
  accounts: z.array(z.string()),
  regions: z.array(z.string()),
});

const json = <T extends z.ZodType>(schema: T) => z.string().transform((text) => schema.parse(JSON.parse(text)));

/** Environment of the function; the construct sets exactly these. */
export const environmentSchema = z.object({
  STACK: z.string().min(1),
  /** Ids of the flow logs, separated by commas. */
  FLOW_LOG_IDS: z.string(),
  /** Where objects are delivered, as JSON. */
  LOCATIONS: json(z.array(location)),
});

export type Location = z.output<typeof location>;
