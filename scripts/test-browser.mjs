// Drives the built explorer in a real browser. Arguments go to jest: npm run test:browser -- -t brush
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { BROWSER_ARGS, browserPath } from './browser.mjs';

const require = createRequire(import.meta.url);
const env = { ...process.env, CHROMIUM: browserPath(), CHROMIUM_ARGS: BROWSER_ARGS.join(' ') };
const jest = require.resolve('jest/bin/jest');
const { status } = spawnSync(process.execPath, [jest, '--config', 'jest.browser.config.js', '--runInBand', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env,
});
process.exit(status ?? 1);
