// Every template against what AWS publishes of itself, without an account: resource schemas, request models, actions of IAM, quotas.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { installTemplateChecks } from '../test/cloud/box/tools.mjs';
import { synthesised } from './synth.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const { MISSING_TYPES } = createRequire(import.meta.url)('../dist/lib/constructs/region-support.js');

const python = installTemplateChecks();
const folder = synthesised();
const run = (command, args, cwd) =>
  spawnSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } }).status ?? 1;
const quotas = run(
  process.execPath,
  [join('node_modules', 'tsx', 'dist', 'cli.mjs'), 'test/templates/quotas.ts', join(folder, 'us-east-1')],
  ROOT,
);
const checks = run(python, ['-m', 'checks', folder, JSON.stringify(MISSING_TYPES)], join(ROOT, 'test', 'templates'));
process.exit(quotas + checks === 0 ? 0 : 1);
