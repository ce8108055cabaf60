import { join } from 'node:path';
import { Catalogue } from '../../lib/analysis/catalogue';
import { renderSql } from '../../lib/analysis/render';
import { parseTime } from '../../lib/analysis/time';
import { DuckDbEngine, loadPrelude } from '../../lib/engine/duckdb/duckdb';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS, PARTITIONS } from '../../lib/flow-log/layout';
import { ROLLUP_COLUMNS, rollupSql } from '../../lib/lake/rollup';
import { runAnalysis } from '../../lib/run';
import { openRecords } from '../../lib/source/records';
import { generate } from '../../lib/synthetic/generate';
import { PLANTS } from '../../lib/synthetic/plant';
import { fixtureCases } from '../support/fixtures';
import { temporaryFolder } from '../support/logs';

const folder = temporaryFolder();
const catalogue = new Catalogue();
const BASELINES = ['blocked-outbound-spike', 'rejection-spike', 'rejection-spike-by-network', 'unusual-egress', 'unusual-ingress'];
const ROLLUP = { table: 'flow_rollup', partitions: [] };

/** The same records, and counts of them by the statement that the lake uses. */
async function withRollup<T>(paths: readonly string[], use: (engine: DuckDbEngine, columns: string[]) => Promise<T>): Promise<T> {
  const records = await openRecords(paths, { cache: undefined, threads: 2, memory: '600MB' });
  try {
    const columns = records.columns.map(({ name }) => name);
    await loadPrelude(records.db);
    await records.db.rows(`CREATE TABLE flow_rollup AS ${rollupSql(catalogue, 'flow_records', columns)}`);
    return await use(await DuckDbEngine.over(records, [], { prelude: false }), columns);
  } finally {
    await records.close();
  }
}

test('the detections with a past are those that can read counts', () => {
  const own = catalogue.all().filter(({ sql }) => sql.includes('{{> robust_spike}}'));
  expect(own.map(({ id }) => id)).toEqual(BASELINES);
  for (const analysis of own) {
    const window = { from: 1790000000, to: 1790003600 };
    const sql = renderSql(catalogue, analysis, { window, rollup: { table: 'db.flow_rollup', partitions: [PARTITIONS.hour] } });
    expect(sql).toContain('FROM "db"."flow_rollup"');
    expect(sql).toMatch(/five_minutes >= \d+ AND five_minutes < \d+ AND "hour" >= '[\d/]+' AND "hour" <= '[\d/]+'/);
    // Records of the window's own buckets only.
    expect(Number(/"start" >= (\d+)/.exec(sql)?.[1])).toBeGreaterThanOrEqual(window.from - 3600);
    for (const text of [
      renderSql(catalogue, analysis, { window }),
      renderSql(catalogue, analysis, { window: { last: '1h' }, rollup: ROLLUP }),
      renderSql(catalogue, analysis, { window, rollup: ROLLUP, scope: { cidr: ['10.0.0.0/8'] } }),
    ])
      expect(text).not.toMatch(/rollup|five_minutes/);
  }
});

const cases = fixtureCases(catalogue).filter(({ analysis, fixture }) => BASELINES.includes(analysis.id) && fixture.logFormat === undefined);

test.each(cases)('$analysis.id $name: counts give what records give', async ({ analysis, fixture, inputs }) => {
  await withRollup(inputs, async (engine) => {
    const [bounds] = (await engine.run('SELECT min("start") AS f, max("start") + 1 AS t FROM flow_records')).rows;
    const window = {
      from: fixture.from === undefined ? Number(bounds?.['f']) : parseTime(fixture.from, 0),
      to: fixture.to === undefined ? Number(bounds?.['t']) : parseTime(fixture.to, 0),
    };
    const request = { analysis, window, parameters: fixture.parameters, scope: fixture.scope };
    const { result } = await runAnalysis({ catalogue, engine, table: 'flow_records', rollup: ROLLUP }, request);
    expect(result.rows).toEqual(fixture.rows);
  });
});

test('over five days with planted incidents, run by run, both give the same rows, and nothing is missing in the counts', async () => {
  const from = Date.UTC(2026, 10, 16) / 1000;
  await generate(folder, {
    seed: 7,
    format: parseFormat('recommended'),
    layout: LAYOUTS['plain-hourly']!,
    account: '123456789012',
    region: 'us-east-1',
    records: 120_000,
    from,
    to: from + 5 * 86_400,
    hosts: 20,
    plants: [...PLANTS],
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  await withRollup([join(folder, 'AWSLogs')], async (engine, columns) => {
    let found = 0;
    for (const id of BASELINES) {
      const analysis = catalogue.get(id);
      const parameters = Object.fromEntries(
        ['floor', 'interface_floor', 'source_floor', 'network_floor', 'floor_bytes']
          .filter((name) => name in analysis.parameters)
          .map((name) => [name, 5]),
      );
      for (const [hour, minutes] of [
        [80, 60],
        [96.5, 30],
        [100, 60],
        [119, 5],
      ] as const) {
        const window = { from: from + hour * 3600, to: from + Math.min(hour * 3600 + 20 * 3600, 5 * 86_400) };
        const request = { analysis, window, parameters: { ...parameters, bucket_minutes: minutes } };
        const plain = await runAnalysis({ catalogue, engine, table: 'flow_records' }, request);
        const counted = await runAnalysis({ catalogue, engine, table: 'flow_records', rollup: ROLLUP }, request);
        expect(counted.query).toContain('flow_rollup');
        expect(counted.result.rows).toEqual(plain.result.rows);
        found += plain.result.rows.length;
      }
    }
    expect(found).toBeGreaterThan(10);
    const { rows } = await engine.run(
      'SELECT (SELECT count(*) FROM flow_rollup) AS counts, (SELECT sum(records) FROM flow_rollup) AS records, (SELECT sum(bytes) FROM flow_rollup) AS bytes, (SELECT sum(bytes) FROM flow_records) AS own, (SELECT count(*) FROM flow_records) AS n',
    );
    expect(rows[0]?.['records']).toBe(rows[0]?.['n']);
    expect(rows[0]?.['bytes']).toBe(rows[0]?.['own']);
    expect(columns).toContain('flow_direction');
    expect((await engine.run('SELECT * FROM flow_rollup LIMIT 1')).columns.map(({ name }) => name)).toEqual(
      ROLLUP_COLUMNS.map(({ name }) => name),
    );
  });
}, 120_000);
