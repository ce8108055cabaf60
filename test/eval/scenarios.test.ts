import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ATTACKS } from '../../eval/attacks/all';
import { build } from '../../eval/build';
import { HELD_OUT, scenarios } from '../../eval/scenario';
import { WORKLOADS } from '../../eval/workloads/all';
import { temporaryFolder } from '../support/logs';

const folder = temporaryFolder();
const EVAL = join(__dirname, '..', '..', 'eval');
const foldersOf = (name: string) =>
  readdirSync(join(EVAL, name), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

test.each([
  ['workloads', WORKLOADS.map(({ kind }) => kind)],
  ['attacks', ATTACKS.map(({ kind }) => kind)],
])('%s: a folder and a README a kind', (name, kinds) => {
  expect([...kinds].sort()).toEqual(foldersOf(name));
  for (const kind of kinds) expect(readFileSync(join(EVAL, name, kind, 'README.md'), 'utf8')).toMatch(/\nSources?:\s/);
});

test('the halves share no seed and no variant; the reporting half has every kind, the tuning half none that is held out', () => {
  const [tuning, reporting] = [scenarios('tuning'), scenarios('reporting')];
  const seeds = tuning.map(({ seed }) => seed);
  expect(reporting.filter(({ seed }) => seeds.includes(seed))).toEqual([]);
  expect(new Set([...tuning, ...reporting].map(({ seed }) => seed)).size).toBe(tuning.length + reporting.length);
  const variants = (half: typeof tuning) => new Set(half.flatMap(({ attacks }) => attacks.map(({ variant }) => variant)));
  expect([...variants(tuning)].filter((variant) => variants(reporting).has(variant))).toEqual([]);
  expect(variants(reporting).size).toBe(ATTACKS.flatMap((kind) => kind.variants).filter(({ half }) => half === 'reporting').length);
  const ordinary = (half: typeof tuning) => half.filter(({ side }) => side === 'ordinary').map(({ workload }) => workload);
  expect(ordinary(reporting)).toEqual(WORKLOADS.map(({ kind }) => kind));
  expect(ordinary(tuning).filter((kind) => HELD_OUT.includes(kind))).toEqual([]);
  expect(HELD_OUT.filter((kind) => !ordinary(reporting).includes(kind))).toEqual([]);
});

test('every attack is let out in both modes or refused, once a half', () => {
  for (const half of ['tuning', 'reporting'] as const)
    for (const { kind, side, variants } of ATTACKS) {
      const count = (where: string) =>
        scenarios(half)
          .flatMap((one) => (one.side === where ? one.attacks : []))
          .filter((one) => one.kind.kind === kind).length;
      const own = variants.filter((variant) => variant.half === half).length;
      expect([kind, count('refused'), count('open'), count('strict')]).toEqual([
        kind,
        ...(side === 'refused' ? [own, 0, 0] : [0, own, own]),
      ]);
    }
});

const digest = (path: string) =>
  createHash('sha256')
    .update(gunzipSync(readFileSync(path)))
    .digest('hex');

test('a scenario gives the same bytes again, its incidents are within the log and leave traces of their actors', async () => {
  const scenario = scenarios('reporting').find(({ name }) => name === 'refused in internet-noise');
  if (scenario === undefined) throw new Error('no such scenario');
  const [a, b] = [join(folder, 'a.log.gz'), join(folder, 'b.log.gz')];
  const built = await build(scenario, a);
  expect((await build(scenario, b)).incidents).toEqual(built.incidents);
  expect(digest(a)).toBe(digest(b));
  const records = gunzipSync(readFileSync(a))
    .toString()
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(' '));
  expect(records).toHaveLength(built.records);
  expect(built.incidents).toHaveLength(scenario.attacks.length);
  for (const { need, from, to, n = 0, actors } of built.incidents) {
    const traces = records.filter(
      ([, , , src, dst, , , , , , start]) =>
        [src, dst].some((end) => end !== undefined && (need ?? actors).includes(end)) && Number(start) >= from && Number(start) <= to,
    );
    expect(traces.length).toBeGreaterThanOrEqual(Math.min(n, 20));
  }
}, 120_000);
