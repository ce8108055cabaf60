import { App, Duration, Stack } from 'aws-cdk-lib';
import { FlowLogAnalytics, FlowLogScope } from '../../lib/constructs';
import { exampleStack, type Resource, resourcesOf, stackOf } from './support';

/** The lake and the API as CloudFormation sees them. */
const ofType = (resources: readonly Resource[], type: string) => resources.filter(({ Type }) => Type === type);
const lake = resourcesOf(exampleStack('lake.yaml'));
const api = resourcesOf(exampleStack('api.yaml'));
const statements = (resources: readonly Resource[], part: string) =>
  ofType(resources, 'AWS::IAM::Policy')
    .filter(({ id }) => id.includes(part))
    .flatMap(
      ({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: string | string[]; Resource: unknown }[] }).Statement,
    );

test('the function may write its own tables and folders, and no others', () => {
  const own = statements(lake, 'AnalyticsLakeFunction');
  const resourcesFor = (action: string) =>
    own.filter(({ Action }) => [Action].flat().includes(action)).map(({ Resource }) => JSON.stringify(Resource));
  for (const text of resourcesFor('glue:CreateTable')) expect(text).toContain('/lake_run_*');
  for (const text of resourcesFor('glue:UpdateTable')) expect(text).toMatch(/flow_records.*flow_rollup/);
  for (const text of resourcesFor('glue:CreatePartition')) expect(text).toMatch(/flow_records_lake.*flow_rollup_lake/);
  for (const text of resourcesFor('s3:DeleteObject')) expect(text).toMatch(/LakeBucket.*\/lake\/\*/);
  for (const text of resourcesFor('s3:PutObject')) expect(text).toContain('LakeBucket');
  for (const action of [
    'glue:CreateTable',
    'glue:UpdateTable',
    'glue:CreatePartition',
    's3:DeleteObject',
    's3:PutObject',
    's3:PutObjectTagging',
  ])
    expect(resourcesFor(action).length).toBeGreaterThan(0);
  expect(own.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
});

test('its workgroup lets a query say where its table lies; that of the questions does not', () => {
  const enforced = ofType(lake, 'AWS::Athena::WorkGroup').map(({ Properties }) => [
    Properties['Name'],
    (Properties['WorkGroupConfiguration'] as { EnforceWorkGroupConfiguration: boolean }).EnforceWorkGroupConfiguration,
  ]);
  expect(enforced.sort()).toEqual([
    ['FlowLogLake', true],
    ['FlowLogLake-lake', false],
  ]);
});

test('baselines read counts: the schedules know the view', () => {
  const environments = ofType(lake, 'AWS::Lambda::Function').map(
    ({ Properties }) => (Properties['Environment'] as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {},
  );
  expect(environments.filter((variables) => 'ROLLUP_VIEW' in variables).map((variables) => variables['ROLLUP_VIEW'])).toEqual([
    'flow_log_lake.flow_rollup',
  ]);
});

test('an hour that lags, fails or differs rings; raw objects expire by their tag only', () => {
  const alarms = ofType(lake, 'AWS::CloudWatch::Alarm').map(({ Properties }) => String(Properties['AlarmDescription']));
  for (const name of ['lake-failed', 'lake-behind', 'lake-differs']) expect(alarms.some((text) => text.endsWith(`#${name}`))).toBe(true);
  const rules = ofType(lake, 'AWS::S3::Bucket').flatMap(
    ({ Properties }) => (Properties['LifecycleConfiguration'] as { Rules: Record<string, unknown>[] } | undefined)?.Rules ?? [],
  );
  expect(rules).toContainEqual(
    expect.objectContaining({ ExpirationInDays: 14, TagFilters: [{ Key: 'flow-log-lake', Value: 'verified' }] }),
  );
});

test('after the views, whenever their text changes, the function makes them read the lake again', () => {
  const shownOf = (resources: readonly Resource[]) => ofType(resources, 'Custom::LakeViews')[0];
  const shown = shownOf(lake);
  const views = ofType(lake, 'AWS::Glue::Table').filter(({ Properties }) => JSON.stringify(Properties).includes('VIRTUAL_VIEW'));
  expect(views).toHaveLength(2);
  expect(shown?.DependsOn).toEqual(expect.arrayContaining(views.map(({ id }) => id)));
  expect(shown?.Properties).toMatchObject({ ServiceTimeout: '300', Views: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const viewsOf = (yaml: string) => shownOf(resourcesOf(stackOf(yaml)))?.Properties['Views'];
  const yaml = (format: string) =>
    `definitions: [{ id: vpc, scope: { vpc: vpc-0123456789abcdef0 }, format: ${format} }]\nanalyses: { include: [top-talkers] }\nlake: {}\nwatch: false`;
  expect(viewsOf(yaml('recommended'))).toBe(viewsOf(yaml('recommended')));
  expect(viewsOf(yaml('recommended'))).not.toBe(viewsOf(yaml('default')));
});

test('the API is signed on every route, throttled, and logs no query string', () => {
  const methods = ofType(api, 'AWS::ApiGateway::Method');
  expect(methods).toHaveLength(2);
  for (const { Properties } of methods) expect(Properties['AuthorizationType']).toBe('AWS_IAM');
  const [stage] = ofType(api, 'AWS::ApiGateway::Stage');
  const { MethodSettings, AccessLogSetting } = stage?.Properties as {
    MethodSettings: Record<string, unknown>[];
    AccessLogSetting: { Format: string };
  };
  expect(MethodSettings).toEqual([
    expect.objectContaining({ DataTraceEnabled: false, LoggingLevel: 'OFF', ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 }),
  ]);
  expect(AccessLogSetting.Format).not.toMatch(/querystring|requestOverride|\$context\.path/i);
});

const make = (props: Partial<ConstructorParameters<typeof FlowLogAnalytics>[2]>) => {
  const stack = new Stack(new App(), 'S', { env: { account: '123456789012', region: 'us-east-1' } });
  return new FlowLogAnalytics(stack, 'A', {
    definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId('vpc-0123456789abcdef0') }],
    watch: false,
    ...props,
  });
};

test.each([
  [
    'a daily layout',
    { definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId('vpc-0123456789abcdef0'), s3: { perHourPartition: false } }], lake: {} },
    'view: got tables of daily layouts only',
  ],
  ['hours that are none', { lake: { firstHours: -1 } }, 'firstHours: got -1'],
  ['an expiry before late objects', { lake: { expireRawAfter: Duration.days(1) } }, 'verifiedExpireAfter: got 1 days, expected at least 3'],
  ['a time zone that is none', { api: { timeZone: 'Asia/Delhi2' } }, 'timeZone: got "Asia/Delhi2", expected an IANA name'],
  [
    'a format without direction',
    { definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId('vpc-0123456789abcdef0'), format: 'default' }], api: {} },
    'view: its formats lack flow-direction',
  ],
  ['no calls', { api: { callsPerMinute: 0 } }, 'callsPerMinute: got 0'],
] as const)('refused at synth: %s', (_name, props, message) => {
  expect(() => make(props as never)).toThrow(message);
});
