import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { parseFormat } from '../../lib/flow-log/format';
import {
  FlowLogAnalytics,
  FlowLogAnalyticsStack,
  FlowLogDefinition,
  FlowLogDestination,
  FlowLogScope,
  parseConfig,
} from '../../lib/constructs';
import { FUNCTIONS } from '../../bench/scale/assumed';
import { environmentBytes, jsonBytes } from '../../lib/constructs/quotas';
import { definitionPrefix } from '../../lib/flow-log/definition';
import { exampleStack, type Resource, resourcesOf, stackOf } from './support';

/** What a stranger's account meets that ours would not: deployments that fail there, and those that mislead. */
const VPC = 'definitions: [{ id: vpc, scope: { vpc: vpc-0123456789abcdef0 } }]';
/** Questions cost time and are not what is looked at here. */
const FEW = '\nanalyses: { include: [top-talkers] }';
const LOGS = 'definitions: [{ id: live, scope: { vpc: vpc-0123456789abcdef0 }, destination: { cloudWatchLogs: {} } }]';
const ofType = (resources: readonly Resource[], type: string) => resources.filter(({ Type }) => Type === type);
const inRegion = (region: string | undefined, yaml: string) => {
  const config = parseConfig('test.yaml', yaml);
  return new FlowLogAnalyticsStack(new App(), config.stackName, {
    config,
    env: { account: '123456789012', ...(region === undefined ? {} : { region }) },
  });
};
const warningsOf = (stack: Stack) => stack.node.findAll().flatMap(({ node }) => node.metadata.map(({ data }) => String(data)));
interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}
const documents = (resource: Resource | undefined) => resource?.Properties['PolicyDocument'] as { Statement: Statement[] };
/** Policies of the roles of functions whose id has a part, with those that the CDK puts beside where one would be too large. */
const statementsOf = (resources: readonly Resource[], part: string) =>
  [...ofType(resources, 'AWS::IAM::Policy'), ...ofType(resources, 'AWS::IAM::ManagedPolicy')]
    .filter(({ id }) => id.includes(part))
    .flatMap((policy) => documents(policy).Statement);
const allowed = (statements: readonly Statement[], action: string) =>
  statements.filter(({ Action }) => [Action].flat().includes(action)).map(({ Resource }) => JSON.stringify(Resource));

