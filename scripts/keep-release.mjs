// Keeps this release as it deploys, templates and functions, for the upgrade test of the next: run it when a release is made.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const ROOT = resolve(import.meta.dirname, '..');
const RELEASE = join('test', 'cloud', 'release');

const folder = mkdtempSync(join(tmpdir(), 'release-'));
try {
  const out = join(folder, 'assembly');
  execFileSync(
    process.execPath,
    [join('node_modules', 'aws-cdk', 'bin', 'cdk'), 'synth', '--quiet', '-c', `config=${join(RELEASE, 'config.yaml')}`, '--output', out],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, CDK_DEFAULT_ACCOUNT: '000000000000', CDK_DEFAULT_REGION: 'us-east-1' } },
  );
  const tar = execFileSync('tar', ['c', '--exclude=tree.json', '-C', out, '.'], { maxBuffer: 1 << 28 });
  // A window over all functions: they share most of their text.
  const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS, [constants.BROTLI_PARAM_SIZE_HINT]: tar.length };
  writeFileSync(join(ROOT, RELEASE, 'assembly.tar.br'), brotliCompressSync(tar, { params }));
} finally {
  rmSync(folder, { recursive: true });
}
