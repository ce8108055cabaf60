/** What templates use of the quotas of AWS, per stack and quota: `node tsx test/templates/quotas.ts FOLDER` prints it and fails at 80 %. */
import { deployed, environmentBytes, jsonBytes, QUOTAS } from '../../lib/constructs/quotas';
import { type Resource, type Template, templatesIn } from './template';

/** A template may grow before somebody has to look: this much of a quota is too much. */
const TOO_MUCH = 0.8;

interface Quota {
  readonly name: string;
  readonly limit: number;
  readonly source: string;
  /** Every use of it in a template; the largest counts. */
  readonly uses: (template: Template) => number[];
}

export interface Use {
  readonly quota: Quota;
  readonly stack: string;
  readonly value: number;
}

const ofType = ({ Resources }: Template, ...types: readonly string[]): Resource[] =>
  Object.values(Resources).filter(({ Type }) => types.includes(Type));

/** Of every resource of a type, a number made of its properties. */
const each =
  (types: string | readonly string[], measure: (properties: Record<string, unknown>) => number) =>
  (template: Template): number[] =>
    ofType(template, ...[types].flat()).map(({ Properties = {} }) => measure(Properties));

const text = (value: unknown): string => (value === undefined ? '' : String(deployed(value)));
const bytesOf = (name: string) => (properties: Record<string, unknown>) => Buffer.byteLength(text(properties[name]));
const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::LogAlarm'];

interface Widget {
  readonly properties?: { readonly metrics?: readonly unknown[]; readonly alarms?: readonly unknown[] };
}
const bodyOf = (properties: Record<string, unknown>) =>
  JSON.parse(text(properties['DashboardBody'])) as { widgets: Widget[]; variables?: unknown[] };

/** Inline policies of a role, together. */
function inlinePolicies(template: Template): number[] {
  const sizes = new Map<string, number>();
  for (const { Properties = {} } of ofType(template, 'AWS::IAM::Policy'))
    for (const role of (Properties['Roles'] as unknown[] | undefined) ?? []) {
      const key = JSON.stringify(role);
      sizes.set(key, (sizes.get(key) ?? 0) + jsonBytes(Properties['PolicyDocument']));
    }
  return [...sizes.values()];
}

const CLOUDFORMATION = 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html';
const IAM = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html';
const DASHBOARDS = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html';
const ATHENA = 'https://docs.aws.amazon.com/athena/latest/ug/service-limits.html';