describe('the API in an account whose API Gateway has no CloudWatch role', () => {
  const api = (more: string) => stackOf(`${VPC}${FEW}\nwatch: false\napi: { ${more} }`);

  test('has no access log unless asked for, and says so', () => {
    const stack = api('');
    const [stage] = ofType(resourcesOf(stack), 'AWS::ApiGateway::Stage');
    expect(stage?.Properties).not.toHaveProperty('AccessLogSetting');
    expect(warningsOf(stack).some((text) => text.includes('accessLog is not set'))).toBe(true);
  });

  test('makes the role where that is asked for: before the stage, and for longer than the stack', () => {
    const resources = resourcesOf(api('accessLog: make-account-role'));
    const [account] = ofType(resources, 'AWS::ApiGateway::Account');
    const [stage] = ofType(resources, 'AWS::ApiGateway::Stage');
    const role = resources.find(({ id }) => JSON.stringify(account?.Properties['CloudWatchRoleArn']).includes(id));
    expect(role?.Type).toBe('AWS::IAM::Role');
    for (const kept of [account, role]) expect(kept?.DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(stage?.DependsOn).toContain(account?.id);
    expect(stage?.Properties).toHaveProperty('AccessLogSetting');
  });

  test('relies on the role that is there where that is said', () => {
    const resources = resourcesOf(api('accessLog: account-has-role'));
    expect(ofType(resources, 'AWS::ApiGateway::Account')).toEqual([]);
    expect(ofType(resources, 'AWS::ApiGateway::Stage')[0]?.Properties).toHaveProperty('AccessLogSetting');
  });

  test('is regional: other partitions have no other', () => {
    const [rest] = ofType(resourcesOf(api('')), 'AWS::ApiGateway::RestApi');
    expect(rest?.Properties['EndpointConfiguration']).toEqual({ Types: ['REGIONAL'] });
  });
});

describe('Cloud WAN, which AWS::EC2::FlowLog does not know', () => {
  const wan = (scope: string, destination = '') => `definitions: [{ id: wan, scope: { ${scope} }${destination} }]\nwatch: false`;
  const SCOPES = [
    'coreNetwork: core-network-0123456789abcdef0',
    'coreNetworkAttachment: attachment-0123456789abcdef0',
    'coreNetworkEdge: us-east-1',
  ];

  test.each(SCOPES)('%s is made by a function', (scope) => {
    const resources = resourcesOf(stackOf(wan(scope)));
    expect(ofType(resources, 'AWS::EC2::FlowLog')).toEqual([]);
    const [made] = ofType(resources, 'Custom::CoreNetworkFlowLog');
    expect(made?.Properties).toMatchObject({
      ResourceType: expect.stringMatching(/^CoreNetwork/),
      ResourceId: scope.split(': ')[1],
      LogDestinationType: 's3',
      DestinationOptions: { FileFormat: 'parquet', HiveCompatiblePartitions: false, PerHourPartition: true },
      ServiceTimeout: '300',
    });
    // Not before the bucket lets the delivery in, and not before the function may make flow logs.
    const waitsFor = [made?.DependsOn].flat().join(' ');
    expect(waitsFor).toMatch(/BucketPolicy/);
    expect(waitsFor).toMatch(/CoreNetworkFlowLogsFunctionRoleDefaultPolicy/);
  });

  test('several in a stack share the function, which may pass only the roles that they write with', () => {
    const stack = stackOf(
      [
        'definitions:',
        '  - { id: a, scope: { coreNetwork: core-network-0123456789abcdef0 }, destination: { cloudWatchLogs: {} } }',
        "  - { id: b, scope: { coreNetworkEdge: us-east-1 }, destination: { firehose: { deliveryStreamArn: 'arn:aws:firehose:us-east-1:123456789012:deliverystream/s' } } }",
        'watch: false',
      ].join('\n'),
    );
    const resources = resourcesOf(stack);
    expect(ofType(resources, 'Custom::CoreNetworkFlowLog')).toHaveLength(2);
    const own = statementsOf(resources, 'CoreNetworkFlowLogs');
    expect(own.find(({ Action }) => Action === 'iam:PassRole')).toMatchObject({
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/aRole/), 'Arn'] },
      Condition: { StringEquals: { 'iam:PassedToService': 'vpc-flow-logs.amazonaws.com' } },
    });
    expect(allowed(own, 'firehose:TagDeliveryStream')).toEqual(['"arn:aws:firehose:us-east-1:123456789012:deliverystream/s"']);
    expect(allowed(own, 'ec2:DeleteFlowLogs')[0]).toContain(':vpc-flow-log/*');
    expect(allowed(own, 's3:PutBucketPolicy')).toEqual([]);
  });
});

