import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { join } from 'node:path';
import { AthenaClient, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { AthenaEngine } from '../../lib/engine/athena';
import { temporaryFolder } from '../support/logs';
import { cdk, deploy } from './support';

/** On the emulator that verifies signatures and evaluates policies: what grantRunQueries grants is enough, and no more than that. */
const folder = temporaryFolder();
const endpoint = process.env['BOX_AUTH_ENDPOINT']!;
const plain = process.env['AWS_ENDPOINT_URL'];
let outputs: Record<string, string> = {};

beforeAll(async () => {
  process.env['AWS_ENDPOINT_URL'] = endpoint;
  const out = join(folder, 'cdk.out');
  await cdk(['bootstrap', 'aws://000000000000/us-east-1'], { app: 'npx tsx test/cloud/iam-app.ts', out });
  outputs = await deploy('Permissions', [], { app: 'npx tsx test/cloud/iam-app.ts', out });
}, 120_000);

afterAll(() => {
  process.env['AWS_ENDPOINT_URL'] = plain;
});

async function as(roleArn: string): Promise<AthenaClient> {
  const { Credentials } = await new STSClient({ endpoint }).send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'test' }));
  return new AthenaClient({
    endpoint,
    credentials: {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    },
  });
}

test('a role with the grant runs queries in its workgroup and in no other', async () => {
  const client = await as(outputs['AnalystRole']!);
  const { rows, stats } = await new AthenaEngine(client, { workgroup: 'Permissions-results', database: 'default' }).run('SELECT 1 AS one');
  expect(rows).toEqual([{ one: 1 }]);
  expect(stats.queryId).not.toBe('');
  const other = new AthenaEngine(client, { workgroup: 'primary', database: 'default' });
  await expect(other.run('SELECT 1 AS one')).rejects.toMatchObject({ kind: 'denied', retryable: false });
});

test('a role without it is refused, in words that help', async () => {
  const client = await as(outputs['StrangerRole']!);
  await expect(client.send(new GetWorkGroupCommand({ WorkGroup: 'Permissions-results' }))).rejects.toThrow(/not authorized/);
  const engine = new AthenaEngine(client, { workgroup: 'Permissions-results', database: 'default' });
  await expect(engine.run('SELECT 1 AS one')).rejects.toMatchObject({
    kind: 'denied',
    message: expect.stringContaining('grantRunQueries') as string,
  });
});

/** What IAM's simulator says of a role, an action and a resource. */
async function decisions(role: string, action: string, resource: string): Promise<(string | undefined)[]> {
  const { EvaluationResults = [] } = await new IAMClient({ endpoint }).send(
    new SimulatePrincipalPolicyCommand({ PolicySourceArn: role, ActionNames: [action], ResourceArns: [resource] }),
  );
  return EvaluationResults.map(({ EvalDecision }) => EvalDecision);
}

test.each([
  ['Analyst', 's3:GetObject', 'Bucket', '/flow-logs/vpc/x/object', 'allowed'],
  ['Analyst', 's3:PutObject', 'Bucket', '/flow-logs/vpc/x/object', 'implicitDeny'],
  ['Analyst', 's3:DeleteObject', 'Bucket', '/flow-logs/vpc/x/object', 'implicitDeny'],
  // Only for the folders of the tables; the emulator's simulator takes no context, so the condition does not hold here.
  ['Analyst', 's3:ListBucket', 'Bucket', '', 'implicitDeny'],
  ['Run', 's3:GetObject', 'Bucket', '/flow-logs/vpc/x/object', 'allowed'],
  ['Run', 's3:PutObject', 'Bucket', '/flow-logs/vpc/x/object', 'implicitDeny'],
  ['Analyst', 's3:PutObject', 'Results', '/results/x.csv', 'allowed'],
  ['Analyst', 's3:GetObject', 'Results', '/results/x.csv', 'allowed'],
  ['Stranger', 's3:GetObject', 'Bucket', '/flow-logs/vpc/x/object', 'implicitDeny'],
])('%s %s on %s%s: %s', async (who, action, bucket, key, decision) => {
  // Objects of the definition: the prefix is made from its format and layout.
  const { definitionPrefix } = await import('../../lib/flow-log/definition.js');
  const { parseFormat } = await import('../../lib/flow-log/format.js');
  const prefix = definitionPrefix('vpc', parseFormat('recommended'), 'parquet', { hive: false, hourly: true });
  expect(
    await decisions(outputs[`${who}Role`]!, action, `arn:aws:s3:::${outputs[bucket]!}${key.replace('flow-logs/vpc/x', prefix)}`),
  ).toEqual([decision]);
});

