/** The app's configuration: `-c vpcId=…`, or `-c config=FILE.yaml`. One parse, one place. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { ConfigError } from './config-error';
import { SCOPE_KINDS } from './analysis/scope';
import { DURATION_PATTERN } from './analysis/duration';
import { ROLES } from './analysis/role';
import { explainIssues } from './analysis/schema';
import { linesOf } from './lines-error';
import { yamlData } from './analysis/yaml';
import { type AlarmName, ALARMS } from './finding/alarms';
import { type Suppression, suppressionsSchema } from './finding/suppression';
import { SCOPES, TRAFFIC } from './flow-log/definition';
import { FormatError, parseFormat } from './flow-log/format';
import { REGION_PATTERN } from './flow-log/region';

export { ConfigError };

const text = z.string().trim().min(1);
const id = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'expected letters, digits, _ and -');
const account = z
  .string({ error: 'expected 12 digits in quotes: YAML reads bare digits as a number' })
  .regex(/^\d{12}$/, 'expected 12 digits');
const region = z.string().regex(new RegExp(`^${REGION_PATTERN}$`), 'expected a Region such as eu-central-1');
const arn = z.string().regex(/^arn:[\w-]+:[\w-]+:/, 'expected an ARN');
const since = z.string().regex(/^(\d{4}-\d{2}-\d{2}|NOW-\d{1,5}DAYS)$/, 'expected a day such as "2026-01-31" (in quotes), or NOW-400DAYS');
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected a bucket name');
const days = z.int().min(1);
const bucketKey = arn.optional().describe('Key that the objects of `bucket` are encrypted with (SSE-KMS)');

/** The key belongs to an existing bucket: a bucket of the stack has its own settings. */
const keyBesideBucket = <T extends { bucket?: string | undefined; kmsKeyArn?: string | undefined }>(
  value: T,
  context: z.core.$RefinementCtx<T>,
): void => {
  if (value.kmsKeyArn !== undefined && value.bucket === undefined)
    context.addIssue({
      code: 'custom',
      path: ['kmsKeyArn'],
      message: 'got a key without bucket, expected it together with an existing bucket; for the bucket of the stack, set bucket.kmsKeyArn',
    });
};

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653] as const;

const format = z.string().superRefine((value, context) => {
  try {
    parseFormat(value);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

const fileFormat = z.enum(['parquet', 'text']);
const layout = {
  fileFormat: fileFormat.default('parquet'),
  hiveCompatible: z.boolean().default(false).describe('aws-account-id=…/year=… folders'),
  hourly: z.boolean().default(true).describe('One folder per hour'),
};

const scopeNames = Object.keys(SCOPES) as (keyof typeof SCOPES)[];
const scope = z
  .strictObject(
    Object.fromEntries(scopeNames.map((name) => [name, text.optional()])) as Record<keyof typeof SCOPES, z.ZodOptional<z.ZodString>>,
  )
  .superRefine((value, context) => {
    const given = scopeNames.filter((name) => value[name] !== undefined);
    if (given.length !== 1)
      context.addIssue({ code: 'custom', message: `expected exactly one of ${scopeNames.join(', ')}; got ${given.join(', ') || 'none'}` });
    for (const name of given) {
      if (value[name]?.startsWith(SCOPES[name].idPrefix) !== true)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `got ${JSON.stringify(value[name])}, expected an id such as ${SCOPES[name].idPrefix}0abc…`,
        });
    }
  });

const s3Destination = z
  .strictObject({
    bucket: bucketName.optional().describe('Existing bucket, in this or in a central account; default: a bucket of the stack'),
    kmsKeyArn: bucketKey,
    prefix: text.optional().describe('Default: a folder derived from id, format, layout, traffic and aggregation'),
    ...layout,
  })
  .superRefine(keyBesideBucket);

const destination = z
  .strictObject({
    s3: s3Destination.optional(),
    cloudWatchLogs: z
      .strictObject({
        logGroup: text.optional().describe('Existing log group'),
        logGroupClass: z.enum(['STANDARD', 'INFREQUENT_ACCESS']).optional(),
        retentionDays: z.literal(RETENTION_DAYS).optional(),
        kmsKeyArn: arn.optional().describe('Encrypts a new log group; for an existing log group, the key that encrypts it'),
      })
      .optional(),
    firehose: z.strictObject({ deliveryStreamArn: arn, crossAccountRoleArn: arn.optional() }).optional(),
  })
  .superRefine((value, context) => {
    const given = Object.entries(value).filter(([, one]) => one !== undefined);
    if (given.length !== 1)
      context.addIssue({
        code: 'custom',
        message: `expected exactly one of s3, cloudWatchLogs, firehose; got ${given.map(([name]) => name).join(', ') || 'none'}`,
      });
  });

/** JavaScript takes the 31st of November for the first of December. */
const isTime = (value: string) => {
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value.slice(0, 16));
};

