import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Catalogue } from '../../lib/analysis/catalogue';
import { detect } from '../../lib/detect';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS, parseKey } from '../../lib/flow-log/layout';
import { generate, type GenerateOptions } from '../../lib/synthetic/generate';
import { PLANTS } from '../../lib/synthetic/plant';
import { temporaryFolder, withLogs } from '../support/logs';

const folder = temporaryFolder();
const FROM = Date.UTC(2026, 10, 20) / 1000;
const options = (more: Partial<GenerateOptions> = {}): GenerateOptions => ({
  seed: 1,
  format: parseFormat('default'),
  layout: LAYOUTS['plain-hourly']!,
  account: '123456789012',
  region: 'us-east-1',
  records: 3000,
  from: FROM,
  to: FROM + 7200,
  hosts: 30,
  plants: [],
  ...more,
});

const files = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name))
    .sort();
const digest = (dir: string) =>
  files(dir).map((path) => [path.slice(dir.length), createHash('sha256').update(readFileSync(path)).digest('hex')]);

test('the same options give the same bytes, another seed does not', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, name)) as [string, string, string];
  await generate(a, options());
  await generate(b, options());
  await generate(c, options({ seed: 2 }));
  expect(digest(a)).toEqual(digest(b));
  expect(digest(a)).not.toEqual(digest(c));
});

test.each(Object.entries(LAYOUTS))('layout %s: keys as AWS writes them, records of the slot', async (name, layout) => {
  const dir = join(folder, `layout-${name}`);
  const { objects, records } = await generate(dir, options({ layout }));
  const keys = files(dir).map((path) => parseKey(path.slice(dir.length + 1)));
  expect(keys).toHaveLength(24);
  expect(objects).toBe(24);
  expect(keys.every((key) => key?.layout.hive === layout.hive && key.layout.hourly === layout.hourly)).toBe(true);
  await withLogs([dir], async ({ totals }) => {
    expect(totals).toMatchObject({ records, lines: 3000, rejectedLines: 0, badValues: 0 });
  });
});

test.each(['default', 'recommended', 'all', 'srcaddr start end bytes'])('format %s reads back without a bad value', async (name) => {
  const dir = join(folder, `format-${name.replaceAll(' ', '-')}`);
  const format = parseFormat(name);
  await generate(dir, options({ format, records: 500 }));
  expect(
    gunzipSync(readFileSync(files(dir)[0] ?? ''))
      .toString()
      .split('\n')[0],
  ).toBe(format.names.join(' '));
  await withLogs([dir], async ({ totals, formats }) => {
    expect(totals).toMatchObject({ records: 500, badValues: 0, rejectedLines: 0 });
    expect(formats[0]?.unknownFields).toEqual([]);
  });
});

test('flags say who began: SYN and FIN from the client, SYN-ACK and FIN from the port that serves, SYN alone where it is refused', async () => {
  const dir = join(folder, 'flags');
  await generate(dir, options({ format: parseFormat('recommended') }));
  await withLogs([dir], async ({ db }) => {
    const rows = await db.rows(
      "SELECT DISTINCT action, srcport < dstport AS serves, tcp_flags FROM flow_records WHERE protocol = 6 AND log_status = 'OK' ORDER BY ALL",
    );
    expect(rows.map(({ action, serves, tcp_flags: flags }) => [action, serves, flags])).toEqual([
      ['ACCEPT', false, 3],
      ['ACCEPT', true, 19],
      ['REJECT', false, 2],
      ['REJECT', true, 2],
    ]);
  });
});

test('the detections find exactly what was planted, each at its time, and nothing in ordinary traffic', async () => {
  const dir = join(folder, 'incidents');
  const quiet = join(folder, 'quiet');
  const long = { records: 240_000, to: FROM + 4 * 86400, hosts: 60, seed: 7 };
  const { incidents } = await generate(dir, options({ ...long, plants: PLANTS }));
  await generate(quiet, options(long));
  const catalogue = new Catalogue();
  // Four days with incidents from the third on: less past than a deployed stack waits for.
  const ownWarmUp = (id: string): Record<string, number> =>
    catalogue.get(id).parametersOf.includes('robust_spike')
      ? { warm_up_buckets: 24 }
      : id === 'logging-gap'
        ? { min_seen_buckets: 24 }
        : {};
  const detections = PLANTS.map((id) => catalogue.get(id));
  const findingsIn = (path: string) =>
    withLogs([path], async (records) => {
      const names = records.columns.map(({ name }) => name);
      const target = { catalogue, engine: await DuckDbEngine.over(records), table: 'flow_records', columns: new Set(names) };
      const parameters = new Map(PLANTS.map((id) => [id, ownWarmUp(id)]));
      const window = { from: FROM, to: FROM + 4 * 86400 };
      return (await detect({ target, records, columns: names, detections, window, scope: {}, parameters })).findings;
    });
  const findings = await findingsIn(dir);
  expect(findings.map(({ key }) => key).sort()).toEqual(incidents.flatMap(({ findings: keys }) => keys).sort());
  for (const { findings: keys, from, to } of incidents)
    for (const finding of findings.filter(({ key }) => keys.includes(key))) {
      expect(Date.parse(finding.until) / 1000).toBeGreaterThan(from);
      expect(Date.parse(finding.time) / 1000).toBeLessThan(to);
    }
  expect(await findingsIn(quiet)).toEqual([]);
}, 180_000);
