// Runs test/cloud against the cloud in a box (test/cloud/box): the AWS emulator and Trino, installed once into .box/.
// Two boxes, a suite at a time in each: a suite spends half of its time waiting for one core of its own box.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startBox } from '../test/cloud/box/box.mjs';
import { installTools } from '../test/cloud/box/tools.mjs';
import { BOX } from '../test/support/venv.mjs';
import { synthesised } from './synth.mjs';

const BOXES = 2;
/** The longest first, so that no box idles at the end. */
const LONGEST = ['watch', 'differential', 'deploy', 'foreign', 'times', 'account'];
const SUITES = readdirSync('test/cloud').flatMap((file) => (file.endsWith('.test.ts') ? [file.slice(0, -'.test.ts'.length)] : []));

const given = process.argv.slice(2);
const firstOption = given.findIndex((arg) => arg.startsWith('-'));
const names = firstOption === -1 ? given : given.slice(0, firstOption);
const options = given.slice(names.length);
const unknown = names.filter((name) => !SUITES.includes(name));
if (unknown.length > 0) {
  console.error(`No suite ${unknown.join(', ')}: there are ${SUITES.join(', ')}`);
  process.exit(2);
}
const rank = (suite) => (LONGEST.includes(suite) ? LONGEST.indexOf(suite) : LONGEST.length);
const queue = (names.length > 0 ? names : SUITES).toSorted((a, b) => rank(a) - rank(b));

const folder = synthesised();
const tools = installTools();

/** Exit code. Not spawnSync: the box has to notice when a test kills Trino. Output is printed at the end, since suites run at once. */
const node = (args, env) =>
  new Promise((done) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(printed));
      done(code ?? 1);
    });
  });

async function work(number) {
  const home = join(BOX, `box-${number}`);
  mkdirSync(join(home, 'tmp'), { recursive: true });
  let box;
  try {
    box = await startBox(home, tools);
    const environment = {
      ...process.env,
      ...box.environment,
      AWS_PROFILE: undefined,
      BOX_HOME: home,
      BOX_AUTH_ENDPOINT: `http://127.0.0.1:${box.authPort}`,
      NODE_NO_WARNINGS: '1',
    };
    const cdk = ['node_modules/aws-cdk/bin/cdk', 'bootstrap', 'aws://000000000000/us-east-1', '--ci'];
    const output = ['--app', join(folder, 'us-east-1'), '--output', join(home, 'tmp', 'bootstrap.out')];
    if ((await node([...cdk, ...output], environment)) !== 0) return ['cdk bootstrap'];
    const failed = [];
    for (let suite = queue.shift(); suite !== undefined; suite = queue.shift()) {
      console.log(`${suite}: started in box ${number}`);
      const jest = ['node_modules/jest/bin/jest.js', '--config', 'jest.cloud.config.js', '--runInBand', `/${suite}.test.ts$`, ...options];
      if ((await node(jest, environment)) !== 0) failed.push(suite);
    }
    return failed;
  } catch (error) {
    console.error(error);
    return [`box ${number}`];
  } finally {
    await box?.stop();
  }
}

const started = Date.now();
const failed = (await Promise.all(Array.from({ length: Math.min(BOXES, queue.length) }, (_, i) => work(i + 1)))).flat();
console.log(
  `Cloud tests: ${failed.length === 0 ? 'passed' : `failed: ${failed.join(', ')}`} after ${Math.round((Date.now() - started) / 1000)} s`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
