// Makes dist/owners.bin with the days of its data: the packages carry them in their versions, `2.3.2026061719`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NAMES = { owners: 'asn', countries: 'dbip-country' };

/** Folders of the packages whose data is in the file. */
export const ownerPackages = Object.values(NAMES).map((name) => `node_modules/@ip-location-db/${name}`);

function dayOf(name) {
  const { version } = JSON.parse(readFileSync(`node_modules/@ip-location-db/${name}/package.json`, 'utf8'));
  const match = /\.(\d{4})(\d{2})(\d{2})\d{2}$/.exec(version);
  if (match === null) throw new Error(`@ip-location-db/${name} ${version}: expected a version that ends in a time, such as 2.3.2026061719`);
  return match.slice(1).join('-');
}

export const ownerDays = () => Object.fromEntries(Object.entries(NAMES).map(([what, name]) => [what, dayOf(name)]));

export function makeOwners() {
  mkdirSync('dist', { recursive: true });
  const { owners, countries } = ownerDays();
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/pack-owners.ts', owners, countries], { stdio: 'inherit' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makeOwners();
