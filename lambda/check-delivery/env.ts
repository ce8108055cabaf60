import * as z from 'zod';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { LATE } from '../shared/late';

const location = z.strictObject({
  bucket: z.string().min(1),
  prefix: z.string(),
  layout: z.string().refine((name) => Object.hasOwn(LAYOUTS, name)),
  accounts: z.array(z.string()),
  regions: z.array(z.string()),
});

/** `locations.json` next to the code: where objects are delivered. */
export const locationsSchema = z.array(location);

/** Environment of the function; the construct sets exactly these. */
export const environmentSchema = z.object({
  STACK: z.string().min(1),
  /** Ids of the flow logs, separated by commas. */
  FLOW_LOG_IDS: z.string(),
  LATE,
});

export type Location = z.output<typeof location>;
