// Runs test/cloud against the cloud in a box (test/cloud/box): the AWS emulator and Trino, installed once into .box/.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startBox } from '../test/cloud/box/box.mjs';
import { synthesised } from './synth.mjs';

const folder = synthesised();

const box = await startBox();
let status = 1;
try {
  const environment = {
    ...process.env,
    ...box.environment,
    AWS_PROFILE: undefined,
    BOX_AUTH_ENDPOINT: `http://127.0.0.1:${box.authPort}`,
    NODE_NO_WARNINGS: '1',
  };
  // Not spawnSync: the box has to notice when a test kills Trino.
  const node = (...args) =>
    new Promise((done) => spawn(process.execPath, args, { stdio: 'inherit', env: environment }).once('exit', (code) => done(code ?? 1)));
  status = await node(
    'node_modules/aws-cdk/bin/cdk',
    'bootstrap',
    'aws://000000000000/us-east-1',
    '--ci',
    '--app',
    join(folder, 'us-east-1'),
  );
  if (status === 0)
    status = await node('node_modules/jest/bin/jest.js', '--config', 'jest.cloud.config.js', '--runInBand', ...process.argv.slice(2));
} finally {
  await box.stop();
}
process.exit(status);
