import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RELATIONS } from '../../lib/analysis/relations';
import { keptTable } from '../../lib/lake/relations';
import { EXAMPLES, exampleStack, type Resource, resourcesOf, validated } from './support';

/** Objects below a folder cannot be named one by one. */
const FOLDERS =
  /IAM5\[Resource::.*\/(flow-logs(\/[\w/-]+)?|AWSLogs|results|lake|lake-results|relations|relations-results|relations-stages|reports|compacted|compacted-results|network)\/\*\]/;

/** Tables that a run makes and drops again have names of their own. */
const TEMPORARY = /IAM5\[Resource::.*:table\/\w+\/lake_run_\*\]/;

/** Rules of AwsSolutions that an example breaks on purpose. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'AwsSolutions-SQS3': 'It is the dead-letter queue: of the function’s asynchronous invocations and of its schedules',
  'AwsSolutions-IAM5[Action::kms:GenerateDataKey*]':
    'What the CDK grants to publish to a topic under a key: the one action and its variant without plaintext',
  'AwsSolutions-S1': 'Access logs are an option (bucket.accessLogsBucket): without a bucket of the user there is nowhere to keep them',
  'AwsSolutions-ATH1': 'Results that Athena manages are encrypted by Athena; a results bucket is encrypted by the workgroup',
  'AwsSolutions-IAM4': 'The function that empties the results bucket is the CDK’s own, with its managed policy for logs',
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
    'What API Gateway checks the role of an account for',
  'AwsSolutions-L1': 'The function that empties the results bucket is the CDK’s own',
  'AwsSolutions-APIG6': 'Execution logs hold whole query strings, with what callers put there by mistake; access logs are on',
  'AwsSolutions-COG4': 'Callers are IAM principals that sign with SigV4, not users of a Cognito pool',
  'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:us-east-1:123456789012:vpc-flow-log/*]':
    'Flow logs of Cloud WAN have no id before the function creates them',
  'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:us-east-1:123456789012:log-group:/vpc/flow-logs:*]':
    'The ARN of one log group: IAM wants it with :* at its end',
  'AwsSolutions-IAM5[Resource::*]':
    'CloudWatch Logs deliveries of Firehose cannot be named, and the CDK grants s3:GetObject* on one prefix',
};

function lint(name: string): { rule: string; text: string }[] {
  const app = new App({ context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  exampleStack(name, app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  for (const [id, reason] of Object.entries(ACCEPTED)) Validations.of(app).acknowledge({ id, reason });
  try {
    validated(() => app.synth());
    return [];
  } catch (error) {
    const reports = (error as Error).message
      .split('\n\n')
      .filter((report) => report.includes('ERROR') && !FOLDERS.test(report) && !TEMPORARY.test(report));
    return reports.map((text) => ({ rule: 'nag', text }));
  }
}

const statementsOf = (resources: readonly Resource[]) =>
  resources.flatMap((resource) => {
    const policies = [
      resource.Properties['PolicyDocument'],
      resource.Properties['AssumeRolePolicyDocument'],
      resource.Properties['KeyPolicy'],
      ...((resource.Properties['Policies'] as { PolicyDocument: unknown }[] | undefined) ?? []).map(({ PolicyDocument }) => PolicyDocument),
    ] as ({ Statement: Record<string, unknown>[] } | undefined)[];
    return policies.flatMap((policy) => policy?.Statement ?? []).map((statement) => ({ resource, statement }));
  });

/** Tables whose partitions a function registers. */
const REGISTERED = ['flow_records_lake', ...RELATIONS.map(keptTable)];
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const resourcesOfExample = new Map(EXAMPLES.map((name) => [name, resourcesOf(exampleStack(name))]));