const traffic = z.enum(TRAFFIC).optional();
const aggregationSeconds = z.union([z.literal(60), z.literal(600)]).optional();
const tagFields = z.array(z.strictObject({ resourceType: text, tagKeys: z.array(text).min(1).max(2) })).optional();

const retiredFormat = z.strictObject({
  format,
  traffic,
  aggregationSeconds,
  tagFields,
  fileFormat: fileFormat.optional(),
  hiveCompatible: z.boolean().optional(),
  hourly: z.boolean().optional(),
  prefix: text.optional(),
  until: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/, 'expected a time such as 2026-11-20T05:00Z')
    .refine((value) => isTime(value), 'expected a time that there is')
    .optional()
    .describe('Time at which the new flow log was deployed: later records of this one are left out, since both wrote for some minutes'),
});

const definition = z.strictObject({
  id: id.describe('Names the table and the folder'),
  scope,
  traffic,
  format: format.optional().describe("default, recommended, all, transit-gateway, field names, or AWS's ${…} string"),
  aggregationSeconds,
  destination: destination.optional().describe('Default: Parquet in a bucket of the stack, one folder per hour'),
  tagFields,
  retiredFormats: z
    .array(retiredFormat)
    .optional()
    .describe(
      'Earlier settings of this definition, oldest first: their objects stay readable. Default for everything except format: the current settings',
    ),
  tags: z.record(text, z.string()).optional(),
  inRecordsView: z.boolean().optional().describe('Default: yes, unless an earlier definition may record the same traffic'),
});

const existing = z.strictObject({
  id,
  bucket: bucketName,
  kmsKeyArn: bucketKey,
  prefix: z.string().default('').describe('Key prefix before AWSLogs/, without leading or trailing slash'),
  format,
  ...layout,
  kind: z.enum(['vpc', 'transit-gateway']).default('vpc'),
  accounts: z.array(account).min(1).optional(),
  regions: z.array(region).min(1).optional(),
  since: since.optional(),
  inRecordsView: z.boolean().optional(),
});

const SCOPE_WORDS = `${SCOPE_KINDS.map((kind) => `${kind}=…`).join(', ')}; several values with commas; a leading ! excludes them`;

const parameterValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number(), z.boolean()]))]);

const profile = z
  .strictObject({
    scope: z.array(text).min(1).describe(SCOPE_WORDS),
    role: z.enum(ROLES).optional().describe('Uses the values that each analysis has for this role'),
    parameters: z
      .record(text, z.record(text, parameterValue))
      .default({})
      .describe('Parameter values by analysis id; they override those of the role'),
  })
  .refine(({ role, parameters }) => role !== undefined || Object.keys(parameters).length > 0, {
    message: 'expected role, parameters or both',
  });

const duration = z.string().regex(DURATION_PATTERN, 'expected a duration such as 15m, 1h or 1d');