test.each([
  ['glue:GetTable', 'table/permissions/flow_records', 'allowed'],
  ['glue:GetTable', 'table/permissions/vpc', 'allowed'],
  ['glue:GetTable', 'table/other/secrets', 'implicitDeny'],
  ['glue:UpdateTable', 'table/permissions/vpc', 'implicitDeny'],
])('the analyst and %s on %s: %s', async (action, resource, decision) => {
  expect(await decisions(outputs['AnalystRole']!, action, `arn:aws:glue:us-east-1:000000000000:${resource}`)).toEqual([decision]);
});

test.each([
  ['dynamodb:Query', 'Table', '', 'allowed'],
  ['dynamodb:Query', 'Table', '/index/pending', 'allowed'],
  ['dynamodb:PutItem', 'Table', '', 'allowed'],
  ['dynamodb:UpdateItem', 'Table', '', 'allowed'],
  ['dynamodb:DeleteItem', 'Table', '', 'implicitDeny'],
  ['dynamodb:Scan', 'Table', '', 'implicitDeny'],
  ['sqs:SendMessage', 'DeadLetters', '', 'allowed'],
  ['sqs:ReceiveMessage', 'DeadLetters', '', 'implicitDeny'],
  ['sns:Publish', 'Topic', '', 'allowed'],
  ['sns:Subscribe', 'Topic', '', 'implicitDeny'],
  ['events:PutEvents', 'arn:aws:events:us-east-1:000000000000:event-bus/default', '', 'allowed'],
  ['securityhub:BatchImportFindings', 'arn:aws:securityhub:us-east-1:000000000000:product/000000000000/default', '', 'implicitDeny'],
])('the function and %s on %s%s: %s', async (action, resource, more, decision) => {
  expect(await decisions(outputs['RunRole']!, action, `${outputs[resource] ?? resource}${more}`)).toEqual([decision]);
});

