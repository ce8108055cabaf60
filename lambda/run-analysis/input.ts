import * as z from 'zod';
import { scopeSchema } from '../../lib/analysis/schema';

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number(), z.boolean()]))]);

/** What a schedule hands to the function. */
export const inputSchema = z.strictObject({
  schedule: z.string().min(1),
  analysis: z.string().min(1),
  engine: z.enum(['athena', 'insights']),
  /** ISO time at which the run was due: the window follows from it. */
  scheduledTime: z.iso.datetime({ offset: true }),
  everySeconds: z.int().min(60),
  lagSeconds: z.int().min(0),
  overlapSeconds: z.int().min(0),
  parameters: z.record(z.string(), value).default({}),
  /** Parameters whose value is a list in S3: `s3://bucket/key`, one entry a line. */
  parametersFrom: z.record(z.string(), z.string().regex(/^s3:\/\/[^/]+\/.+$/, 'expected s3://bucket/key')).default({}),
  scope: scopeSchema.default({}),
});

export type RunInput = z.input<typeof inputSchema>;
export type ParsedInput = z.output<typeof inputSchema>;
