import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, UnitCache } from '../../lib/source/cache';
import { draftName } from '../../lib/source/draft';
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
  const file = (path: string) => ({ path, size: 1000, identity: 'i', explicit: false });
  const before = planUnits(['d1/a', 'd1/b', 'd2/a'].map(file)).map((unit) => unitKey(unit, ''));
  const after = planUnits(['d1/a', 'd1/b', 'd2/a', 'd2/b'].map(file)).map((unit) => unitKey(unit, ''));
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
});

test('units hold neighbours, about the same amount of text each', () => {
  const files = Array.from({ length: 300 }, (_, i) => ({
    path: `d/${String(i).padStart(3, '0')}.log.gz`,
    size: 350_000,
    identity: 'i',
    explicit: false,
  }));
  const units = planUnits(files);
  expect(units.flatMap((unit) => unit.files)).toEqual(files);
  expect(Math.max(...units.map((unit) => unit.files.length))).toBeLessThan(30);
});

test('the format of header-less text is part of the key', () => {
  const unit = { files: [{ path: 'a', size: 1, identity: 'i', explicit: true }] };
  expect(unitKey(unit, 'srcaddr dstaddr')).not.toBe(unitKey(unit, 'dstaddr srcaddr'));
});

const bytesOf = (paths: string[]) =>
  withLogs(paths, async ({ db }) => (await db.rows('SELECT sum(bytes)::INTEGER AS n FROM flow_records'))[0]?.['n'], { cache });

test('content of the same size and time is another content', async () => {
  const path = writeLog(folder, 'same.log', 'version bytes start\n2 111 1790000000\n');
  const time = new Date(1_790_000_000_000);
  utimesSync(path, time, time);
  expect(await bytesOf([path])).toBe(111);
  writeFileSync(path, 'version bytes start\n2 999 1790000000\n');
  utimesSync(path, time, time);
  expect(await bytesOf([path])).toBe(999);
  // Another file in its place.
  const other = writeLog(folder, 'other.log', 'version bytes start\n2 555 1790000000\n');
  utimesSync(other, time, time);
  renameSync(other, path);
  expect(await bytesOf([path])).toBe(555);
});

test.each([
  ['a part is gone', (path: string) => rmSync(path)],
  ['a part is cut', (path: string) => truncateSync(path, 20)],
  ['a part is empty', (path: string) => truncateSync(path, 0)],
  ['a part has grown', (path: string) => appendFileSync(path, 'x')],
])('an entry is made again where %s', async (name, damage) => {
  const path = writeLog(folder, `${name}.log`, `${HEADER}\n${line()}\n`);
  const before = entries();
  await count([path]);
  const [own] = entries().filter((entry) => !before.includes(entry));
  for (const part of readdirSync(join(cache, 'records', own ?? '')))
    if (part.endsWith('.parquet')) damage(join(cache, 'records', own ?? '', part));
  expect(await bytesOf([path])).toBe(40);
});

test('an entry without its manifest, or with half of it, is made again', async () => {
  const path = writeLog(folder, 'manifest.log', `${HEADER}\n${line()}\n`);
  const before = entries();
  await count([path]);
  const [own] = entries().filter((entry) => !before.includes(entry));
  truncateSync(join(cache, 'records', own ?? '', 'manifest.json'), 30);
  expect(await bytesOf([path])).toBe(40);
});

test('drafts of killed runs are removed as soon as an entry is made, those of living ones are not', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  const { pid = 0 } = child;
  await once(child, 'exit');
  const mine = draftName('mine');
  const dead = draftName('dead').replace(`-${process.pid}-`, `-${pid}-`);
  for (const name of [mine, dead]) mkdirSync(join(cache, 'records', name), { recursive: true });
  await count([writeLog(folder, 'makes an entry.log', `${HEADER}\n${line()}\n`)]);
  expect(entries().filter((name) => name.endsWith('.tmp'))).toEqual([mine]);
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