describe('many accounts', () => {
  const accounts = (n: number) => Array.from({ length: n }, (_, i) => `'${100_000_000_000 + i}'`).join(', ');
  const archive = (bucket: string, n: number) =>
    `${VPC}${FEW}\nbucket: { ${bucket} }\naccounts: [${accounts(n)}]\nregions: [us-east-1, eu-central-1]\nlake: {}\nexistingLogs: [{ id: old, bucket: company-logs, format: default }]`;
  const sizes = (resources: readonly Resource[]) => ({
    bucketPolicy: Math.max(...ofType(resources, 'AWS::S3::BucketPolicy').map((policy) => jsonBytes(documents(policy)))),
    keyPolicy: Math.max(...ofType(resources, 'AWS::KMS::Key').map(({ Properties }) => jsonBytes(Properties['KeyPolicy']))),
    environment: Math.max(
      ...ofType(resources, 'AWS::Lambda::Function').map(({ Properties }) =>
        environmentBytes((Properties['Environment'] as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {}),
      ),
    ),
  });

  test.each([1, 100])('%i named one by one fit', (n) => {
    const { bucketPolicy, keyPolicy, environment } = sizes(
      resourcesOf(stackOf(archive(`sourceAccounts: [${accounts(n)}], customerManagedKey: true`, n))),
    );
    expect(bucketPolicy).toBeLessThan(20_480 * 0.8);
    expect(keyPolicy).toBeLessThan(32_768 * 0.8);
    expect(environment).toBeLessThan(4096 * 0.8);
  });

  test('1,000 named one by one are refused at synth, with the number that fits, and that many do fit', () => {
    const of = (n: number) => stackOf(archive(`sourceAccounts: [${accounts(n)}]`, 1));
    expect(() => of(1000)).toThrow(
      /sourceAccounts: got 1000, .* the limit of AWS is 20480, so at most \d+ fit\. Set organizationId or organizationalUnits/,
    );
    const fit = Number(/at most (\d+) fit/.exec(messageOf(() => of(1000)))?.[1]);
    expect(fit).toBeGreaterThan(500);
    expect(sizes(resourcesOf(of(fit))).bucketPolicy).toBeLessThanOrEqual(20_480);
    expect(() => of(fit + 2)).toThrow('the limit of AWS is 20480');
  });

  test.each([
    ['an organisation', 'organizationId: o-a1b2c3d4e5', { StringEquals: { 'aws:SourceOrgID': 'o-a1b2c3d4e5' } }],
    [
      'units of one',
      'organizationalUnits: [o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/]',
      { 'ForAnyValue:StringLike': { 'aws:SourceOrgPaths': ['o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*'] } },
    ],
  ])('1,000 of %s are one condition', (_, bucket, condition) => {
    const stack = stackOf(archive(`${bucket}, customerManagedKey: true`, 1000));
    const resources = resourcesOf(stack);
    const { bucketPolicy, keyPolicy, environment } = sizes(resources);
    expect([bucketPolicy < 4000, keyPolicy < 4000, environment < 3000]).toEqual([true, true, true]);
    const delivery = ofType(resources, 'AWS::S3::BucketPolicy').flatMap((policy) => documents(policy).Statement);
    for (const action of ['s3:PutObject', 's3:GetBucketAcl'])
      expect(delivery.filter(({ Action }) => [Action].flat().includes(action)).map(({ Condition }) => Condition)).toEqual([
        expect.objectContaining(merged(condition, action)),
      ]);
    expect(warningsOf(stack).some((text) => text.includes('1000 accounts and 2 Regions: a question reads 2000 folders'))).toBe(true);
  });

  /** Writing is also conditioned on the ACL. */
  const merged = (condition: Record<string, Record<string, unknown>>, action: string) => ({
    ...condition,
    ...(action === 's3:PutObject' ? { StringEquals: { ...condition['StringEquals'], 's3:x-amz-acl': 'bucket-owner-full-control' } } : {}),
  });

  test('functions that list all of them have a processor to read the answers with, in few places a part of one', () => {
    const memory = (n: number): Record<string, unknown> =>
      Object.fromEntries(
        ofType(resourcesOf(stackOf(archive('organizationId: o-a1b2c3d4e5', n))), 'AWS::Lambda::Function').map(
          ({ Properties }): [string, unknown[]] => [String(Properties['Description']), [Properties['MemorySize'], Properties['Timeout']]],
        ),
      );
    // Of two Regions each: the definition and the archive, which is not checked.
    const cases: [number, number, number, number][] = [
      [250, 512, 512, 256],
      [251, 1769, 1769, 256],
      [501, 1769, 1769, 1769],
    ];
    for (const [n, ...mebibytes] of cases)
      expect(memory(n)).toMatchObject({
        'Builds the relations that detections read': [mebibytes[0], FUNCTIONS.relations.seconds],
        'Compacts flow logs hour by hour and verifies them': [mebibytes[1], FUNCTIONS.compact.seconds],
        'Checks that flow logs are delivered': [mebibytes[2], FUNCTIONS.check.seconds],
        'Runs scheduled analyses of flow logs and reports their findings': [512, FUNCTIONS.run.seconds],
      });
    expect([FUNCTIONS.relations, FUNCTIONS.compact, FUNCTIONS.check].map(({ usualMiB }) => usualMiB)).toEqual([512, 512, 256]);
  });

  test('a detection that would look into too many folders is told of at synth, and with a lake it is not', () => {
    const of = (n: number, lake: string) =>
      warningsOf(
        stackOf(`${VPC}${FEW}\nbucket: { organizationId: o-a1b2c3d4e5 }\naccounts: [${accounts(n)}]\nregions: [us-east-1]${lake}`),
      );
    const told = (texts: readonly string[]) => texts.filter((text) => text.includes('partitions')).join(' ');
    expect(told(of(1000, ''))).toBe('');
    const many = accounts(1000);
    const two = (lake: string) =>
      warningsOf(
        stackOf(`${VPC}${FEW}\nbucket: { organizationId: o-a1b2c3d4e5 }\naccounts: [${many}]\nregions: [us-east-1, eu-west-1]${lake}`),
      );
    expect(told(two(''))).toMatch(
      /logging-gap reads records of 101 hours in 2000 folders each, 202000 partitions: .*watch\.exclude: \[logging-gap\]/,
    );
    expect(told(two(''))).not.toMatch(/blocked-by-vpc-control|unexpected-protocol/);
    expect(told(two('\nlake: {}'))).toBe('');
  });

  test('an environment that Lambda would refuse is refused at synth', () => {
    const stack = new Stack(new App(), 'S');
    expect(
      () =>
        new FlowLogAnalytics(stack, 'A', {
          definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId('vpc-0a') }],
          watch: { runbookUrl: `https://wiki.example/${'y'.repeat(4200)}` },
        }),
    ).toThrow(/environment: got \d{4} bytes, expected at most 4096, .* the largest variable is RUNBOOK_URL/);
  });
});