describe.each(EXAMPLES)('%s', (name) => {
  const resources = resourcesOfExample.get(name) ?? [];
  const own = resources.filter(({ id }) => !id.startsWith('Custom'));
  const ofType = (type: string) => own.filter(({ Type }) => Type === type);

  test('breaks no AwsSolutions rule without a reason, and fits the resource schemas', () => {
    expect(lint(name)).toEqual([]);
  });

  test('grants no wildcard action, and no wildcard resource but in resource policies and for log deliveries', () => {
    for (const { resource, statement } of statementsOf(own)) {
      if (statement['Effect'] !== 'Allow') continue;
      const actions = list(statement['Action']) as string[];
      for (const action of actions)
        expect(action === 'kms:*' && resource.Type === 'AWS::KMS::Key' ? 'the account owns its key' : action).not.toMatch(/^\*$|:\*$/);
      expect(actions).not.toContain('logs:CreateLogGroup');
      if (actions.includes('iam:PassRole')) expect(statement['Condition']).toHaveProperty(['StringEquals', 'iam:PassedToService']);
      // Actions that no resource can be named for: https://docs.aws.amazon.com/service-authorization/latest/reference/
      if (/^AWS::IAM::(Managed)?Policy$/.test(resource.Type) && list(statement['Resource']).includes('*'))
        expect(
          actions.filter(
            (action) =>
              !/^logs:(\w+LogDeliver(y|ies)|DescribeLogGroups|GetQueryResults|StopQuery)$|^ec2:(Describe|Create)FlowLogs$/.test(action),
          ),
        ).toEqual([]);
    }
  });

  test('lets a service in only for sources that are ours', () => {
    for (const { resource, statement } of statementsOf(own)) {
      // API Gateway's role in the account is for whatever API is there.
      if (resource.id.includes('ApiCloudWatchRole')) continue;
      const principal = statement['Principal'] as { Service?: unknown } | undefined;
      const services = list(principal?.Service).filter((service) => !String(service).startsWith('lambda'));
      if (services.length === 0 || statement['Effect'] !== 'Allow') continue;
      expect(JSON.stringify(statement['Condition'])).toMatch(/aws:Source(Account|Arn|OrgID|OrgPaths)|kms:EncryptionContext/);
    }
  });

  test('stores nothing unencrypted, in public, over plain http or for ever', () => {
    for (const { id, Properties } of ofType('AWS::S3::Bucket')) {
      expect(Properties['BucketEncryption']).toBeDefined();
      expect(Properties['PublicAccessBlockConfiguration']).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(JSON.stringify(Properties['LifecycleConfiguration'])).toContain('ExpirationInDays');
      const policy = ofType('AWS::S3::BucketPolicy').find((candidate) => JSON.stringify(candidate.Properties['Bucket']).includes(id));
      expect(JSON.stringify(policy?.Properties)).toContain('"aws:SecureTransport":"false"');
    }
    for (const { Properties } of ofType('AWS::Logs::LogGroup')) expect(Properties['RetentionInDays']).toBeGreaterThan(0);
    for (const { Properties } of ofType('AWS::Athena::WorkGroup'))
      expect(Properties['WorkGroupConfiguration']).toMatchObject({
        // Compaction and relations must say where their tables lie.
        EnforceWorkGroupConfiguration: !/-(lake|relations)$/.test(String(Properties['Name'])),
        BytesScannedCutoffPerQuery: expect.any(Number) as number,
      });
  });

  test('keeps data when the stack goes, but for what a failed first deployment left, and nothing else', () => {
    const kept = own.filter(({ DeletionPolicy, UpdateReplacePolicy }) =>
      `${DeletionPolicy ?? ''}${UpdateReplacePolicy ?? ''}`.includes('Retain'),
    );
    for (const { DeletionPolicy, UpdateReplacePolicy } of kept)
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
    // Relations are made again of the records.
    const data = own.filter(
      ({ id, Type }) => /^AWS::(S3::Bucket|Logs::LogGroup)$/.test(Type) && !/Results|Function|ReportsLog|RelationsBucket/.test(id),
    );
    expect(data.filter((resource) => !kept.includes(resource)).map(({ id }) => id)).toEqual([]);
    // What holds data, the keys to it, and the account-wide role that others may have come to rely on.
    expect(
      kept
        .map(({ Type }) => Type)
        .filter((type) => !/S3::Bucket|Logs::LogGroup|KMS::Key|DynamoDB::Table|ApiGateway::Account|IAM::Role/.test(type)),
    ).toEqual([]);
    const topicKeys = JSON.stringify(ofType('AWS::SNS::Topic').map(({ Properties }) => Properties['KmsMasterKeyId']));
    for (const { id } of kept.filter(({ Type }) => Type === 'AWS::KMS::Key')) expect(topicKeys).not.toContain(id);
  });

  test('asks CloudFormation for scopes that its schema has, and KMS once for many objects', () => {
    const known = ['NetworkInterface', 'Subnet', 'VPC', 'TransitGateway', 'TransitGatewayAttachment', 'RegionalNatGateway'];
    for (const { Properties } of ofType('AWS::EC2::FlowLog')) expect(known).toContain(Properties['ResourceType']);
    for (const { Properties } of ofType('AWS::S3::Bucket')) {
      const text = JSON.stringify(Properties['BucketEncryption']);
      expect(text.includes('aws:kms')).toBe(text.includes('"BucketKeyEnabled":true'));
    }
  });

  test('configures every projected partition column and ends every template with /', () => {
    for (const { Properties } of ofType('AWS::Glue::Table')) {
      const input = Properties['TableInput'] as {
        Name: string;
        TableType: string;
        PartitionKeys?: { Name: string }[];
        Parameters: Record<string, unknown>;
      };
      // Compacted tables and relations have registered partitions: their location is the pointer.
      if (input.TableType === 'VIRTUAL_VIEW' || REGISTERED.includes(input.Name)) continue;
      expect(input.Parameters['projection.enabled']).toBe('true');
      const template = JSON.stringify(input.Parameters['storage.location.template']);
      expect(template).toMatch(/\/"\]?\]?\}?$/);
      for (const { Name } of input.PartitionKeys ?? []) {
        expect(input.Parameters[`projection.${Name}.type`]).toMatch(/^(enum|date)$/);
        expect(template).toContain(`\${${Name}}`);
        if (input.Parameters[`projection.${Name}.type`] === 'date')
          for (const key of ['format', 'range', 'interval', 'interval.unit'])
            expect(input.Parameters[`projection.${Name}.${key}`]).toBeTruthy();
        else expect(input.Parameters[`projection.${Name}.values`]).toBeTruthy();
      }
    }
  });

  test('makes a flow log only after the policy of the bucket that it delivers to', () => {
    const buckets = ofType('AWS::S3::Bucket').map(({ id }) => id);
    for (const { Properties, DependsOn } of ofType('AWS::EC2::FlowLog')) {
      const target = JSON.stringify(Properties['LogDestination']);
      if (Properties['LogDestinationType'] !== 's3' || !buckets.some((id) => target.includes(id))) continue;
      expect(list(DependsOn).some((id) => String(id).includes('Policy'))).toBe(true);
    }
  });

  test('runs functions on arm64 and a supported runtime', () => {
    for (const { Properties } of resources.filter(({ Type }) => Type === 'AWS::Lambda::Function')) {
      expect(Properties['Runtime']).toMatch(/^nodejs2[2-9]/);
      expect(Properties['Architectures']).toEqual(['arm64']);
    }
  });
});

/** Replaced or removed by an update, these lose data or leave it behind. */
const HOLDS_DATA =
  /^AWS::(S3::Bucket|DynamoDB::Table|KMS::Key|Logs::LogGroup|SNS::Topic|SQS::Queue|EC2::FlowLog|Glue::(Database|Table)|Athena::WorkGroup|ApiGateway::RestApi|KinesisFirehose::DeliveryStream)$|^Custom::Core/;
const GOLDEN = join(__dirname, 'golden');

/** Read the diff after `UPDATE_GOLDEN=1`: an id that goes is a resource that the update of a deployed stack replaces. */
test.each(EXAMPLES)('%s: what holds data keeps its logical id and its policy; so many resources of each other type', (name) => {
  const resources = resourcesOfExample.get(name) ?? [];
  const holding = resources
    .filter(({ Type }) => HOLDS_DATA.test(Type))
    .map(({ Type, id, DeletionPolicy = 'Delete' }) => `${Type} ${id} ${DeletionPolicy}`)
    .sort();
  const others = new Map<string, number>();
  for (const { Type } of resources) if (!HOLDS_DATA.test(Type)) others.set(Type, (others.get(Type) ?? 0) + 1);
  const counts = [...others].map(([type, count]) => `${type} ${count}`).sort();
  const text = `${[...holding, '', ...counts].join('\n')}\n`;
  const path = join(GOLDEN, `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] !== undefined) {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
});