test.each([
  ['Compact', 'glue:CreateTable', 'glue:table/permissions/lake_run_1', 'allowed'],
  ['Compact', 'glue:DeleteTable', 'glue:table/permissions/lake_run_1', 'allowed'],
  ['Compact', 'glue:DeleteTable', 'glue:table/permissions/vpc', 'implicitDeny'],
  ['Compact', 'glue:CreateTable', 'glue:table/permissions/vpc', 'implicitDeny'],
  ['Compact', 'glue:UpdateTable', 'glue:table/permissions/flow_records', 'allowed'],
  ['Compact', 'glue:UpdateTable', 'glue:table/permissions/flow_conversations', 'implicitDeny'],
  ['Compact', 'glue:UpdateTable', 'glue:table/permissions/vpc', 'implicitDeny'],
  ['Compact', 'glue:BatchUpdatePartition', 'glue:table/permissions/flow_records_lake', 'allowed'],
  ['Compact', 's3:PutObject', 's3:LakeBucket/lake/records/x', 'allowed'],
  ['Compact', 's3:DeleteObject', 's3:LakeBucket/lake/records/x', 'allowed'],
  ['Compact', 's3:PutObject', 's3:Bucket/AWSLogs/x', 'implicitDeny'],
  ['Compact', 's3:DeleteObject', 's3:Bucket/PREFIX/AWSLogs/x', 'implicitDeny'],
  ['Compact', 's3:GetObject', 's3:Bucket/PREFIX/AWSLogs/x', 'allowed'],
  ['Compact', 's3:PutObjectTagging', 's3:Bucket/PREFIX/AWSLogs/x', 'allowed'],
  ['Compact', 'dynamodb:UpdateItem', 'Ledger', 'allowed'],
  ['Compact', 'dynamodb:Scan', 'Ledger', 'implicitDeny'],
  ['Compact', 'athena:StartQueryExecution', 'athena:workgroup/Permissions-lake', 'allowed'],
  ['Compact', 'athena:StartQueryExecution', 'athena:workgroup/Permissions-results', 'implicitDeny'],
  ['Relations', 's3:GetObject', 's3:Bucket/PREFIX/AWSLogs/x', 'allowed'],
  ['Relations', 's3:PutObject', 's3:Bucket/PREFIX/AWSLogs/x', 'implicitDeny'],
  ['Relations', 's3:DeleteObject', 's3:Bucket/PREFIX/AWSLogs/x', 'implicitDeny'],
  ['Relations', 's3:GetObject', 's3:LakeBucket/lake/records/x', 'implicitDeny'],
  ['Relations', 's3:PutObject', 's3:RelationsBucket/relations/links/x', 'allowed'],
  ['Relations', 's3:DeleteObject', 's3:RelationsBucket/relations/links/x', 'allowed'],
  ['Relations', 's3:PutObject', 's3:RelationsBucket/relations-results/x', 'allowed'],
  ['Relations', 's3:DeleteObject', 's3:RelationsBucket/other/x', 'implicitDeny'],
  ['Relations', 'glue:GetTable', 'glue:table/permissions/vpc', 'allowed'],
  ['Relations', 'glue:CreateTable', 'glue:table/permissions/lake_run_1', 'allowed'],
  ['Relations', 'glue:DeleteTable', 'glue:table/permissions/lake_run_1', 'allowed'],
  ['Relations', 'glue:DeleteTable', 'glue:table/permissions/flow_links', 'implicitDeny'],
  ['Relations', 'glue:CreatePartition', 'glue:table/permissions/flow_links', 'allowed'],
  ['Relations', 'glue:BatchUpdatePartition', 'glue:table/permissions/flow_attempts', 'allowed'],
  ['Relations', 'glue:UpdateTable', 'glue:table/permissions/flow_conversations', 'allowed'],
  ['Relations', 'glue:UpdateTable', 'glue:table/permissions/flow_records', 'implicitDeny'],
  ['Relations', 'glue:CreatePartition', 'glue:table/permissions/flow_records_lake', 'implicitDeny'],
  ['Relations', 'athena:StartQueryExecution', 'athena:workgroup/Permissions-relations', 'allowed'],
  ['Relations', 'athena:StartQueryExecution', 'athena:workgroup/Permissions-results', 'implicitDeny'],
  ['Relations', 'dynamodb:UpdateItem', 'RelationsLedger', 'allowed'],
  ['Relations', 'dynamodb:UpdateItem', 'Ledger', 'implicitDeny'],
  ['Relations', 'dynamodb:DeleteItem', 'RelationsLedger', 'implicitDeny'],
  ['Run', 's3:GetObject', 's3:RelationsBucket/relations/links/x', 'allowed'],
  ['Run', 's3:PutObject', 's3:RelationsBucket/relations/links/x', 'implicitDeny'],
  ['Run', 'glue:GetTable', 'glue:table/permissions/flow_links', 'allowed'],
  ['Run', 'glue:UpdateTable', 'glue:table/permissions/flow_links', 'implicitDeny'],
  ['Analyst', 's3:GetObject', 's3:RelationsBucket/relations/links/x', 'allowed'],
  ['Analyst', 'glue:GetTable', 'glue:table/permissions/flow_conversations', 'allowed'],
  ['Analyst', 's3:PutObject', 's3:RelationsBucket/relations/links/x', 'implicitDeny'],
  ['Api', 'athena:StartQueryExecution', 'athena:workgroup/Permissions-results', 'allowed'],
  ['Api', 's3:GetObject', 's3:LakeBucket/lake/records/x', 'allowed'],
  ['Api', 's3:PutObject', 's3:LakeBucket/lake/records/x', 'implicitDeny'],
  ['Api', 'dynamodb:PutItem', 'Ledger', 'implicitDeny'],
  ['Report', 's3:PutObject', 's3:Reports/reports/2026-11-20.html', 'allowed'],
  ['Report', 's3:PutObject', 's3:Reports/other/x', 'implicitDeny'],
  ['Report', 's3:GetObject', 's3:Reports/reports/2026-11-20.html', 'implicitDeny'],
  ['Report', 's3:GetObject', 's3:Bucket/PREFIX/AWSLogs/x', 'allowed'],
  ['Report', 's3:PutObject', 's3:Bucket/PREFIX/AWSLogs/x', 'implicitDeny'],
  ['Report', 'dynamodb:Scan', 'Table', 'allowed'],
  ['Report', 'dynamodb:PutItem', 'Table', 'implicitDeny'],
  ['Report', 'athena:StartQueryExecution', 'athena:workgroup/Permissions-results', 'allowed'],
  ['Report', 'sns:Publish', 'Topic', 'allowed'],
])('the function of %s and %s on %s: %s', async (who, action, resource, decision) => {
  const { definitionPrefix } = await import('../../lib/flow-log/definition.js');
  const { parseFormat } = await import('../../lib/flow-log/format.js');
  const prefix = definitionPrefix('vpc', parseFormat('recommended'), 'parquet', { hive: false, hourly: true });
  const [service = '', name = ''] = resource.split(':');
  const [bucket = '', ...key] = name.split('/');
  const arn =
    service === 's3'
      ? `arn:aws:s3:::${outputs[bucket]!}/${key.join('/').replace('PREFIX', prefix)}`
      : name === ''
        ? outputs[service]!
        : `arn:aws:${service}:us-east-1:000000000000:${name}`;
  expect(await decisions(outputs[`${who}Role`]!, action, arn)).toEqual([decision]);
});

