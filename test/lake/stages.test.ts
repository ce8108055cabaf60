import { join } from 'node:path';
import { Catalogue } from '../../lib/analysis/catalogue';
import { RELATIONS } from '../../lib/analysis/relations';
import { relationsOf, relationSql, renderSql } from '../../lib/analysis/render';
import { missingFields, openParameters } from '../../lib/analysis/requirements';
import { ctesOf, stagesOf, tablesNamed } from '../../lib/analysis/stages';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import type { QueryEngine } from '../../lib/engine/engine';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { StagedEngine } from '../../lib/lake/staged-engine';
import { generate } from '../../lib/synthetic/generate';
import { PLANTS } from '../../lib/synthetic/plant';
import { temporaryFolder, withLogs } from '../support/logs';

const folder = temporaryFolder();
const catalogue = new Catalogue();
const detections = catalogue
  .all()
  .filter((one) => one.kind === 'detection' && openParameters(one).length === 0 && relationsOf(catalogue, one).size > 0);
const FROM = Date.UTC(2026, 10, 16) / 1000;
const DAY = 86400;
const table = (stage: string) => `"stage_${stage}"`;

test('parentheses and commas in text and comments end no CTE', () => {
  const { ctes, last } = ctesOf(`WITH a AS (SELECT ')' AS x, 1 AS y -- ) b AS (\n), b AS (SELECT x FROM a)\nSELECT x FROM b`);
  expect(ctes.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(ctes[0]?.body).toContain(`')' AS x`);
  expect(last.trim()).toBe('SELECT x FROM b');
});

test('what is named once stays; what is named twice becomes a table; what has times stays, and what is made of it', () => {
  const once = 'WITH a AS (SELECT x FROM t) SELECT x FROM a';
  expect(stagesOf(once, table)).toEqual({ stages: [], sql: once });
  const { stages, sql } = stagesOf(
    'WITH a AS (SELECT x FROM t), b AS (SELECT a.x FROM a JOIN t AS u ON u.x = a.x) SELECT x FROM b JOIN a ON a.x = b.x',
    table,
  );
  expect(stages).toEqual([{ name: 'a', sql: 'SELECT x FROM t' }]);
  expect(tablesNamed(sql)).toEqual(['stage_a', 'a', 't', 'b', 'a']);
  const timed =
    'WITH a AS (SELECT from_unixtime(x) AS time FROM t), b AS (SELECT time FROM a) SELECT b.time FROM b JOIN a ON a.time = b.time JOIN b AS c ON c.time = a.time';
  expect(stagesOf(timed, table)).toEqual({ stages: [], sql: timed });
});

test('every detection of the catalogue reads each relation in as many places as its text names it', () => {
  const relations = Object.fromEntries(RELATIONS.map((name) => [name, { table: `kept_${name}` }]));
  for (const analysis of detections) {
    const whole = renderSql(catalogue, analysis, { window: { from: 0, to: 3600 }, relations });
    const { stages, sql } = stagesOf(whole, table);
    const { ctes } = ctesOf(sql);
    const uses = (name: string) =>
      [...ctes.map(({ body }) => body), ctesOf(sql).last].flatMap(tablesNamed).filter((one) => one === name).length;
    for (const { name, body } of ctes)
      if (tablesNamed(body).some((one) => one.startsWith('kept_')))
        expect([analysis.id, name, uses(name.toLowerCase()) <= 1]).toEqual([analysis.id, name, true]);
    expect(new Set(stages.map(({ name }) => name)).size).toBe(stages.length);
  }
});

test('in stages every detection gives the rows that it gives as one query, and no stage has columns that a table cannot have', async () => {
  await generate(folder, {
    seed: 11,
    format: parseFormat('recommended'),
    layout: LAYOUTS['plain-hourly']!,
    account: '123456789012',
    region: 'us-east-1',
    records: 30_000,
    from: FROM,
    to: FROM + 4 * DAY,
    hosts: 20,
    plants: [...PLANTS],
  });
  await withLogs([join(folder, 'AWSLogs')], async (records) => {
    const engine = await DuckDbEngine.over(records);
    const names = records.columns.map(({ name }) => name);
    const window = { from: FROM + 3 * DAY, to: FROM + 4 * DAY };
    const columns = new Set(names);
    for (const name of RELATIONS)
      await records.db.rows(
        `CREATE TABLE whole_${name} AS SELECT * FROM ${relationSql(catalogue, name, { window: { from: FROM - DAY, to: FROM + 5 * DAY }, columns, ...(name === 'conversations' ? {} : { relations: { conversations: { table: 'whole_conversations' } } }) }, 0)}`,
      );
    const relations = Object.fromEntries(RELATIONS.map((name) => [name, { table: `whole_${name}` }]));
    let [staged, found] = [0, 0];
    for (const analysis of detections.filter((one) => missingFields(one, {}, names).length === 0)) {
      const whole = renderSql(catalogue, analysis, { window, columns, relations });
      const { stages, sql } = stagesOf(whole, table);
      for (const stage of stages) {
        await records.db.rows(`CREATE TABLE ${table(stage.name)} AS ${stage.sql}`);
        const described = await records.db.rows(`DESCRIBE ${table(stage.name)}`);
        for (const { column_name: column, column_type: type } of described)
          expect([analysis.id, stage.name, column, type]).toEqual([
            analysis.id,
            stage.name,
            expect.stringMatching(/^[a-z_]+$/),
            expect.not.stringMatching(/TIMESTAMP|NULL/),
          ]);
      }
      const [plain, cut] = [await engine.run(whole), await engine.run(sql)];
      expect([analysis.id, cut.rows]).toEqual([analysis.id, plain.rows]);
      for (const stage of stages) await records.db.rows(`DROP TABLE ${table(stage.name)}`);
      staged += stages.length;
      found += plain.rows.length;
    }
    expect(staged).toBeGreaterThan(20);
    expect(found).toBeGreaterThan(0);
  });
}, 300_000);

const answer = (bytesScanned: number) => ({
  columns: [],
  rows: [],
  truncated: false,
  stats: { queryId: 'q', recordsRead: undefined, bytesScanned, elapsedMs: 5 },
});

function engines(failing?: RegExp) {
  const asked: string[] = [];
  const dropped: string[] = [];
  const of = (who: string): QueryEngine => ({
    name: 'athena',
    language: 'sql',
    run: (query) => {
      asked.push(`${who}: ${query}`);
      return failing?.test(query) === true ? Promise.reject(new Error('refused')) : Promise.resolve(answer(100));
    },
    stream: () => Promise.reject(new Error('not asked for')),
  });
  const glue = { send: ({ input }: { input: { Name: string } }) => Promise.resolve(dropped.push(input.Name)) };
  const engine = new StagedEngine(
    { database: 'db', location: 's3://bucket/stages', of: new Set(['db.flow_links']) },
    { engine: of('reader'), maker: of('maker'), glue: glue as never, newRun: () => 'r1' },
  );
  return { engine, asked, dropped };
}

const QUERY = 'WITH a AS (SELECT x FROM "db"."flow_links") SELECT one.x FROM a AS one JOIN a AS two ON two.x = one.x';

test('a run makes its stages in a folder of its own, reads them, counts their bytes and drops them', async () => {
  const { engine, asked, dropped } = engines();
  const { stats } = await engine.run(QUERY);
  expect(asked).toEqual([
    `maker: CREATE TABLE "db"."lake_run_r1_a" WITH (format = 'PARQUET', external_location = 's3://bucket/stages/run=r1/a/') AS\nSELECT x FROM "db"."flow_links"`,
    expect.stringContaining('reader: WITH a AS (SELECT * FROM "db"."lake_run_r1_a")'),
  ]);
  expect(dropped).toEqual(['lake_run_r1_a']);
  expect(stats).toMatchObject({ bytesScanned: 200, elapsedMs: 10 });
});

test('stages of a query that fails are dropped; a query over other tables is run as it is', async () => {
  const failing = engines(/^WITH/);
  await expect(failing.engine.run(QUERY)).rejects.toThrow('refused');
  expect(failing.dropped).toEqual(['lake_run_r1_a']);
  const other = engines();
  const records = QUERY.replace('flow_links', 'flow_records');
  await other.engine.run(records);
  expect([other.asked, other.dropped]).toEqual([[`reader: ${records}`], []]);
});
