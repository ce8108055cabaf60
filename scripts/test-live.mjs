// For those who have an AWS account: deploys examples to it, asks the deployed stack, and destroys it. Costs cents; needs credentials,
// AWS_REGION, a bootstrapped account and LIVE_VPC_ID. Shows what no emulator can: real delivery, Athena itself, Glue's view, CloudWatch.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const vpc = process.env.LIVE_VPC_ID;
if (vpc === undefined || process.env.AWS_REGION === undefined) {
  console.error(
    'test:live needs AWS credentials, AWS_REGION and LIVE_VPC_ID=vpc-… (a VPC with some traffic); it deploys the stack FlowLogLive and destroys it',
  );
  process.exit(1);
}
const config = join(mkdtempSync(join(tmpdir(), 'flowlogs-live-')), 'live.yaml');
const layouts = [
  ['plain-hourly-parquet', '{}'],
  ['hive-hourly-text', '{ fileFormat: text, hiveCompatible: true }'],
  ['hive-daily-parquet', '{ hiveCompatible: true, hourly: false }'],
];
writeFileSync(
  config,
  [
    'stackName: FlowLogLive',
    'bucket: { deleteWithStack: true }',
    'definitions:',
    ...layouts.map(
      ([id, s3]) =>
        `  - { id: ${id}, scope: { vpc: ${vpc} }, aggregationSeconds: 60, destination: { s3: ${s3} }, inRecordsView: ${id === layouts[0][0]} }`,
    ),
    `  - { id: live, scope: { vpc: ${vpc} }, aggregationSeconds: 60, destination: { cloudWatchLogs: { retentionDays: 1 } } }`,
  ].join('\n'),
);
const run = (command, ...args) => {
  console.log(`\n$ ${[command, ...args].join(' ')}`);
  return spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;
};
const flags = ['-c', `config=${config}`, '-c', 'flow-log-analytics:deleteData=true'];
const flowlogs = (...args) => run(process.execPath, 'dist/bin/flowlogs.js', ...args);
let failed = run('npx', 'cdk', 'deploy', '--require-approval', 'never', ...flags);
try {
  if (failed === 0) {
    console.log('\nWaiting 20 minutes: a new flow log delivers its first objects after ten or more');
    spawnSync('sleep', ['1200']);
    failed += flowlogs('query', 'top-talkers', '--engine', 'athena', '--stack', 'FlowLogLive', '--from', '-1h');
    for (const [id] of layouts)
      failed += flowlogs(
        'query',
        'top-talkers',
        '--engine',
        'athena',
        '--stack',
        'FlowLogLive',
        '--from',
        '-1h',
        '--table',
        id.replaceAll('-', '_'),
        '--partition',
        id.includes('daily') ? 'hive_day' : id.startsWith('hive') ? 'hive_hour' : 'hour',
      );
    failed += flowlogs('detect', '--engine', 'athena', '--stack', 'FlowLogLive', '--from', '-1h');
  }
} finally {
  failed += run('npx', 'cdk', 'destroy', '--force', ...flags);
}
process.exit(failed === 0 ? 0 : 1);
