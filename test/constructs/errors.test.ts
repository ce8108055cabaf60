import { App, Stack, Validations } from 'aws-cdk-lib';
import { DeliveryStream, S3Bucket } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { FlowLogAnalytics, FlowLogBucket, FlowLogDestination, FlowLogScope, parseConfig } from '../../lib/constructs';
import { definitionPrefix } from '../../lib/flow-log/definition';
import { NAMED_FORMATS } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { resourcesOf, stackOf } from './support';

const vpc = (more: string) => `definitions: [{ id: vpc, scope: { vpc: vpc-0aaa }${more} }]`;

/** Each wrong configuration fails at synth with property, got and expected. */
test.each<[string, string, RegExp]>([
  ['nothing to do', '{}', /set at least one of definitions and existingLogs/],
  ['a word that is no option', 'definitons: []', /Unrecognized key.*definitons|definitons/],
  [
    'two scopes',
    'definitions: [{ id: a, scope: { vpc: vpc-0a, subnet: subnet-0a } }]',
    /definitions\.0\.scope: expected exactly one of .*; got vpc, subnet/,
  ],
  [
    'an id of another kind',
    'definitions: [{ id: a, scope: { vpc: subnet-0a } }]',
    /definitions\.0\.scope\.vpc: got "subnet-0a", expected an id such as vpc-0abc/,
  ],
  ['an unknown format', vpc(', format: nonsense'), /definitions\.0\.format: unknown format "nonsense": expected default, recommended/],
  ['an interval that AWS lacks', vpc(', aggregationSeconds: 300'), /definitions\.0\.aggregationSeconds: .*got 300/],
  ['Parquet in CloudWatch Logs', vpc(', destination: { cloudWatchLogs: { fileFormat: parquet } }'), /fileFormat/],
  [
    'two destinations',
    vpc(', destination: { s3: {}, cloudWatchLogs: {} }'),
    /destination: expected exactly one of s3, cloudWatchLogs, firehose; got s3, cloudWatchLogs/,
  ],
  ['a reserved prefix', vpc(', destination: { s3: { prefix: AWSLogs/x } }'), /prefix: got "AWSLogs\/x": AWSLogs is reserved/],
  [
    'traffic of a transit gateway',
    'definitions: [{ id: t, scope: { transitGateway: tgw-0a }, traffic: ALL }]',
    /traffic: got ALL, but a flow log of a TransitGateway has no traffic type/,
  ],
  [
    'ten minutes at a transit gateway',
    'definitions: [{ id: t, scope: { transitGateway: tgw-0a }, aggregationSeconds: 600 }]',
    /aggregation: got 600 s, but .* must have 60/,
  ],
  [
    'fields of the other kind',
    'definitions: [{ id: t, scope: { transitGateway: tgw-0a }, format: recommended }]',
    /format: got .*interface-id.*, which only VPC flow logs have/,
  ],
  ['tag fields without keys', vpc(', format: "account-id start end instance-tag"'), /tagFields: got none, but the format has instance-tag/],
  [
    'two definitions under one prefix',
    'definitions: [{ id: a, scope: { vpc: vpc-0a }, destination: { s3: { prefix: x } } }, { id: b, scope: { vpc: vpc-0b }, destination: { s3: { prefix: x } } }]',
    /b: got the prefix "x", which a also writes to/,
  ],
  [
    'two definitions under one prefix of a bucket that is not ours',
    'definitions: [{ id: a, scope: { vpc: vpc-0a }, destination: { s3: { bucket: central, prefix: x } } }, { id: b, scope: { vpc: vpc-0b }, destination: { s3: { bucket: central, prefix: x } } }]',
    /b: got the prefix "x", which a also writes to/,
  ],
  [
    'two ids for one table',
    'definitions: [{ id: my-vpc, scope: { vpc: vpc-0a } }, { id: my_vpc, scope: { vpc: vpc-0b } }]',
    /got the id "my_vpc" twice/,
  ],
  ['an account that YAML took for a number', `${vpc('')}\naccounts: [123456789012]`, /accounts\.0: expected 12 digits in quotes/],
  [
    'organisation and accounts',
    `${vpc('')}\nbucket: { organizationId: o-a1b2c3d4e5, sourceAccounts: ["123456789012"] }`,
    /organizationId and sourceAccounts: got both/,
  ],
  [
    'expiry before transition',
    `${vpc('')}\nbucket: { transitionAfterDays: 60, expireAfterDays: 30 }`,
    /expireAfter: got 30 days, expected more than transitionAfter/,
  ],
  [
    'an analysis that the format cannot answer',
    `${vpc(', format: default')}\nanalyses: { include: [top-talking-subnets] }`,
    /include: top-talking-subnets needs subnet-id, which the format lacks/,
  ],
  [
    'an Athena question without a table',
    `${vpc(', destination: { cloudWatchLogs: {} }')}\nanalyses: { include: [rejection-spike] }`,
    /include: rejection-spike has no Logs Insights query/,
  ],
  [
    'a profile with a wrong parameter',
    `${vpc('')}\nprofiles: { public: { scope: [subnet=subnet-0a], parameters: { vertical-scan: { speed: 1 } } } }`,
    /profiles\.public: vertical-scan has no parameter "speed"/,
  ],
  [
    'results expiry without a bucket',
    `${vpc('')}\nworkgroup: { resultsExpireAfterDays: 3 }`,
    /resultsExpireAfter: got a value, but Athena keeps the results \(encrypted/,
  ],
  ['a first day that is none', `${vpc('')}\nsince: yesterday`, /since: expected a day such as "2026-01-31"/],
])('%s', (_, yaml, message) => {
  expect(() => stackOf(yaml)).toThrow(message);
});

test('a syntax error names file and line', () => {
  expect(() => parseConfig('my.yaml', 'definitions: [')).toThrow(/my\.yaml: .*line 1/s);
});

describe('definitions that may record the same traffic', () => {
  const of = (scopes: readonly FlowLogScope[], traffic: readonly ('ALL' | 'ACCEPT' | 'REJECT')[], both?: boolean) => {
    const stack = new Stack(new App(), 'Overlap');
    const analytics = new FlowLogAnalytics(stack, 'Analytics', {
      definitions: scopes.map((scope, i) => ({
        id: `d${i}`,
        scope,
        traffic: traffic[i] ?? 'ALL',
        ...(both === undefined ? {} : { inRecordsView: both }),
      })),
    });
    const warnings = analytics.definitions.flatMap((definition) => definition.node.metadata.map(({ data }) => String(data)));
    return { warnings: warnings.filter((text) => text.includes('may record the same traffic')), tables: analytics.tables.length };
  };
  const [wide, narrow] = [FlowLogScope.vpcId('vpc-0a'), FlowLogScope.subnetId('subnet-0a')];

  test.each([
    ['a VPC and a subnet, which may lie in it', [wide, narrow], ['ALL', 'ALL'] as const, 1],
    ['the same VPC twice', [wide, FlowLogScope.vpcId('vpc-0a')], ['ALL', 'REJECT'] as const, 1],
    ['accepted and rejected apart', [wide, FlowLogScope.vpcId('vpc-0a')], ['ACCEPT', 'REJECT'] as const, 0],
    ['two VPCs', [wide, FlowLogScope.vpcId('vpc-0b')], ['ALL', 'ALL'] as const, 0],
  ])('%s', (_, scopes, traffic, expected) => {
    const { warnings, tables } = of(scopes, traffic);
    expect(warnings).toHaveLength(expected);
    expect(tables).toBe(2);
    if (expected > 0) expect(warnings[0]).toMatch(/flow_records leaves d1 out/);
  });

  test('the user may count twice, knowingly', () => {
    expect(of([wide, narrow], ['ALL', 'ALL'], true).warnings[0]).toMatch(/counts such traffic twice/);
  });
});

test('the least that works: one line, one VPC', () => {
  const stack = new Stack(new App(), 'One');
  new FlowLogAnalytics(stack, 'Analytics', { definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId('vpc-0a') }] });
  expect(Validations.of(stack)).toBeDefined();
});