const schedule = z.strictObject({
  enabled: z.boolean().optional().describe('Default: true'),
  every: duration.optional().describe('Default: the interval of the detection'),
  parameters: z.record(text, parameterValue).optional(),
  parametersFrom: z
    .record(text, z.string().regex(/^s3:\/\/[^/]+\/.+$/, 'expected s3://bucket/key'))
    .optional()
    .describe('Parameters whose value is an object in S3, one entry per line, read at each run'),
  scope: z.array(text).optional().describe(SCOPE_WORDS),
});

const alarm = z.union([
  z.literal(false),
  z.strictObject({
    threshold: z.number().optional(),
    bandWidth: z.number().min(0.5).optional().describe('Standard deviations of the anomaly band'),
  }),
]);

/** Options of `watch` by the construct that they are for. */
const notifications = {
  emails: z.array(z.email()).optional().describe('Each receives a confirmation mail'),
  topicArn: arn.optional().describe('Existing topic'),
  topicKmsKeyArn: arn.optional().describe('Key that the topic is encrypted with'),
  chat: z.boolean().optional().describe('A second topic with messages for chat applications'),
  eventBusName: text.optional().describe("Default: the account's default bus"),
  ocsf: z.boolean().optional().describe('Also send findings to the bus as OCSF'),
  securityHub: z.boolean().optional().describe('Import findings into Security Hub'),
  digestAbove: z.int().min(1).optional().describe('A run with more findings sends a single message; default: 20'),
  timeZone: text.optional().describe('IANA name of a time zone to show in addition to UTC'),
};

const schedules = {
  include: z.array(text).optional().describe('Default: every detection with all fields and all parameter values'),
  exclude: z.array(text).optional(),
  schedules: z.record(text, schedule).default({}).describe('By detection: settings that differ from its defaults'),
  listsKmsKeyArn: arn.optional().describe('Key that the objects of parametersFrom are encrypted with (SSE-KMS)'),
  suppressions: text.optional().describe('Suppressions file, relative to this file'),
  deliveryLag: duration
    .optional()
    .describe('Time after which records are expected to be delivered; default: 20m for S3, 10m for CloudWatch Logs'),
  overlap: duration.optional().describe('How far a run repeats the previous runs; default: 1h'),
};

const monitoring = {
  alarms: z
    .partialRecord(z.enum(Object.keys(ALARMS) as [AlarmName, ...AlarmName[]]), alarm)
    .optional()
    .describe('By name: other thresholds; false disables an alarm'),
  alarmPerInterface: z.boolean().optional().describe('One log alarm per interface on rejected records in log groups'),
  dashboard: z.boolean().optional().describe('Default: true'),
};

const watch = z
  .strictObject({
    ...notifications,
    runbookUrl: text.optional().describe('URL of the published docs/runbook.md'),
    ...schedules,
    ...monitoring,
    dailyReport: z
      .strictObject({
        notify: z.boolean().optional().describe('Publish the summary with a link to the topic; default: true'),
        bucket: bucketName.optional().describe('Existing bucket; default: a bucket of the stack'),
        kmsKeyArn: bucketKey,
        prefix: z
          .string()
          .regex(/^[^/].*[^/]$/, 'expected a folder without slashes at its ends')
          .optional()
          .describe('Default: reports'),
        expireAfterDays: days.optional().describe('For a bucket of the stack; default: 400'),
        groups: z.record(text, z.array(text).min(1)).optional().describe('Named networks, in addition to private and public'),
      })
      .superRefine(keyBesideBucket)
      .optional()
      .describe('A daily HTML report of the previous day in S3; default: no reports'),
    reportsOnDashboard: z.boolean().optional().describe('Default: true; their queries run at each view of the dashboard'),
  })
  .superRefine(({ topicArn, topicKmsKeyArn }, context) => {
    if (topicKmsKeyArn !== undefined && topicArn === undefined)
      context.addIssue({
        code: 'custom',
        path: ['topicKmsKeyArn'],
        message: 'got a key without topicArn, expected it together with an existing topic: a topic of the stack has its own key',
      });
  });

