/**
 * Every documented field at every boundary, through every command that reads logs: no unexpected error, no lost neighbour. All fields in
 * one file; BOUNDARIES=each, or names of fields between commas, also takes a file a field, 64 KiB in each.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Catalogue } from '../../lib/analysis/catalogue';
import { exampleParameters } from '../../lib/analysis/render';
import { missingFields, tableOf } from '../../lib/analysis/requirements';
import { detect } from '../../lib/detect';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { explorerApi } from '../../lib/explore/api';
import { openExplorer } from '../../lib/explore/open';
import { Download } from '../../lib/explore/server';
import { encodeState, EVERYTHING } from '../../lib/explore/state';
import { FIELDS } from '../../lib/flow-log/fields';
import { runAnalysis } from '../../lib/run';
import { openDatabase, sqlPath } from '../../lib/source/duckdb';
import { type BoundaryCase, boundaryCases, COLUMNS, type Expected, expectedOf } from '../support/boundaries';
import { flowlogs } from '../support/cli';
import { temporaryFolder, withLogs } from '../support/logs';

const folder = temporaryFolder();
const catalogue = new Catalogue();
const NAMES = FIELDS.map(({ name }) => name);
const EACH = process.env['BOUNDARIES'] ?? '';
const SETS: readonly (readonly [string, readonly string[]])[] = [
  ['all fields', NAMES],
  ...NAMES.filter((name) => EACH === 'each' || EACH.split(',').includes(name)).map((name) => [name, [name]] as const),
];

const writeText = (path: string, cases: readonly BoundaryCase[]) =>
  writeFileSync(path, `${[COLUMNS, ...cases.map(({ values }) => values)].map((values) => values.join(' ')).join('\n')}\n`);

/** Columns of text, as a table that nobody typed is unloaded. */
async function writeParquet(path: string, cases: readonly BoundaryCase[]): Promise<void> {
  const rows = `${path}.ndjson`;
  writeFileSync(
    rows,
    cases.map(({ values }) => JSON.stringify(Object.fromEntries(COLUMNS.map((name, i) => [name, values[i]])))).join('\n'),
  );
  const db = await openDatabase({ threads: 1, memory: '300MB', temporaryFolder: join(folder, 'spill') });
  const columns = COLUMNS.map((name) => `'${name}': 'VARCHAR'`).join(', ');
  await db.rows(
    `COPY (SELECT * FROM read_json(${sqlPath(rows)}, format = 'newline_delimited', columns = {${columns}})) TO '${path}' (FORMAT parquet)`,
  );
  await db.close();
}

const texts = (records: readonly Readonly<Record<string, unknown>>[], without: ReadonlySet<string> = new Set()) =>
  records
    .map((record) =>
      JSON.stringify(
        Object.entries(record)
          .filter(([name, value]) => value !== null && !without.has(name))
          .map(([name, value]) => [name, String(value)])
          .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      ),
    )
    .sort();

/** Differences only: a list of a thousand records says nothing to a person. */
function expectSame(got: readonly string[], expected: readonly string[]): void {
  const [a, b] = [new Set(got), new Set(expected)];
  expect({ lost: expected.filter((one) => !a.has(one)).slice(0, 3), added: got.filter((one) => !b.has(one)).slice(0, 3) }).toEqual({
    lost: [],
    added: [],
  });
  expect(got).toHaveLength(expected.length);
}

const readBack = (paths: readonly string[], cache?: string) =>
  withLogs(
    paths,
    async ({ db, totals }) => ({ rows: await db.rows('SELECT * FROM flow_records'), totals }),
    cache === undefined ? {} : { cache },
  );

/** What a text object does not say: it has the version of its format, and no columns of others. */
const AS_TEXT = new Set(['version', 'case_id']);

/** White space and control characters stand in text as AWS writes them in tags, and nothing is unknown. */
const asText = (record: Expected): Expected =>
  Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) => (value === '' ? [] : [[key, value.replace(/[\p{Cc} ]/gu, encodeURIComponent)]])),
  );

