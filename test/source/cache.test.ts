import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, UnitCache } from '../../lib/source/cache';
import { planUnits, unitKey } from '../../lib/source/unit';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const cache = join(folder, 'cache');
const entries = () => (existsSync(join(cache, 'records')) ? readdirSync(join(cache, 'records')) : []);
const count = (paths: string[]) => withLogs(paths, async ({ totals }) => totals.records, { cache });

test('a file is read once; a changed one is read again', async () => {
  const path = writeLog(folder, 'a.log', `${HEADER}\n${line()}\n`);
  expect(await count([path])).toBe(1);
  const first = entries();
  expect(await count([path])).toBe(1);
  expect(entries()).toEqual(first);
  writeLog(folder, 'a.log', `${HEADER}\n${line()}\n${line()}\n`);
  expect(await count([path])).toBe(2);
  expect(entries()).toHaveLength(first.length + 1);
});

test('a new object changes the unit of its own folder only', () => {
  const file = (path: string) => ({ path, size: 1000, mtimeMs: 1, explicit: false });
  const before = planUnits(['d1/a', 'd1/b', 'd2/a'].map(file)).map((unit) => unitKey(unit, ''));
  const after = planUnits(['d1/a', 'd1/b', 'd2/a', 'd2/b'].map(file)).map((unit) => unitKey(unit, ''));
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
});

test('units hold neighbours, about the same amount of text each', () => {
  const files = Array.from({ length: 300 }, (_, i) => ({
    path: `d/${String(i).padStart(3, '0')}.log.gz`,
    size: 350_000,
    mtimeMs: 1,
    explicit: false,
  }));
  const units = planUnits(files);
  expect(units.flatMap((unit) => unit.files)).toEqual(files);
  expect(Math.max(...units.map((unit) => unit.files.length))).toBeLessThan(30);
});

test('the format of header-less text is part of the key', () => {
  const unit = { files: [{ path: 'a', size: 1, mtimeMs: 1, explicit: true }] };
  expect(unitKey(unit, 'srcaddr dstaddr')).not.toBe(unitKey(unit, 'dstaddr srcaddr'));
});

test('a damaged entry is filled again', async () => {
  const path = writeLog(folder, 'damaged.log', `${HEADER}\n${line()}\n`);
  const before = entries();
  await count([path]);
  const [own] = entries().filter((name) => !before.includes(name));
  for (const part of readdirSync(join(cache, 'records', own ?? '')))
    if (part.endsWith('.parquet')) rmSync(join(cache, 'records', own ?? '', part));
  expect(await count([path])).toBe(1);
});

test('prune removes what nobody used for a month, and drafts of dead processes', async () => {
  const records = join(folder, 'prune');
  const old = new Date(Date.now() - 40 * 86_400_000);
  for (const name of ['old', 'fresh', 'draft.abc.tmp']) mkdirSync(join(records, name), { recursive: true });
  for (const name of ['old', 'fresh']) writeFileSync(join(records, name, 'manifest.json'), '{}');
  utimesSync(join(records, 'old', 'manifest.json'), old, old);
  utimesSync(join(records, 'draft.abc.tmp'), old, old);
  await new UnitCache(records).prune();
  expect(readdirSync(records)).toEqual(['fresh']);
});

test.each([
  [{ FLOWLOGS_CACHE: '/x' }, '/x'],
  [{ XDG_CACHE_HOME: '/c' }, process.platform === 'linux' ? '/c/flowlogs' : undefined],
])('cache folder of %j', (env, expected) => {
  if (expected !== undefined) expect(cacheFolder(env)).toBe(expected);
});