export const configSchema = z
  .strictObject({
    stackName: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'expected letters, digits and -')
      .default('FlowLogAnalytics'),
    account: account.optional().describe('Default: the account of your credentials'),
    region: region.optional().describe('Default: the Region of your credentials'),
    definitions: z.array(definition).default([]),
    existingLogs: z.array(existing).default([]).describe('Existing logs, delivered by flow logs outside this stack'),
    bucket: z
      .strictObject({
        name: bucketName.optional(),
        sourceAccounts: z.array(account).min(1).optional().describe('Accounts that may deliver to the bucket'),
        organizationId: z
          .string()
          .regex(/^o-[a-z0-9]{10,32}$/, 'expected an id such as o-a1b2c3d4e5')
          .optional(),
        organizationalUnits: z
          .array(text)
          .min(1)
          .optional()
          .describe('Organizational units that may deliver to the bucket, by path: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/'),
        customerManagedKey: z.boolean().optional(),
        kmsKeyArn: arn.optional(),
        transitionAfterDays: z.int().min(30).optional().describe('Days until objects move to S3 Standard-IA'),
        expireAfterDays: days.optional().describe('Default: 365'),
        accessLogsBucket: bucketName.optional(),
        objectLockDays: days.optional(),
        deleteWithStack: z.boolean().optional().describe('Also needs -c flow-log-analytics:deleteData=true'),
      })
      .optional(),
    accounts: z.array(account).min(1).optional().describe('Accounts whose objects the tables read'),
    regions: z.array(region).min(1).optional().describe('Regions whose objects the tables read'),
    since: since.optional().describe('First day of the logs; default: 400 days ago'),
    databaseName: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,127}$/, 'expected lower-case letters, digits and _')
      .optional(),
    workgroup: z
      .strictObject({
        name: text.optional(),
        scanLimitGiB: z.number().min(0.01).optional().describe('Default: 100'),
        resultsBucket: z.boolean().optional().describe('Keep results in a bucket of the stack; default: Athena keeps them for 24 hours'),
        resultsExpireAfterDays: days.optional(),
        kmsKeyArn: arn.optional(),
      })
      .optional(),
    analyses: z
      .strictObject({
        include: z.array(text).optional(),
        exclude: z.array(text).optional(),
        folders: z.array(text).optional().describe('Folders of your own analyses, relative to the working directory of cdk'),
      })
      .optional(),
    profiles: z
      .record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected lower-case letters, digits and -'), profile)
      .optional()
      .describe('Parts of the network with their own parameter values'),
    lake: z
      .strictObject({
        firstHours: z.int().min(0).max(9600).optional().describe('Hours before the first run from which it starts; default: 24'),
        recheckHours: z.int().min(0).max(240).optional().describe('Hours back to check for late objects; default: 48'),
        expireRawAfterDays: z
          .int()
          .min(3)
          .optional()
          .describe('Days after which raw objects of the bucket of the stack are deleted, if their hour is verified'),
        bucket: bucketName.optional().describe('Existing bucket; default: a bucket of the stack'),
        kmsKeyArn: bucketKey,
        prefix: z
          .string()
          .regex(/^[^/].*[^/]$/)
          .default('lake'),
      })
      .superRefine(keyBesideBucket)
      .optional()
      .describe('Compact hours into sorted Parquet, which every question reads for complete hours; default: no lake'),
    api: z
      .strictObject({
        timeZone: text.optional().describe('Time zone of times without a zone; default: Asia/Kolkata'),
        maxWindowMinutes: z.int().min(1).max(1440).optional().describe('Maximum window of a call; default: 30'),
        maxAgeDays: days.optional().describe('Maximum age of a window; default: 15'),
        callsPerMinute: z.int().min(1).optional().describe('Per principal; default: 60'),
        throttle: z
          .strictObject({ rate: z.number().positive(), burst: z.int().min(1) })
          .optional()
          .describe('For all callers together; default: 10 per second, bursts of 20'),
        accessLog: z
          .enum(['account-has-role', 'make-account-role'])
          .optional()
          .describe('Access log in a log group. It needs the role that API Gateway has in an account and Region; default: no log'),
      })
      .optional()
      .describe('DescribeFlowLog over HTTPS, signed with SigV4; default: no API'),
    watch: z
      .union([z.literal(false), watch])
      .optional()
      .describe('Scheduled detections, notifications, alarms and a dashboard; default: enabled. false: questions are only saved'),
  })
  .superRefine((config, context) => {
    if (config.definitions.length + config.existingLogs.length === 0)
      context.addIssue({
        code: 'custom',
        message: 'set at least one of definitions and existingLogs',
      });
  });

