// Runs test/cloud against an S3 emulator (ministack, from PyPI), installed once into .box/.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const VERSION = '1.5.33';
const VENV = join('.box', `venv-${VERSION}`);
const python = join(VENV, 'bin', 'python');

if (!existsSync(join(VENV, 'installed'))) {
  console.log(`Installing ministack ${VERSION} from PyPI into ${VENV} (once)`);
  execFileSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ministack==${VERSION}`], { stdio: 'inherit' });
  execFileSync('touch', [join(VENV, 'installed')]);
}

const port = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = server.address();
    server.close(() => resolve(free));
  });
});
const emulator = spawn(python, ['-m', 'ministack'], {
  stdio: 'ignore',
  env: { ...process.env, BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port), IOT_MTLS_ENABLED: '0' },
});
const url = `http://127.0.0.1:${port}`;
try {
  const deadline = Date.now() + 60_000;
  while (
    !(await fetch(`${url}/_ministack/health`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (Date.now() > deadline) throw new Error(`the emulator did not answer at ${url} within 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--config', 'jest.cloud.config.js', '--runInBand', ...process.argv.slice(2)],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_PROFILE: undefined,
      },
    },
  );
  process.exitCode = status ?? 1;
} finally {
  emulator.kill('SIGTERM');
}