async function run(detection: string): Promise<{ answer: string; log: string }> {
  const input = {
    schedule: detection,
    analysis: detection,
    engine: 'athena',
    scheduledTime: new Date().toISOString(),
    everySeconds: 900,
    lagSeconds: 1200,
    overlapSeconds: 3600,
  };
  const { Payload, LogResult } = await new LambdaClient({ endpoint }).send(
    new InvokeCommand({ FunctionName: outputs['RunFunction']!, Payload: JSON.stringify(input), LogType: 'Tail' }),
  );
  return { answer: Buffer.from(Payload ?? []).toString(), log: Buffer.from(LogResult ?? '', 'base64').toString() };
}

test('the function runs with its own role: it may start the query; the queue takes nothing over plain http', async () => {
  const { answer, log } = await run('unexpected-protocol');
  // Trino knows no table of this emulator: the query was taken and failed there. Without the grant it would be AccessDenied.
  expect(log).toMatch(/the query failed: (SCHEMA|TABLE)_NOT_FOUND/);
  // The box speaks no TLS, which the policy of the queue demands: the identity's own permission is simulated above.
  expect(answer).toContain('with an explicit deny in a resource-based policy');
}, 60_000);

test('the function may see how far the relations are kept, and waits for them', async () => {
  const { answer, log } = await run('port-scan');
  expect(log).toContain('relations are not built yet');
  expect(JSON.parse(answer)).toMatchObject({ rows: 0, told: [] });
}, 60_000);