test('the dashboard has a value for every variable at its first opening: the beginning that all ids share', () => {
  const [dashboard] = ofType(resourcesOf(stackOf(`${VPC}${FEW}`)), 'AWS::CloudWatch::Dashboard');
  const { 'Fn::Join': join = ['', []] } = dashboard?.Properties['DashboardBody'] as { 'Fn::Join'?: [string, unknown[]] };
  const text = join[1].map((part) => (typeof part === 'string' ? part : 'X')).join('');
  const { variables } = JSON.parse(text) as { variables: { id: string; pattern: string; defaultValue?: string }[] };
  expect(variables.map(({ id, pattern, defaultValue }) => [id, pattern, defaultValue])).toEqual([
    ['interface', '__interface__', 'eni-'],
    ['subnet', '__subnet__', 'subnet-'],
    ['vpc', '__vpc__', 'vpc-'],
  ]);
});

describe('archives under a key', () => {
  const KEY = 'arn:aws:kms:us-east-1:210987654321:key/11111111-2222-3333-4444-555555555555';
  const resources = resourcesOf(
    stackOf(
      [
        'definitions:',
        '  - id: vpc',
        '    scope: { vpc: vpc-0123456789abcdef0 }',
        `    destination: { s3: { bucket: central-flow-logs, kmsKeyArn: '${KEY.replace('1111', 'aaaa')}' } }`,
        'existingLogs:',
        `  - { id: old, bucket: company-flow-logs, kmsKeyArn: '${KEY.replace('1111', 'bbbb')}', format: recommended }`,
        `lake: { bucket: company-lake, kmsKeyArn: '${KEY.replace('1111', 'cccc')}' }`,
        FEW.trim(),
        'api: {}',
        'watch:',
        `  topicArn: 'arn:aws:sns:us-east-1:123456789012:security'`,
        `  topicKmsKeyArn: '${KEY.replace('1111', 'dddd')}'`,
        `  listsKmsKeyArn: '${KEY.replace('1111', 'eeee')}'`,
        '  schedules: { threat-list-match: { parametersFrom: { networks: s3://company-lists/networks.txt } } }',
        `  dailyReport: { bucket: company-reports, kmsKeyArn: '${KEY.replace('1111', 'ffff')}' }`,
      ].join('\n'),
    ),
  );

  test.each([
    ['SchedulesFunction', 'kms:Decrypt', ['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee']],
    ['SchedulesFunction', 'kms:GenerateDataKey*', ['dddd']],
    ['DashboardReports', 'kms:Decrypt', ['aaaa', 'bbbb', 'cccc']],
    ['ApiFunction', 'kms:Decrypt', ['aaaa', 'bbbb', 'cccc']],
    ['LakeFunction', 'kms:Decrypt', ['aaaa', 'bbbb', 'cccc']],
    ['LakeFunction', 'kms:GenerateDataKey', ['cccc']],
    ['DailyReportFunction', 'kms:Decrypt', ['aaaa', 'bbbb', 'cccc', 'dddd', 'ffff']],
    ['DailyReportFunction', 'kms:GenerateDataKey', ['ffff']],
  ])('%s may %s with the keys of what it reads or writes, and no others', (part, action, keys) => {
    const granted = allowed(statementsOf(resources, part), action).join(' ');
    expect(['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee', 'ffff'].filter((name) => granted.includes(`key/${name}1111`))).toEqual(keys);
  });

  test('what compaction writes is encrypted with the key of its bucket', () => {
    const lake = ofType(resources, 'AWS::Athena::WorkGroup').find(({ Properties }) => String(Properties['Name']).endsWith('-lake'));
    expect(JSON.stringify(lake?.Properties)).toContain(
      '"EncryptionConfiguration":{"EncryptionOption":"SSE_KMS","KmsKey":"arn:aws:kms:us-east-1:210987654321:key/cccc',
    );
  });

  test.each([
    [
      'definitions: [{ id: vpc, scope: { vpc: vpc-0a }, destination: { s3: { kmsKeyArn: KEY } } }]',
      'definitions.0.destination.s3.kmsKeyArn',
    ],
    [`${VPC}\nlake: { kmsKeyArn: KEY }`, 'lake.kmsKeyArn'],
    [`${VPC}\nwatch: { dailyReport: { kmsKeyArn: KEY } }`, 'watch'],
    [`${VPC}\nwatch: { topicKmsKeyArn: KEY }`, 'watch'],
  ])('a key of nothing is refused: %s', (yaml, place) => {
    expect(() => stackOf(yaml.replace('KEY', `'${KEY}'`))).toThrow(place);
  });
});