const TEXTS = FIELDS.filter(({ textType }) => textType === 'string')
  .map(({ sqlName }) => sqlName)
  .join(', ');

async function run(args: readonly string[], code = 0, said = /^/): Promise<string> {
  const told = await flowlogs(args, { cache: join(folder, 'cache') });
  expect([args.slice(0, 2).join(' '), told.code, told.stderr]).toEqual([
    args.slice(0, 2).join(' '),
    code,
    expect.not.stringMatching(/unexpected|Please report|RangeError/),
  ]);
  expect(told.stderr).toMatch(said);
  return told.stdout;
}

describe.each(SETS)('%s at every boundary', (name, fields) => {
  describe.each(['text', 'parquet'] as const)('of %s', (form) => {
    const dir = join(folder, `${name} ${form}`);
    const path = join(dir, form === 'text' ? 'a.log' : 'a.parquet');
    const cases = boundaryCases(fields);
    const expected = cases.flatMap((one) => expectedOf(one, form) ?? []);
    const records: readonly Expected[] = expected.map(({ record }) => record);
    const timely = records.filter(({ start }) => start !== undefined);
    // What no clock wrote must not hide the others from the explorer.
    const explored = timely.filter(({ start }) => Number(start) >= 0);

    beforeAll(async () => {
      mkdirSync(join(folder, 'spill'), { recursive: true });
      mkdirSync(dir, { recursive: true });
      await (form === 'text' ? writeText(path, cases) : writeParquet(path, cases));
    });

    test('every value is what docs/reading.md says, with and without cache', async () => {
      for (const cache of [undefined, join(folder, 'cache'), join(folder, 'cache')]) {
        const { rows, totals } = await readBack([path], cache);
        expectSame(texts(rows), texts(records));
        expect(totals).toMatchObject({
          records: records.length,
          rejectedLines: cases.length - records.length,
          badValues: expected.reduce((sum, { bad }) => sum + bad, 0),
        });
      }
    });

    test('every question and every detection is answered', async () => {
      await withLogs([path], async (opened) => {
        const engine = await DuckDbEngine.over(opened);
        const window = (await opened.range())!;
        const columns = opened.columns.map((column) => column.name);
        const target = { catalogue, engine, table: 'flow_records', columns: new Set(columns) };
        for (const analysis of catalogue.all()) {
          if (tableOf(analysis) !== target.table || missingFields(analysis, {}, columns).length > 0) continue;
          const parameters = exampleParameters(analysis);
          const asked =
            analysis.kind === 'report'
              ? runAnalysis(target, { analysis, window, parameters, scope: {} })
              : detect({
                  target,
                  records: opened,
                  columns,
                  detections: [analysis],
                  window,
                  scope: {},
                  parameters: new Map([[analysis.id, parameters]]),
                });
          await asked.catch((cause: unknown) => {
            throw new Error(analysis.id, { cause });
          });
        }
      });
    });

    test('describe, sql, query, insights, detect, explain, tune and report count every record', async () => {
      const count = records.length;
      expect(JSON.parse(await run(['describe', path, '-f', 'json']))).toMatchObject({
        records: count,
        rejected_lines: cases.length - count,
      });
      expect(await run(['sql', 'SELECT count(*) AS n FROM flow_records', path, '-f', 'csv'])).toBe(`n\n${count}\n`);
      const rows = JSON.parse(await run(['query', 'top-talkers', path, '-f', 'json', '--limit', '5'])) as unknown[];
      expect(rows.length).toBeGreaterThan(0);
      expect(await run(['insights', 'stats count(*) as n', path, '-f', 'csv'])).toBe(`n\n${count}\n`);
      JSON.parse(await run(['detect', path, '-f', 'json']));
      await run(['explain', 'port-scan/10.0.0.5', path, '-f', 'json']);
      await run(['tune', path, '-f', 'json']);
      for (const out of ['report.html', 'report.md']) {
        await run(['report', path, '-o', join(dir, out), ...(out.endsWith('.md') ? ['-f', 'markdown'] : [])]);
        expect(readFileSync(join(dir, out), 'utf8').length).toBeGreaterThan(1000);
      }
    });

    test('every form of output holds every record', async () => {
      const rows = async (...options: string[]) => run(['sql', 'SELECT * FROM flow_records', path, '-q', ...options]);
      expectSame(texts(JSON.parse(await rows('-f', 'json')) as Expected[]), texts(records));
      const lines = (await rows('-f', 'ndjson')).trimEnd().split('\n');
      expectSame(texts(lines.map((line) => JSON.parse(line) as Expected)), texts(records));
      const all = join(dir, 'all.parquet');
      await rows('-f', 'parquet', '-o', all);
      expectSame(texts((await readBack([all])).rows), texts(records));
      for (const output of ['table', 'csv', 'markdown']) expect((await rows('-f', output)).length).toBeGreaterThan(count(records));
    });

    test('the explorer answers every call', async () => {
      await withLogs([path], async (opened) => {
        const open = (await openExplorer(opened, catalogue, { cache: undefined, groups: [] }))!;
        const api = explorerApi({
          ...{ open, records: opened, catalogue, sources: [path], start: '', command: (args) => args.join(' ') },
          findings: () => ({ status: 'done', findings: [], notJudged: [] }),
        });
        const { signal } = new AbortController();
        const state = encodeState(EVERYTHING);
        const panels = open.prepared.panels.map(({ id }) => id);
        await api['about']!({}, signal);
        await api['panels']!({ state, panels, active: 'bytes_size' }, signal);
        await api['warm']!({ state, active: 'time' }, signal);
        expect(await api['count']!({ state }, signal)).toEqual(expect.objectContaining({ count: explored.length }));
        await api['records']!({ state, offset: 0, limit: 500, sort: { column: 'bytes', descending: true } }, signal);
        await api['analysis']!({ state, id: 'top-talkers', parameters: {} }, signal);
        const file = (await api['export']!({ state }, signal)) as Download;
        let text = '';
        for await (const chunk of file.chunks) text += chunk;
        const exported = new Set(text.match(/\b(?:edge|good)-\d+-\d+\b/g));
        expect(explored.filter(({ case_id: id = '' }) => !exported.has(id))).toEqual([]);
      });
    });

    test('convert and compact lose nothing, or say what they cannot place', async () => {
      const short = join(dir, 'short.parquet');
      const long = records.some((record) => Object.values(record).some((value) => value.length >= 65_536));
      if (long) {
        expect(await run(['convert', path, '-f', 'recommended', '-o', join(dir, 'none'), '-q'], 1, /more than 65536 characters/)).toBe('');
        await run([
          'sql',
          `SELECT * FROM flow_records WHERE length(concat_ws(' ', ${TEXTS})) < 65536`,
          path,
          '-q',
          '-f',
          'parquet',
          '-o',
          short,
        ]);
      }
      const written = records.filter((record) => !Object.values(record).some((value) => value.length >= 65_536));
      for (const to of [NAMES.join(' '), 'parquet']) {
        const dest = join(dir, to === 'parquet' ? 'parquet' : 'text');
        await run(['convert', long && to !== 'parquet' ? short : path, '-f', to, '-o', dest, '-q']);
        const { rows } = await readBack([dest]);
        if (to === 'parquet') expectSame(texts(rows), texts(records));
        else expectSame(texts(rows, AS_TEXT), texts(written.map(asText), AS_TEXT));
      }
      const lake = join(dir, 'lake');
      if (timely.length < records.length) {
        expect(await run(['compact', path, '-o', lake, '-q'], 1, /records have no start: they belong to no hour/)).toBe('');
        const rest = join(dir, 'timely.parquet');
        await run(['sql', 'SELECT * FROM flow_records WHERE "start" IS NOT NULL', path, '-q', '-f', 'parquet', '-o', rest]);
        await run(['compact', rest, '-o', lake, '-q']);
        await run(['verify-lake', lake, rest]);
      } else {
        await run(['compact', path, '-o', lake, '-q']);
        await run(['verify-lake', lake, path]);
      }
      expectSame(texts((await readBack([lake])).rows), texts(timely));
    });
  });
});

const count = (list: readonly unknown[]) => list.length;
