// Starts the cloud in a box with the demo deployed and logs delivered, and leaves it running until Ctrl-C.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { BOX } from '../test/support/venv.mjs';
import { startBox } from '../test/cloud/box/box.mjs';

const box = await startBox();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void box.stop().then(() => process.exit(0)));
const environment = { ...process.env, ...box.environment, AWS_PROFILE: undefined, NODE_NO_WARNINGS: '1' };
const node = (...args) => {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: environment });
  if (status !== 0) throw new Error(`${args.join(' ')}: exit ${status}`);
};
try {
  const cdk = 'node_modules/aws-cdk/bin/cdk';
  const file = join(BOX, 'dev.yaml');
  writeFileSync(
    file,
    'definitions: [{ id: vpc, scope: { vpc: vpc-0123456789abcdef0 }, destination: { s3: { fileFormat: text, prefix: flow-logs } } }]\n',
  );
  const config = `config=${file}`;
  const outputs = join(BOX, 'dev-outputs.json');
  node(cdk, 'bootstrap', 'aws://000000000000/us-east-1', '--ci', '-c', config);
  node(cdk, 'deploy', '--ci', '--method=direct', '--require-approval', 'never', '-c', config, '--outputs-file', outputs);
  const { BucketName } = JSON.parse(readFileSync(outputs, 'utf8')).FlowLogAnalytics;
  const logs = join(BOX, 'dev-logs');
  if (existsSync(logs)) rmSync(logs, { recursive: true });
  node(
    'dist/bin/flowlogs.js',
    'generate',
    '-o',
    logs,
    '--format',
    'recommended',
    '--layout',
    'plain-hourly',
    '--account',
    '000000000000',
    '--records',
    '50000',
    '--from',
    new Date(Date.now() - 86_400_000).toISOString().slice(0, 13) + ':00:00Z',
    '--quiet',
  );
  const s3 = new S3Client({
    endpoint: box.environment.AWS_ENDPOINT_URL,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const files = readdirSync(logs, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.endsWith('.gz'));
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    await s3.send(new PutObjectCommand({ Bucket: BucketName, Key: `flow-logs/${path.slice(logs.length + 1)}`, Body: readFileSync(path) }));
  }
  console.log(`\nThe box is yours until Ctrl-C. In another terminal:\n`);
  for (const [name, value] of Object.entries(box.environment)) console.log(`  export ${name}=${value}`);
  console.log(
    `\n  npx flowlogs query top-talkers s3://${BucketName}/flow-logs/\n  npx flowlogs sql 'SELECT count(*) AS n FROM flow_records' --engine athena --stack FlowLogAnalytics --from -24h`,
  );
} catch (error) {
  await box.stop();
  throw error;
}
