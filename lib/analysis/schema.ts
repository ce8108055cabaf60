import * as z from 'zod';
import { type Scope, SCOPE_KINDS, type ScopeKind } from './scope';
import { findField } from '../flow-log/fields';
import { isFlatColumn } from '../flow-log/ibm';
import { DURATION_PATTERN } from './duration';
import { ROLES } from './role';
import { SEVERITIES } from './severity';

const text = z.string().trim().min(1);
const duration = z.string().regex(DURATION_PATTERN, 'expected a duration such as 15m, 24h or 7d');
const sqlName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'expected a lower-case SQL name such as source_address');
const field = z.string().refine((name) => findField(name) !== undefined || isFlatColumn(name), {
  error: (issue) =>
    `${JSON.stringify(issue.input)} is neither a field of the field table nor a column of the flat view; expected a name such as pkt-srcaddr`,
});

export const PARAMETER_TYPES = ['integer', 'number', 'string', 'ip', 'cidr', 'boolean', 'integer[]', 'string[]', 'ip[]', 'cidr[]'] as const;
const scalar = z.union([z.number(), z.string(), z.boolean()]);

const parameter = z.strictObject({
  type: z.enum(PARAMETER_TYPES),
  default: z
    .union([scalar, z.array(scalar).min(1)])
    .optional()
    .describe('If absent, the caller must give a value'),
  min: z.number().optional(),
  max: z.number().optional(),
  values: z.array(scalar).optional().describe('The only values allowed'),
  example: z
    .union([scalar, z.array(scalar)])
    .optional()
    .describe('A value for saved queries of a parameter without default'),
  meaning: text,
});

export const COLUMN_TYPES = ['string', 'address', 'integer', 'number', 'boolean', 'timestamp'] as const;
export const UNITS = [
  'bytes',
  'packets',
  'records',
  'seconds',
  'percent',
  'protocol',
  'port',
  'tcp-flags',
  'traffic-path',
  'weekday',
  'score',
] as const;

const column = z.strictObject({
  name: sqlName,
  type: z.enum(COLUMN_TYPES).describe('address: text of an IP address, which answers show with its name, owner and country'),
  unit: z.enum(UNITS).optional().describe('Unit for display; machine output stays raw'),
  meaning: text.optional(),
});

const finding = z.strictObject({
  key: z.array(sqlName).min(1).describe('Columns that identify what the finding is about'),
  title: text.describe('One line; {column} is replaced, [a part] with a NULL in it left out'),
  time: sqlName.describe('Timestamp column: time of the event'),
  measure: sqlName.optional().describe('Numeric column for the size of a finding. A finding whose measure doubles is reported again'),
  severity: sqlName.optional().describe('Column with the severity of a row; default: the severity of the analysis'),
  bucket: duration.optional().describe('Length of the time of a row; default: the parameter bucket_minutes, otherwise 1h'),
  dedupFor: duration.describe('Time within which the same key creates no second finding'),
  maxRows: z.int().min(1).max(1000).default(100),
});

const chart = z.strictObject({
  type: z.enum(['bar', 'line', 'heatmap', 'table', 'number']),
  x: sqlName.optional(),
  y: sqlName.optional(),
  series: sqlName.optional(),
});

/** How a picture of {@link evidence} is drawn, and so what its rows are (lib/analysis/evidence.ts). */
export const PICTURES = ['columns', 'lanes', 'bars'] as const;

const evidence = z.strictObject({
  title: text.describe('Heading of the chart'),
  draw: z
    .enum(PICTURES)
    .describe(
      'columns: a value per time; lanes: what happened to each of several things over time; bars: how often each of several values',
    ),
  unit: z.enum(UNITS).optional().describe('Unit for display'),
  step: duration.optional().describe('columns: length of one; default: the bucket of a finding'),
  before: duration.optional().describe('Time before the finding; default: none'),
  after: duration.optional().describe('Time after the finding'),
  file: z
    .string()
    .regex(/^[a-z][a-z0-9-]*\.sql$/, 'expected a file name such as evidence.sql')
    .default('evidence.sql'),
});

