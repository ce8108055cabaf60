import { join } from 'node:path';
import { Catalogue } from '../../lib/analysis/catalogue';
import { openPacked, packCatalogue } from '../../lib/analysis/packed';
import { relationsOf, relationSql, renderSql } from '../../lib/analysis/render';
import { missingFields, openParameters } from '../../lib/analysis/requirements';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS, PARTITIONS } from '../../lib/flow-log/layout';
import { hourOf } from '../../lib/lake/hours';
import { KEPT_COLUMNS, KEPT_RELATIONS, keptSql, keptTable, keptTables, lastHours, SOURCE } from '../../lib/lake/relations';
import { runAnalysis } from '../../lib/run';
import { generate } from '../../lib/synthetic/generate';
import { PLANTS } from '../../lib/synthetic/plant';
import { temporaryFolder, withLogs } from '../support/logs';

const folder = temporaryFolder();
const catalogue = new Catalogue();
const detections = catalogue.all().filter(({ kind }) => kind === 'detection');
const HOUR = 3600;
const FROM = Date.UTC(2026, 10, 16) / 1000;
const DAYS = 5;

test.each<[string, string[], [string, string] | undefined]>([
  ['all of them', ['05', '06', '07'], ['05', '08']],
  ['those after the last gap', ['05', '07'], ['07', '08']],
  ['none where the last is missing', ['05', '06'], undefined],
  ['none where nothing is there', [], undefined],
])('a range of kept hours is %s', (_, there, expected) => {
  const hour = (text: string) => `2026/11/20/${text}`;
  const range = lastHours({ from: hour('05'), to: hour('08') }, new Set(there.map(hour)));
  expect(range).toEqual(expected === undefined ? undefined : { from: hour(expected[0]), to: hour(expected[1]) });
});

test('a detection reads its past from the tables, what is newer or older from the records, each hour once', () => {
  const relations = keptTables('db', { from: '2026/11/18/00', to: '2026/11/20/05' });
  const window = { from: Date.UTC(2026, 10, 20, 6) / 1000, to: Date.UTC(2026, 10, 20, 7) / 1000 };
  const sql = relationSql(catalogue, 'links', { window, relations, partitions: [PARTITIONS.hour] }, 4 * 24 * HOUR);
  const spans = [...sql.matchAll(/"start" >= (\d+) AND "start" < (\d+)/g)].map(([, from, to]) => [Number(from), Number(to)]);
  const first = Date.UTC(2026, 10, 16, 6) / 1000;
  const [kept, gone] = [Date.UTC(2026, 10, 18) / 1000, Date.UTC(2026, 10, 20, 4) / 1000];
  expect(spans).toEqual([
    [kept, gone],
    [first, kept],
    [gone, window.to],
  ]);
  expect(sql).toContain(`"hour" >= '2026/11/18/00'`);
});

test.each(['cidr', 'none'] as const)('a scope by network (%s) is for records, which have addresses', (kind) => {
  const relations = keptTables('db', { from: '2026/11/01/00', to: '2026/11/20/05' });
  const window = { from: Date.UTC(2026, 10, 20, 6) / 1000, to: Date.UTC(2026, 10, 20, 7) / 1000 };
  const scope = kind === 'cidr' ? { cidr: ['10.0.0.0/8'] } : { eni: ['eni-1'] };
  expect(relationSql(catalogue, 'attempts', { window, relations, scope }, 24 * HOUR).includes('flow_attempts_lake')).toBe(kind === 'none');
});

test('functions carry the texts of every relation that their detections read', () => {
  const packed = openPacked(packCatalogue(catalogue, detections.map(({ id }) => id)));
  const relations = keptTables('db', { from: '2026/11/01/00', to: '2026/11/20/05' });
  const options = { window: { from: Date.UTC(2026, 10, 20, 6) / 1000, to: Date.UTC(2026, 10, 20, 7) / 1000 }, relations };
  for (const analysis of detections.filter((one) => openParameters(one).length === 0))
    expect(renderSql(packed, packed.get(analysis.id), options)).toBe(renderSql(catalogue, analysis, options));
});

test('hours made one by one as they are delivered give every detection the rows that the records give', async () => {
  await generate(folder, {
    seed: 7,
    format: parseFormat('recommended'),
    layout: LAYOUTS['plain-hourly']!,
    account: '123456789012',
    region: 'us-east-1',
    records: 60_000,
    from: FROM,
    to: FROM + DAYS * 24 * HOUR,
    hosts: 20,
    plants: [...PLANTS],
  });
  await withLogs([join(folder, 'AWSLogs')], async (records) => {
    const engine = await DuckDbEngine.over(records);
    const names = records.columns.map(({ name }) => name);
    const able = detections.filter(
      (one) => openParameters(one).length === 0 && missingFields(one, {}, names).length === 0 && [...relationsOf(catalogue, one)].some((name) => name !== 'conversations'),
    );
    // Delivered eight minutes after it ended: some of each hour comes with the next.
    const delivered = `("end" + 480) / ${HOUR}`;
    for (const name of KEPT_RELATIONS) {
      const text = keptSql(catalogue, name, names);
      for (let hour = FROM / HOUR; hour <= FROM / HOUR + DAYS * 24; hour++) {
        const rows = text.replaceAll(SOURCE, `(SELECT * FROM flow_records WHERE ${delivered} = ${hour})`);
        const select = `SELECT *, '${hourOf(hour * HOUR * 1000)}' AS "hour" FROM (${rows})`;
        await records.db.rows(
          hour === FROM / HOUR ? `CREATE TABLE ${keptTable(name)} AS ${select}` : `INSERT INTO ${keptTable(name)} ${select}`,
        );
      }
      const { columns } = await engine.run(`SELECT * FROM ${keptTable(name)} LIMIT 1`);
      expect(columns.map((one) => one.name)).toEqual([...KEPT_COLUMNS[name].map((one) => one.name), 'hour']);
    }
    const range = { from: hourOf((FROM + 10 * HOUR) * 1000), to: hourOf((FROM + 110 * HOUR) * 1000) };
    const relations = Object.fromEntries(
      Object.entries(keptTables('main', range)).map(([name, table]) => [name, { ...table!, table: table!.table.replace('main.', '') }]),
    );
    const target = { catalogue, engine, table: 'flow_records', columns: new Set(names) };
    let found = 0;
    for (const analysis of able) {
      const window = { from: FROM + 112 * HOUR, to: FROM + DAYS * 24 * HOUR };
      const plain = await runAnalysis(target, { analysis, window });
      const kept = await runAnalysis({ ...target, relations }, { analysis, window });
      if (analysis.lookback !== undefined) expect([analysis.id, kept.query.includes('_lake"')]).toEqual([analysis.id, true]);
      expect([analysis.id, kept.result.rows]).toEqual([analysis.id, plain.result.rows]);
      found += plain.result.rows.length;
    }
    expect(able.length).toBeGreaterThan(10);
    expect(found).toBeGreaterThan(0);
  });
}, 300_000);