describe('an alarm per interface', () => {
  const watched = `${LOGS}${FEW}\nwatch: { alarmPerInterface: true }`;
  const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

  test('has a role that may list log groups, and is made after the policy of the role', () => {
    const resources = resourcesOf(stackOf(watched));
    const own = statementsOf(resources, 'LogAlarmRole');
    expect(allowed(own, 'logs:DescribeLogGroups')).toEqual(['"*"']);
    expect(allowed(own, 'kms:Decrypt')).toEqual([]);
    const [alarm] = ofType(resources, 'AWS::CloudWatch::LogAlarm');
    expect([alarm?.DependsOn].flat().join(' ')).toMatch(/LogAlarmRole.*DefaultPolicy/);
  });

  test.each([
    ['a new log group', `cloudWatchLogs: { kmsKeyArn: '${KEY}' }`],
    ['a log group that stands already', `cloudWatchLogs: { logGroup: /vpc/flow-logs, kmsKeyArn: '${KEY}' }`],
  ])('of %s under a key may decrypt it', (_, destination) => {
    const own = statementsOf(resourcesOf(stackOf(watched.replace('cloudWatchLogs: {}', destination))), 'LogAlarmRole');
    for (const action of ['kms:Decrypt', 'kms:DescribeKey']) expect(allowed(own, action)).toEqual([`"${KEY}"`]);
  });

  test.each(['us-gov-west-1', 'us-gov-east-1', 'cn-north-1', 'cn-northwest-1', 'me-central-1'])(
    'is left out in %s, with a warning',
    (region) => {
      const stack = inRegion(region, watched);
      const resources = resourcesOf(stack);
      expect(ofType(resources, 'AWS::CloudWatch::LogAlarm')).toEqual([]);
      expect(ofType(resources, 'AWS::CloudWatch::Alarm').length).toBeGreaterThan(5);
      expect(
        warningsOf(stack).some((text) => text.includes(`CloudFormation does not support AWS::CloudWatch::LogAlarm in ${region}`)),
      ).toBe(true);
    },
  );
});

