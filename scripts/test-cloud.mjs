// Runs test/cloud against clouds in a box (test/cloud/box): an AWS emulator and Trino each, installed once into .box/. All suites in two lanes, each
// with a box of its own, since a suite may kill Trino, make calls fail, or empty the account; named ones, one after the other, in one box.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startBox } from '../test/cloud/box/box.mjs';
import { synthesised } from './synth.mjs';

const ROOT = resolve(import.meta.dirname, '..');
/** About half of the time; the other lane has the rest. */
const FIRST = ['watch', 'account', 'times', 'engine', 'iam'];

const folder = synthesised();

function lanes() {
  const asked = process.argv.slice(2);
  if (asked.length > 0) return [asked];
  const suites = readdirSync(join(ROOT, 'test', 'cloud')).flatMap((name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? []);
  const missing = FIRST.filter((suite) => !suites.includes(suite));
  if (missing.length > 0) throw new Error(`test/cloud: there is no ${missing.join(', ')}.test.ts`);
  const paths = (names) => names.map((name) => `test/cloud/${name}.test.ts`);
  return [paths(FIRST), paths(suites.filter((suite) => !FIRST.includes(suite)))];
}

/** @returns the exit code of the suites */
async function run(args, name) {
  const box = await startBox(name);
  try {
    const environment = {
      ...process.env,
      ...box.environment,
      AWS_PROFILE: undefined,
      BOX_AUTH_ENDPOINT: `http://127.0.0.1:${box.authPort}`,
      BOX_FOLDER: box.folder,
      NODE_NO_WARNINGS: '1',
    };
    // Not spawnSync: the box has to notice when a test kills Trino.
    const node = (...command) =>
      new Promise((done) =>
        spawn(process.execPath, command, { stdio: 'inherit', env: environment }).once('exit', (code) => done(code ?? 1)),
      );
    const app = ['--app', join(folder, 'us-east-1'), '--output', join(box.folder, 'bootstrap.out')];
    const bootstrapped = await node('node_modules/aws-cdk/bin/cdk', 'bootstrap', 'aws://000000000000/us-east-1', '--ci', ...app);
    if (bootstrapped !== 0) return bootstrapped;
    return await node('node_modules/jest/bin/jest.js', '--config', 'jest.cloud.config.js', '--runInBand', ...args);
  } finally {
    await box.stop();
  }
}

const codes = await Promise.all(lanes().map((args, i) => run(args, i === 0 ? 'box' : `box${i + 1}`)));
process.exit(codes.find((code) => code !== 0) ?? 0);