export type Config = z.output<typeof configSchema>;
export type WatchConfig = Exclude<Config['watch'], false | undefined>;

type Options<S extends z.ZodRawShape> = z.output<z.ZodObject<S>>;

const optionsOf = <S extends z.ZodRawShape>(shape: S, given: WatchConfig): Options<S> =>
  Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(shape, name))) as Options<S>;

/** The options of `watch` that each of its constructs has: one with the same name and value there needs no word here. */
export const watchOptions = (given: WatchConfig) => ({
  notifications: optionsOf(notifications, given),
  schedules: optionsOf(schedules, given),
  monitoring: optionsOf(monitoring, given),
});
export type NotificationsConfig = Options<typeof notifications>;
export type SchedulesConfig = Options<typeof schedules>;
export type MonitoringConfig = Options<typeof monitoring>;

/** JSON Schema of the file, for editors. */
export const configJsonSchema = (): object => z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });

/** YAML as its schema says. @throws ConfigError naming file, path, got and expected */
function checked<T extends z.ZodType>(file: string, source: string, schema: T, empty: unknown): z.output<T> {
  let input: unknown;
  try {
    input = yamlData(source);
  } catch (error) {
    throw new ConfigError(linesOf(error as Error, `${file}: `), { cause: error });
  }
  const parsed = schema.safeParse(input ?? empty);
  if (parsed.success) return parsed.data;
  throw new ConfigError(explainIssues(parsed.error, input).map((line) => `${file}: ${line}`));
}

/** @throws ConfigError naming file, path, got and expected */
export const parseConfig = (file: string, source: string): Config => checked(file, source, configSchema, {});

/**
 * Suppressions of a YAML file.
 * @throws ConfigError naming file, entry, got and expected
 */
export function readSuppressions(file: string): Suppression[] {
  if (!existsSync(file)) throw new ConfigError(`${file}: no such file of suppressions`);
  return checked(file, readFileSync(file, 'utf8'), suppressionsSchema, []);
}

/**
 * What `cdk -c` gave: `config` names a file, `vpcId` logs one VPC with all defaults; undefined for neither.
 * @throws ConfigError naming file, path, got and expected
 */
export function configFromContext(context: (key: string) => unknown): Config | undefined {
  const [file, vpcId] = [context('config'), context('vpcId')];
  if (typeof file === 'string') {
    if (vpcId !== undefined)
      throw new ConfigError(`-c vpcId and -c config: got both. Name the VPC in ${file}: definitions: [{ id: vpc, scope: { vpc: … } }]`);
    if (!existsSync(file)) throw new ConfigError(`-c config=${file}: no such file. See examples/*.yaml`);
    const config = parseConfig(file, readFileSync(file, 'utf8'));
    const { watch: own } = config;
    if (own === undefined || own === false || own.suppressions === undefined) return config;
    return { ...config, watch: { ...own, suppressions: resolve(dirname(file), own.suppressions) } };
  }
  if (typeof vpcId === 'string') return parseConfig('-c vpcId', JSON.stringify({ definitions: [{ id: 'vpc', scope: { vpc: vpcId } }] }));
  return undefined;
}
