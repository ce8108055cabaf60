// Finds a Chromium for the browser tests, the screenshots and the benchmark; installs Debian's package as root if CI requests it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function find() {
  const own = process.env['CHROMIUM'];
  if (own !== undefined && own !== '') return own;
  for (const name of NAMES) {
    const { status, stdout } = spawnSync('which', [name], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return PLACES.find((path) => existsSync(path));
}

/** Path of a browser. @throws Error that says what to install */
export function browserPath() {
  const found = find();
  if (found !== undefined) return found;
  if (process.env['CI'] !== undefined && process.getuid?.() === 0 && spawnSync('which', ['apt-get']).status === 0) {
    console.log("No browser found: installing Debian's chromium package");
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { stdio: ['ignore', 'ignore', 'inherit'] });
    const installed = find();
    if (installed !== undefined) return installed;
  }
  throw new Error('no Chromium or Chrome found: install one (Debian: apt-get install chromium), or name it in the variable CHROMIUM');
}

/** Without a sandbox where root runs it, and without calls to its maker. */
export const BROWSER_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