describe('a flow log that AWS replaces', () => {
  const prefixOf = (more: string) => {
    const [flowLog] = ofType(
      resourcesOf(stackOf(`definitions: [{ id: vpc, scope: { vpc: vpc-0a }${more} }]\nwatch: false\nanalyses: { include: [] }`)),
      'AWS::EC2::FlowLog',
    );
    return /flow-logs\/vpc\/[\w-]+/.exec(JSON.stringify(flowLog?.Properties['LogDestination']))?.[0];
  };

  test('has a folder of its own for whatever makes AWS replace it', () => {
    const tags = ', format: "start end instance-tag", tagFields: [{ resourceType: instance, tagKeys: [';
    const all = [
      '',
      ', aggregationSeconds: 60',
      ', traffic: REJECT',
      ', traffic: ACCEPT',
      ', traffic: REJECT, aggregationSeconds: 60',
      ', format: default',
      `${tags}team] }]`,
      `${tags}team, service] }]`,
    ].map(prefixOf);
    expect(new Set(all).size).toBe(all.length);
  });

  test('keeps the folder that it had before these counted, where it says what AWS does by default', () => {
    expect(prefixOf('')).toBe('flow-logs/vpc/parquet-c802b585');
    for (const same of [', aggregationSeconds: 600', ', traffic: ALL']) expect(prefixOf(same)).toBe(prefixOf(''));
    expect(definitionPrefix('vpc', parseFormat('recommended'), 'parquet', { hive: false, hourly: true })).toBe(prefixOf(''));
  });

  const views = (yaml: string) => {
    const stack = stackOf(yaml);
    const [view] = ofType(resourcesOf(stack), 'AWS::Glue::Table').filter(({ Properties }) =>
      JSON.stringify(Properties).includes('VIRTUAL_VIEW'),
    );
    const text = (view?.Properties['TableInput'] as { ViewOriginalText: string }).ViewOriginalText;
    const sql = (JSON.parse(Buffer.from(/View: (\S+)/.exec(text)?.[1] ?? '', 'base64').toString()) as { originalSql: string }).originalSql;
    return { sql, warnings: warningsOf(stack) };
  };

  test('is read until the new one took over, and no record twice', () => {
    const retired = (until: string) =>
      `definitions: [{ id: vpc, scope: { vpc: vpc-0a }, aggregationSeconds: 60, retiredFormats: [{ format: recommended, aggregationSeconds: 600${until} }] }]${FEW}\nwatch: false`;
    const { sql, warnings } = views(retired(', until: 2026-11-20T05:00Z'));
    expect(sql).toMatch(
      /FROM "flow_log_analytics"."vpc"\nUNION ALL\n.*FROM "flow_log_analytics"."vpc_before_1"\nWHERE "end" <= 1795150800$/s,
    );
    expect(warnings.some((text) => text.includes('count twice'))).toBe(false);
    const open = views(retired(''));
    expect(open.sql).not.toContain('WHERE');
    expect(open.warnings.some((text) => text.includes('records count twice. Set until'))).toBe(true);
    expect(() => stackOf(retired(', until: 2026-11-31T05:00Z'))).toThrow('expected a time');
    expect(() => stackOf(retired(', until: yesterday'))).toThrow('expected a time such as 2026-11-20T05:00Z');
  });
});

test('results are kept in one way only: a workgroup that keeps them in a bucket is another one', () => {
  const workgroup = (more: string) =>
    ofType(resourcesOf(stackOf(`${VPC}${FEW}\nwatch: false\n${more}`)), 'AWS::Athena::WorkGroup').map(({ Properties }) => ({
      name: Properties['Name'],
      ways: Object.keys(Properties['WorkGroupConfiguration'] as object).filter((key) => key.includes('Result')),
    }));
  expect(workgroup('')).toEqual([{ name: 'FlowLogAnalytics', ways: ['ManagedQueryResultsConfiguration'] }]);
  expect(workgroup('workgroup: { resultsBucket: true }')).toEqual([{ name: 'FlowLogAnalytics-results', ways: ['ResultConfiguration'] }]);
  expect(workgroup('workgroup: { name: own, resultsBucket: true }')[0]?.name).toBe('own-results');
});

const lake = resourcesOf(stackOf(`${VPC}${FEW}\nlake: {}`));

