// For those who have an AWS account: deploys the stack FlowLogLive to it, looks at what only a real account shows (test/live/checks.mjs), and
// destroys it. Costs cents; needs credentials, AWS_REGION, a bootstrapped account and LIVE_VPC_ID. LIVE_WAIT_MINUTES: how long deliveries take.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { CHECKS } from '../test/live/checks.mjs';

const require = createRequire(import.meta.url);
const { parseKey } = require('../dist/lib/flow-log/layout.js');
const { LIST_PRICES } = require('../dist/lib/estimate.js');

const ROOT = resolve(import.meta.dirname, '..');
const STACK = 'FlowLogLive';
const { LIVE_VPC_ID: vpc, AWS_REGION: region, LIVE_WAIT_MINUTES = '75' } = process.env;
if (vpc === undefined || region === undefined) {
  console.error(
    `test:live needs AWS credentials, AWS_REGION and LIVE_VPC_ID=vpc-… (a VPC with some traffic); it deploys the stack ${STACK} and destroys it`,
  );
  process.exit(1);
}

const other = (id, variable, scope, more = '') =>
  process.env[variable] === undefined
    ? []
    : [`  - { id: ${id}, scope: { ${scope}: ${process.env[variable]} }, tags: { live: 'yes' }, inRecordsView: false${more} }`];
const layouts = [
  ['plain-hourly-parquet', '{}'],
  ['hive-hourly-text', '{ fileFormat: text, hiveCompatible: true }'],
  ['hive-daily-parquet', '{ hiveCompatible: true, hourly: false }'],
];
const folder = join(ROOT, '.box', 'live');
mkdirSync(folder, { recursive: true });
const config = join(folder, 'live.yaml');
writeFileSync(
  config,
  [
    `stackName: ${STACK}`,
    'bucket: { deleteWithStack: true, customerManagedKey: true }',
    'definitions:',
    ...layouts.map(
      ([id, s3]) =>
        `  - { id: ${id}, scope: { vpc: ${vpc} }, aggregationSeconds: 60, destination: { s3: ${s3} }, tags: { live: 'yes' }, inRecordsView: ${id === layouts[0][0]} }`,
    ),
    `  - { id: live, scope: { vpc: ${vpc} }, aggregationSeconds: 60, destination: { cloudWatchLogs: { retentionDays: 1 } }, tags: { live: 'yes' } }`,
    ...other('nat', 'LIVE_NAT_ID', 'regionalNatGateway'),
    ...other('tgw', 'LIVE_TGW_ID', 'transitGateway'),
    ...other('wan', 'LIVE_CORE_NETWORK_ID', 'coreNetwork'),
    ...(process.env.LIVE_FIREHOSE_ARN === undefined
      ? []
      : [
          `  - { id: stream, scope: { vpc: ${vpc} }, tags: { live: 'yes' }, destination: { firehose: { deliveryStreamArn: '${process.env.LIVE_FIREHOSE_ARN}' } } }`,
        ]),
    'lake: { firstHours: 1 }',
    'api: {}',
    'watch: { alarmPerInterface: true, dailyReport: {} }',
  ].join('\n'),
);

const run = (command, ...args) => {
  console.log(`\n$ ${[command, ...args].join(' ')}`);
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
};
const flowlogs = (...args) => run(process.execPath, 'dist/bin/flowlogs.js', ...args);

/** A GET as an IAM principal makes it. */
async function signed(address) {
  const { protocol, hostname, pathname, searchParams } = new URL(address);
  const signer = new SignatureV4({ service: 'execute-api', region, credentials: defaultProvider(), sha256: Sha256 });
  const { headers } = await signer.sign({
    method: 'GET',
    protocol,
    hostname,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host: hostname },
  });
  return fetch(address, { headers });
}

const flags = ['-c', `config=${config}`, '-c', 'flow-log-analytics:deleteData=true'];
const outputsFile = join(folder, 'outputs.json');
let failed = run('npx', 'cdk', 'deploy', '--require-approval', 'never', '--outputs-file', outputsFile, ...flags);
try {
  if (failed === 0) {
    console.log(`\nWaiting ${LIVE_WAIT_MINUTES} minutes: first objects take ten or more, an hour to compact takes its time`);
    await pause(Number(LIVE_WAIT_MINUTES) * 60_000);
    const outputs = JSON.parse(readFileSync(outputsFile, 'utf8'))[STACK];
    const live = { stack: STACK, region, outputs, database: 'flow_log_live', parseKey, prices: LIST_PRICES, flowlogs, signed };
    for (const { shows, needs, run: look } of CHECKS) {
      if (needs !== undefined && process.env[needs] === undefined) {
        console.log(`\nnot looked at, for want of ${needs}: ${shows}`);
        continue;
      }
      try {
        console.log(`\nok: ${shows}\n  ${await look(live)}`);
      } catch (error) {
        failed++;
        console.error(`\nFAILED: ${shows}\n  ${error.message}`);
      }
    }
  }
} finally {
  failed += run('npx', 'cdk', 'destroy', '--force', ...flags);
}
process.exit(failed === 0 ? 0 : 1);
