import * as z from 'zod';
import { SEVERITIES } from '../analysis/severity';
import { type Finding, FINDING_SCHEMA_VERSION } from './finding';

const row = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const time = z.iso.datetime().describe('UTC, to the second');

/** Shape of a finding on the event bus and in `flowlogs detect -f json`. */
export const findingSchema = z.strictObject({
  schemaVersion: z.literal(FINDING_SCHEMA_VERSION),
  id: z.string().describe('key@time of the first row'),
  incident: z
    .string()
    .optional()
    .describe('Id of the first finding of the same incident: findings of one actor with less than an hour between them'),
  key: z.string().describe('detection/values of its key columns: identifies the subject of the finding; stable'),
  detection: z.string().describe('Id of the analysis'),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  time: time.describe('First row'),
  lastTime: time.describe('Last row within dedupFor of the first'),
  until: time.describe('End of the bucket of the last row'),
  occurrences: z.int().min(1).describe('Number of rows'),
  measure: z.number().nullable().describe("Largest value of the detection's measure column"),
  tags: z.array(z.string()).describe('MITRE ATT&CK techniques'),
  evidence: row.describe("The most severe row, by the analysis's columns"),
  rows: z.array(row).min(1).max(5).describe('The most severe rows, most severe first'),
}) satisfies z.ZodType<Finding>;

/** JSON Schema, published as docs/finding.schema.json. */
export const findingJsonSchema = (): object => ({
  ...z.toJSONSchema(findingSchema, { target: 'draft-7' }),
  title: `flow-log-analytics finding, version ${FINDING_SCHEMA_VERSION}`,
});