export const analysisSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'expected kebab-case such as top-rejected-sources'),
    title: text,
    kind: z.enum(['report', 'detection']),
    group: text.describe('Heading under which the analysis is listed'),
    status: z.enum(['experimental', 'stable', 'deprecated']).default('stable'),
    severity: z.enum(SEVERITIES).optional(),
    tags: z.array(text).default([]).describe('MITRE ATT&CK ids for detections'),
    summary: text,
    howTo: text.optional(),
    falsePositives: text.optional(),
    runbook: text.optional(),
    checks: z.array(text).length(3).optional().describe('How to investigate a finding: three steps with commands'),
    references: z.array(z.url()).default([]),
    requires: z.array(field).min(1),
    actions: z
      .array(z.enum(['ACCEPT', 'REJECT']))
      .default([])
      .describe('Actions of records without which it judges nothing: logs may have been written for one of them only'),
    parametersOf: z.array(sqlName).default([]).describe('Shared parameters: files _partials/<name>.yaml, merged below `parameters`'),
    parameters: z.record(sqlName, parameter).default({}),
    profiles: z
      .partialRecord(z.enum(ROLES), z.record(sqlName, z.union([scalar, z.array(scalar)])))
      .default({})
      .describe('Parameter values for parts of the network with that role'),
    columns: z.array(column).min(1),
    finding: finding.optional(),
    evidence: z
      .array(evidence)
      .default([])
      .describe(
        'Pictures of what a finding was compared with: each a text of Athena SQL over the relations for {{key_<column>}} and {{window}}',
      ),
    thresholds: z
      .record(sqlName, sqlName)
      .default({})
      .describe('Parameters that reduce findings when raised, each with the column that it limits'),
    schedule: duration.optional().describe('How often a deployed stack runs it'),
    window: duration.describe('Default relative window of a saved query'),
    lookback: duration.optional().describe('Time before the window that the baseline needs'),
    reach: duration.optional().describe('How much earlier the conversations begin that the query reads in addition to its window'),
    replaces: z
      .array(text)
      .default([])
      .describe('Ids of simpler detections for the same traffic: they are not scheduled where this one runs'),
    chart: chart.default({ type: 'table' }),
    engines: z.strictObject({ insights: text }).optional().describe('Reason why an engine has no query'),
  })
  .superRefine((analysis, context) => {
    const names = analysis.columns.map((c) => c.name);
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (new Set(names).size !== names.length) issue(['columns'], `column names must differ; got ${names.join(', ')}`);
    if (analysis.kind === 'detection') {
      for (const key of ['severity', 'finding', 'falsePositives', 'runbook', 'checks', 'howTo'] as const) {
        if (analysis[key] === undefined) issue([key], 'a detection needs it');
      }
      if (!analysis.tags.some((tag) => /^T\d{4}(\.\d{3})?$/.test(tag)))
        issue(['tags'], 'a detection needs a MITRE ATT&CK technique such as T1046');
    }
    if (analysis.kind === 'report' && analysis.finding !== undefined) issue(['finding'], 'only a detection has findings');
    const cited = [
      ...(analysis.finding?.key ?? []),
      ...(analysis.finding === undefined ? [] : [analysis.finding.time]),
      ...(analysis.finding?.measure === undefined ? [] : [analysis.finding.measure]),
      ...(analysis.finding?.severity === undefined ? [] : [analysis.finding.severity]),
      ...titleColumns(analysis.finding?.title ?? ''),
    ];
    for (const name of cited) {
      if (!names.includes(name)) issue(['finding'], `${JSON.stringify(name)} is no column; expected one of ${names.join(', ')}`);
    }
    if (analysis.kind === 'report' && analysis.evidence.length > 0) issue(['evidence'], 'only a detection has evidence');
    for (const [name, columnName] of Object.entries(analysis.thresholds)) {
      const type = analysis.parameters[name]?.type;
      if (type !== 'integer' && type !== 'number') issue(['thresholds', name], 'expected a parameter that is a number');
      if (!names.includes(columnName))
        issue(['thresholds', name], `${JSON.stringify(columnName)} is no column; expected one of ${names.join(', ')}`);
    }
    for (const [role, values] of Object.entries(analysis.profiles))
      for (const name of Object.keys(values))
        if (!Object.hasOwn(analysis.parameters, name)) issue(['profiles', role, name], 'is no parameter of the analysis');
    for (const key of ['x', 'y', 'series'] as const) {
      const name = analysis.chart[key];
      if (name !== undefined && !names.includes(name))
        issue(['chart', key], `${JSON.stringify(name)} is no column; expected one of ${names.join(', ')}`);
    }
  });

/** Column names in the braces of a title template. */
export const titleColumns = (title: string): string[] => [...title.matchAll(/\{([a-z0-9_]+)\}/g)].map((match) => match[1] ?? '');

export type AnalysisDefinition = z.output<typeof analysisSchema>;
export type EvidenceDefinition = z.output<typeof evidence>;
export type ParameterDefinition = z.output<typeof parameter>;
export type Column = z.output<typeof column>;

/** A file of shared parameters, `_partials/<name>.yaml`. */
export const sharedParametersSchema = z.record(sqlName, parameter);

/** JSON Schema of `analysis.yaml`, for editors. */
export const analysisJsonSchema = (): unknown => ({
  ...z.toJSONSchema(analysisSchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }),
  title: 'flow-log-analytics analysis',
});

const parts = Object.fromEntries(SCOPE_KINDS.map((kind) => [kind, z.array(text).optional()])) as Record<
  ScopeKind,
  z.ZodOptional<z.ZodArray<typeof text>>
>;

/** A scope as data: what `parseScope` reads. */
export const scopeSchema: z.ZodType<Scope, Scope> = z.strictObject({
  ...parts,
  get except() {
    return z.array(scopeSchema).optional();
  },
});

/** One case of an analysis: raw flow logs in, rows out. */
export const fixtureSchema = z.strictObject({
  about: text.describe('What this case tests'),
  input: z.array(text).min(1).describe('Flow-log files, relative to the fixture'),
  logFormat: text.optional().describe('Format of files without header'),
  from: text.optional().describe('ISO time; default: the earliest start of the records'),
  to: text.optional(),
  parameters: z.record(sqlName, z.union([scalar, z.array(scalar)])).default({}),
  scope: scopeSchema.default({}),
  rows: z.array(z.record(sqlName, z.union([scalar, z.null()]))),
});

export type Fixture = z.output<typeof fixtureSchema>;

/**
 * One line per problem: key, what is wrong, what was got.
 * @public
 */
export function explainIssues(error: z.ZodError, input: unknown): string[] {
  return error.issues.map((issue) => {
    const at = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
    const got = at === undefined ? 'nothing' : JSON.stringify(at).slice(0, 120);
    return `${issue.path.length === 0 ? '(top level)' : issue.path.join('.')}: ${issue.message}; got ${got}`;
  });
}
