import { join } from 'node:path';
import { Catalogue } from '../../lib/analysis/catalogue';
import { RELATIONS } from '../../lib/analysis/relations';
import { openPacked, packCatalogue } from '../../lib/analysis/packed';
import { relationsOf, relationSql, renderSql } from '../../lib/analysis/render';
import { missingFields, openParameters } from '../../lib/analysis/requirements';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS, PARTITIONS } from '../../lib/flow-log/layout';
import { hourOf } from '../../lib/lake/hours';
import { KEPT_COLUMNS, keptSql, keptTable, keptTables, MADE, SOURCE } from '../../lib/lake/relations';
import { runAnalysis } from '../../lib/run';
import { generate } from '../../lib/synthetic/generate';
import { PLANTS } from '../../lib/synthetic/plant';
import { temporaryFolder, withLogs } from '../support/logs';

const folder = temporaryFolder();
const catalogue = new Catalogue();
const detections = catalogue.all().filter(({ kind }) => kind === 'detection');
const HOUR = 3600;
const FROM = Date.UTC(2026, 10, 16) / 1000;
const DAYS = 4;
/** Deliveries of the test are so many hours long: an hour each would take as long as it says. */
const STEP = 4;

const held = keptTables('db');

test('a detection reads what is kept, for its window and its past, in one place', () => {
  const window = { from: Date.UTC(2026, 10, 20, 6) / 1000, to: Date.UTC(2026, 10, 20, 7) / 1000 };
  const sql = relationSql(catalogue, 'links', { window, relations: held, partitions: [PARTITIONS.day] }, 4 * 24 * HOUR);
  const spans = [...sql.matchAll(/"start" >= (\d+) AND "start" < (\d+)/g)].map(([, from, to]) => [Number(from), Number(to)]);
  expect(spans).toEqual([[window.from - 4 * 24 * HOUR, window.to]]);
  expect(sql).toContain(`"hour" >= '2026/11/16/06'`);
  expect(sql).not.toContain('flow_records');
});

test.each([
  ['attempts', { cidr: ['10.0.0.0/8'] }, true],
  ['interface_hours', { eni: ['eni-1'] }, true],
  ['interface_hours', { except: [{ cidr: ['10.0.0.0/8'] }] }, false],
] as const)('%s within %j is read from the table: %s', (name, scope, kept) => {
  const window = { from: Date.UTC(2026, 10, 20, 6) / 1000, to: Date.UTC(2026, 10, 20, 7) / 1000 };
  expect(relationSql(catalogue, name, { window, relations: held, scope }, 24 * HOUR).includes(`"flow_${name}"`)).toBe(kept);
});

test('functions carry the texts of every relation that their detections read', () => {
  const packed = openPacked(
    packCatalogue(
      catalogue,
      detections.map(({ id }) => id),
    ),
  );
  const window = { from: Date.UTC(2026, 10, 20, 6) / 1000, to: Date.UTC(2026, 10, 20, 7) / 1000 };
  for (const options of [{ window }, { window, relations: held }])
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
    records: 40_000,
    from: FROM,
    to: FROM + DAYS * 24 * HOUR,
    hosts: 20,
    plants: [...PLANTS],
  });
  await withLogs([join(folder, 'AWSLogs')], async (records) => {
    const engine = await DuckDbEngine.over(records);
    const names = records.columns.map(({ name }) => name);
    const able = detections.filter(
      (one) => openParameters(one).length === 0 && missingFields(one, {}, names).length === 0 && relationsOf(catalogue, one).size > 0,
    );
    // Delivered eight minutes after it ended: some of each hour comes with the next.
    const hours = Array.from({ length: (DAYS * 24) / STEP + 1 }, (_, i) => FROM / HOUR + i * STEP);
    for (const hour of hours) {
      const source = `(SELECT * FROM flow_records WHERE ("end" + 480) / ${STEP * HOUR} = ${hour / STEP})`;
      for (const name of RELATIONS) {
        const rows = keptSql(catalogue, name, names).replaceAll(SOURCE, source);
        const select = `SELECT *, '${hourOf(hour * HOUR * 1000)}' AS "hour" FROM (${rows})`;
        if (name === 'conversations') await records.db.rows(`CREATE OR REPLACE TABLE ${MADE} AS ${rows}`);
        await records.db.rows(
          hour === hours[0] ? `CREATE TABLE ${keptTable(name)} AS ${select}` : `INSERT INTO ${keptTable(name)} ${select}`,
        );
      }
    }
    for (const name of RELATIONS) {
      const { columns } = await engine.run(`SELECT * FROM ${keptTable(name)} LIMIT 1`);
      expect(columns.map((one) => one.name)).toEqual([...KEPT_COLUMNS[name].map((one) => one.name), 'hour']);
    }
    const relations = Object.fromEntries(RELATIONS.map((name) => [name, { ...keptTables('main')[name]!, table: keptTable(name) }]));
    const target = { catalogue, engine, table: 'flow_records', columns: new Set(names) };
    const at = { window: { from: FROM - HOUR, to: FROM + (DAYS + 1) * 24 * HOUR }, columns: new Set(names) };
    for (const name of RELATIONS)
      await records.db.rows(
        `CREATE TABLE whole_${name} AS SELECT * FROM ${relationSql(catalogue, name, { ...at, ...(name === 'conversations' ? {} : { relations: { conversations: { table: 'whole_conversations' } } }) }, 0)}`,
      );
    const whole = Object.fromEntries(RELATIONS.map((name) => [name, { table: `whole_${name}` }]));
    let found = 0;
    for (const analysis of able) {
      const window = { from: FROM + (DAYS * 24 - 12) * HOUR, to: FROM + DAYS * 24 * HOUR };
      const plain = await runAnalysis({ ...target, relations: whole }, { analysis, window });
      const kept = await runAnalysis({ ...target, relations }, { analysis, window });
      expect(kept.query).not.toContain('flow_records');
      expect([analysis.id, kept.result.rows]).toEqual([analysis.id, plain.result.rows]);
      found += plain.result.rows.length;
    }
    expect(able.length).toBeGreaterThan(10);
    expect(found).toBeGreaterThan(0);
  });
}, 300_000);