test('another format, file format or layout is another folder', () => {
  const prefixes = [NAMED_FORMATS.default(), NAMED_FORMATS.recommended()].flatMap((format) =>
    (['text', 'parquet'] as const).flatMap((fileFormat) =>
      Object.values(LAYOUTS).map((layout) => definitionPrefix('vpc', format, fileFormat, layout)),
    ),
  );
  expect(new Set(prefixes).size).toBe(16);
});

test('an imported bucket gets a flow log and no policy, a bucket of ours both', () => {
  const stack = new Stack(new App(), 'Central');
  new FlowLogAnalytics(stack, 'Analytics', {
    watch: false,
    definitions: [
      {
        id: 'vpc',
        scope: FlowLogScope.vpcId('vpc-0a'),
        destination: FlowLogDestination.bucket(FlowLogBucket.fromBucket(stack, 'B', Bucket.fromBucketName(stack, 'Central', 'central'))),
      },
    ],
  });
  const types = resourcesOf(stack as never).map(({ Type }) => Type);
  expect(types).toContain('AWS::EC2::FlowLog');
  expect(types).not.toContain('AWS::S3::BucketPolicy');
});

test('a delivery stream of the app is made before the flow log that writes to it', () => {
  const stack = new Stack(new App(), 'Stream');
  const logs = new Bucket(stack, 'Logs');
  const stream = new DeliveryStream(stack, 'DeliveryStream', { destination: new S3Bucket(logs as never) });
  new FlowLogAnalytics(stack, 'Analytics', {
    definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId('vpc-0a'), destination: FlowLogDestination.deliveryStream(stream) }],
  });
  const [flowLog] = resourcesOf(stack as never).filter(({ Type }) => Type === 'AWS::EC2::FlowLog');
  expect(flowLog?.Properties).toMatchObject({
    LogDestinationType: 'kinesis-data-firehose',
    LogDestination: { 'Fn::GetAtt': [expect.stringContaining('DeliveryStream'), 'Arn'] },
  });
  expect(flowLog?.DependsOn).toEqual(expect.arrayContaining([expect.stringContaining('DeliveryStream')]));
});