const TABLE: readonly Quota[] = [
  { name: 'resources of a stack', limit: 500, source: CLOUDFORMATION, uses: ({ Resources }) => [Object.keys(Resources).length] },
  { name: 'bytes of a template', limit: 1_000_000, source: CLOUDFORMATION, uses: ({ bytes }) => [bytes] },
  { name: 'outputs of a stack', limit: 200, source: CLOUDFORMATION, uses: ({ Outputs }) => [Object.keys(Outputs).length] },
  {
    name: 'bytes of an output’s description',
    limit: 1024,
    source: CLOUDFORMATION,
    uses: ({ Outputs }) => Object.values(Outputs).map(({ Description = '' }) => Buffer.byteLength(Description)),
  },
  { name: 'characters of a role’s inline policies', limit: 10_240, source: IAM, uses: inlinePolicies },
  {
    name: 'characters of a role’s trust policy',
    limit: 2048,
    source: IAM,
    uses: each('AWS::IAM::Role', ({ AssumeRolePolicyDocument: document }) => jsonBytes(document)),
  },
  {
    name: 'bytes of a bucket’s policy',
    limit: QUOTAS.bucketPolicyBytes,
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html',
    uses: each('AWS::S3::BucketPolicy', ({ PolicyDocument }) => jsonBytes(PolicyDocument)),
  },
  {
    name: 'bytes of a key’s policy',
    limit: QUOTAS.keyPolicyBytes,
    source: 'https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html',
    uses: each('AWS::KMS::Key', ({ KeyPolicy }) => jsonBytes(KeyPolicy)),
  },
  {
    name: 'bytes of a topic’s policy',
    limit: 30_720,
    source: 'https://docs.aws.amazon.com/general/latest/gr/sns.html',
    uses: each('AWS::SNS::TopicPolicy', ({ PolicyDocument }) => jsonBytes(PolicyDocument)),
  },
  {
    name: 'bytes of a function’s environment',
    limit: QUOTAS.environmentBytes,
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
    uses: each('AWS::Lambda::Function', ({ Environment }) =>
      environmentBytes((Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {}),
    ),
  },
  { name: 'bytes of a named query', limit: 262_144, source: ATHENA, uses: each('AWS::Athena::NamedQuery', bytesOf('QueryString')) },
  {
    name: 'bytes of a prepared statement',
    limit: 262_144,
    source: ATHENA,
    uses: each('AWS::Athena::PreparedStatement', bytesOf('QueryStatement')),
  },
  {
    name: 'prepared statements of a workgroup',
    limit: 1000,
    source: ATHENA,
    uses: (t) => [ofType(t, 'AWS::Athena::PreparedStatement').length],
  },
  {
    name: 'characters of a query for Logs Insights',
    limit: 10_000,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html',
    uses: each('AWS::Logs::QueryDefinition', bytesOf('QueryString')),
  },
  {
    name: 'metric filters of a log group',
    limit: 100,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html',
    uses: (template) => {
      const groups = ofType(template, 'AWS::Logs::MetricFilter').map(({ Properties }) => text(Properties?.['LogGroupName']));
      return groups.map((group) => groups.filter((other) => other === group).length);
    },
  },
  { name: 'bytes of an alarm’s description', limit: 1024, source: DASHBOARDS, uses: each(alarms, bytesOf('AlarmDescription')) },
  {
    name: 'widgets of a dashboard',
    limit: 500,
    source: DASHBOARDS,
    uses: each('AWS::CloudWatch::Dashboard', (p) => bodyOf(p).widgets.length),
  },
  {
    name: 'metrics of a dashboard',
    limit: 2500,
    source: DASHBOARDS,
    uses: each('AWS::CloudWatch::Dashboard', (p) =>
      bodyOf(p).widgets.reduce((sum, { properties }) => sum + (properties?.metrics?.length ?? 0), 0),
    ),
  },
  {
    name: 'alarms of a widget',
    limit: 100,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html',
    uses: each('AWS::CloudWatch::Dashboard', (p) =>
      Math.max(0, ...bodyOf(p).widgets.map(({ properties }) => properties?.alarms?.length ?? 0)),
    ),
  },
  {
    name: 'variables of a dashboard',
    limit: 25,
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html',
    uses: each('AWS::CloudWatch::Dashboard', (p) => bodyOf(p).variables?.length ?? 0),
  },
  {
    name: 'bytes of a schedule’s input',
    limit: 262_144,
    source: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html',
    uses: each('AWS::Scheduler::Schedule', ({ Target }) => Buffer.byteLength(text((Target as { Input?: unknown }).Input))),
  },
  {
    name: 'characters of a view’s text',
    limit: 409_600,
    source: 'https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-tables.html',
    uses: each('AWS::Glue::Table', ({ TableInput }) => text((TableInput as { ViewOriginalText?: unknown }).ViewOriginalText).length),
  },
];

export const usesOf = (templates: readonly Template[]): Use[] =>
  TABLE.flatMap((quota) =>
    templates.flatMap((template) => {
      const uses = quota.uses(template);
      return uses.length === 0 ? [] : [{ quota, stack: template.stack, value: Math.max(...uses) }];
    }),
  );

/** The largest use of each quota. */
export const largestUses = (uses: readonly Use[]): Use[] =>
  TABLE.flatMap((quota) => uses.filter((use) => use.quota === quota).sort((a, b) => b.value - a.value)[0] ?? []);

export const share = ({ quota, value }: Use): number => value / quota.limit;

if (require.main === module) {
  const uses = usesOf(templatesIn(process.argv[2] ?? ''));
  for (const { stack } of new Map(uses.map((use) => [use.stack, use])).values()) {
    console.log(`\n${stack}`);
    for (const use of uses.filter((one) => one.stack === stack))
      console.log(
        `  ${use.quota.name.padEnd(42)} ${use.value.toLocaleString('en').padStart(10)} of ${use.quota.limit.toLocaleString('en').padStart(9)}  ${(100 * share(use)).toFixed(0).padStart(3)} %`,
      );
  }
  const over = uses.filter((use) => share(use) >= TOO_MUCH);
  for (const use of over) console.error(`${use.stack}: ${use.quota.name}: ${use.value} of ${use.quota.limit} (${use.quota.source})`);
  process.exitCode = over.length === 0 ? 0 : 1;
}