test('the view over a lake before its first compaction reads the raw objects, without a word of hours', () => {
  const texts = ofType(lake, 'AWS::Glue::Table').flatMap(({ Properties }) => {
    const { Name, ViewOriginalText } = Properties['TableInput'] as { Name: string; ViewOriginalText?: string };
    if (ViewOriginalText === undefined) return [];
    const view = JSON.parse(Buffer.from(/View: (\S+)/.exec(ViewOriginalText)?.[1] ?? '', 'base64').toString()) as { originalSql: string };
    return [[Name, view.originalSql] as const];
  });
  expect(texts.map(([name]) => name)).toEqual(['flow_records']);
  for (const [, sql] of texts) {
    expect(sql).toContain('FROM "flow_log_analytics"."vpc"');
    expect(sql).not.toMatch(/''|_lake"|WHERE/);
  }
});

test('whoever queries may see the database that Athena asks for first', () => {
  for (const part of ['SchedulesFunction', 'DashboardReports', 'LakeFunction'])
    expect(allowed(statementsOf(lake, part), 'glue:GetDatabase').some((text) => text.includes(':database/default'))).toBe(true);
});

describe('other partitions', () => {
  test.each([
    ['us-east-1', 'https://us-east-1.console.aws.amazon.com/'],
    ['cn-north-1', 'https://cn-north-1.console.amazonaws.cn/'],
    ['us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com/'],
    ['eusc-de-east-1', 'https://eusc-de-east-1.console.amazonaws-eusc.eu/'],
  ])('links in %s lead to its own console', (region, origin) => {
    const template = Template.fromStack(inRegion(region, `${VPC}${FEW}\nregions: [${region}]\nwatch: { dailyReport: {} }`)).toJSON() as {
      Outputs: Record<string, { Value: unknown }>;
    };
    const text = JSON.stringify(template);
    for (const name of ['SavedQueriesUrl', 'DashboardUrl', 'ReportsUrl'])
      expect(JSON.stringify(template.Outputs[name]?.Value)).toContain(origin);
    expect(text.match(/https:\/\/[a-z0-9-]+\.console\.[a-z.-]+\//g)?.filter((link) => link !== origin)).toEqual([]);
    expect(text).not.toMatch(/"arn:aws:/);
  });

  test('a Region that is known only at deployment has its console looked up', () => {
    const template = Template.fromStack(inRegion(undefined, `${VPC}${FEW}`)).toJSON() as {
      Mappings: unknown;
      Outputs: Record<string, unknown>;
    };
    expect(template.Mappings).toMatchObject({ ConsoleDomains: { 'aws-cn': { Domain: 'console.amazonaws.cn' } } });
    expect(JSON.stringify(template.Outputs['DashboardUrl'])).toContain(
      '"Fn::FindInMap":["ConsoleDomains",{"Ref":"AWS::Partition"},"Domain"]',
    );
  });

  test.each(['eusc-de-east-1', 'us-isob-east-1', 'cn-northwest-1', 'us-gov-east-1', 'mx-central-1', 'us-iso-west-1'])(
    '%s is a Region',
    (region) => {
      expect(() => parseConfig('t', `${VPC}\nregion: ${region}`)).not.toThrow();
    },
  );

  test('what is none is refused, and one that is may be read by a table', () => {
    expect(() => stackOf(`${VPC}\nregions: [Frankfurt]`)).toThrow('expected a Region such as eu-central-1');
    expect(() => stackOf(`${VPC}${FEW}\nwatch: false\nregions: [eusc-de-east-1]`)).not.toThrow();
  });

  test('CloudWatch Logs is let in to a key by the name that it has there', () => {
    const stack = new Stack(new App(), 'S', { env: { region: 'cn-north-1' } });
    new FlowLogDefinition(stack, 'Live', {
      scope: FlowLogScope.vpcId('vpc-0a'),
      destination: FlowLogDestination.cloudWatchLogs({ encryptionKey: new Key(stack, 'Key') }),
    });
    const [key] = ofType(resourcesOf(stack as never), 'AWS::KMS::Key');
    expect(JSON.stringify(key?.Properties['KeyPolicy'])).toContain('["logs.cn-north-1.",{"Ref":"AWS::URLSuffix"}]');
  });
});

test.each(['README.md', 'docs/deploy.md'])('%s: a fresh account is bootstrapped before anything is deployed to it', (file) => {
  const text = readFileSync(join(__dirname, '..', '..', file), 'utf8');
  const bootstrap = text.indexOf('npx cdk bootstrap');
  expect(bootstrap).toBeGreaterThan(0);
  expect(bootstrap).toBeLessThan(text.indexOf('npx cdk deploy'));
});

test('a synth leaves nothing in the temp directory', () => {
  const own = mkdtempSync(join(tmpdir(), 'synth-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = own;
  try {
    const app = new App({ outdir: join(own, 'cdk.out') });
    exampleStack('watch.yaml', app);
    app.synth();
    expect(readdirSync(own)).toEqual(['cdk.out']);
  } finally {
    process.env['TMPDIR'] = before;
    rmSync(own, { recursive: true });
  }
});

function messageOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
