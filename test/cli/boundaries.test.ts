/**
 * Every documented field at every boundary, through every command that reads logs: no unexpected error, no lost neighbour. All fields in
 * one file; with BOUNDARIES=each in files of few fields, so that none hides another's, 64 KiB in each field too. What fails is run again for
 * halves of its fields, down to the field.
 */
import { setMaxListeners } from 'node:events';
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
/** These change the time range of all: each has a file of its own. */
const CLOCKS = ['start', 'end'];
const AT_ONCE = 14;
const OTHERS = NAMES.filter((name) => !CLOCKS.includes(name));
const FEW: readonly (readonly string[])[] = [
  ...CLOCKS.map((name) => [name]),
  ...Array.from({ length: Math.ceil(OTHERS.length / AT_ONCE) }, (_, i) => OTHERS.slice(i * AT_ONCE, (i + 1) * AT_ONCE)),
];
/** `each`, or names of fields between commas. */
const CHOSEN = process.env['BOUNDARIES'] ?? '';
const SETS: readonly (readonly string[])[] = CHOSEN === '' ? [NAMES] : CHOSEN === 'each' ? FEW : CHOSEN.split(',').map((name) => [name]);

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

interface Scene {
  readonly dir: string;
  readonly path: string;
  readonly form: 'text' | 'parquet';
  readonly cases: readonly BoundaryCase[];
  readonly expected: readonly { readonly record: Expected; readonly bad: number }[];
  readonly records: readonly Expected[];
  /** Those with a time. */
  readonly timely: readonly Expected[];
  /** Those with a time of a clock: what no clock wrote must not hide the others from the explorer. */
  readonly explored: readonly Expected[];
}

const scenes = new Map<string, Promise<Scene>>();

/** Writes the file of these fields once. */
function sceneOf(fields: readonly string[], form: Scene['form']): Promise<Scene> {
  const key = `${form} ${fields.join(' ')}`;
  const made = async () => {
    const dir = join(folder, `${scenes.size} ${form}`);
    const path = join(dir, form === 'text' ? 'a.log' : 'a.parquet');
    const cases = boundaryCases(fields, { longIn: CHOSEN === '' ? 'some' : 'all' });
    const expected = cases.flatMap((one) => expectedOf(one, form) ?? []);
    const records = expected.map(({ record }) => record);
    const timely = records.filter(({ start }) => start !== undefined);
    mkdirSync(join(folder, 'spill'), { recursive: true });
    mkdirSync(dir, { recursive: true });
    await (form === 'text' ? Promise.resolve(writeText(path, cases)) : writeParquet(path, cases));
    return { dir, path, form, cases, expected, records, timely, explored: timely.filter(({ start }) => Number(start) >= 0) };
  };
  const scene = scenes.get(key) ?? made();
  scenes.set(key, scene);
  return scene;
}

type Check = (scene: Scene) => Promise<void>;

/** @throws the error of the fewest fields that halving finds, with their names */
async function checked(check: Check, fields: readonly string[], form: Scene['form']): Promise<void> {
  try {
    await check(await sceneOf(fields, form));
  } catch (error) {
    const middle = fields.length >> 1;
    if (fields.length > 1) for (const half of [fields.slice(0, middle), fields.slice(middle)]) await checked(check, half, form);
    throw Object.assign(error as Error, { message: `${fields.join(', ')}: ${(error as Error).message}` });
  }
}

async function run(args: readonly string[], code = 0, said = /^/): Promise<string> {
  const told = await flowlogs(args, { cache: join(folder, 'cache') });
  const what = args.slice(0, 2).join(' ');
  expect([what, told.code, told.code === code ? '' : told.stderr]).toEqual([what, code, '']);
  expect(told.stderr).not.toMatch(/unexpected|Please report|RangeError/);
  expect(told.stderr).toMatch(said);
  return told.stdout;
}

const CHECKS: Readonly<Record<string, Check>> = {
  'every value is what docs/reading.md says, with and without cache': async ({ path, cases, expected, records }) => {
    for (const cache of [undefined, join(folder, 'cache'), join(folder, 'cache')]) {
      const { rows, totals } = await readBack([path], cache);
      expectSame(texts(rows), texts(records));
      expect(totals).toMatchObject({
        records: records.length,
        rejectedLines: cases.length - records.length,
        badValues: expected.reduce((sum, { bad }) => sum + bad, 0),
      });
    }
  },

  'every question and every detection is answered': async ({ path }) => {
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
  },

  'describe, sql, query, insights, detect, explain, tune and report count every record': async ({ dir, path, cases, records }) => {
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
  },

  'every form of output holds every record': async ({ dir, path, records }) => {
    const rows = async (...options: string[]) => run(['sql', 'SELECT * FROM flow_records', path, '-q', ...options]);
    expectSame(texts(JSON.parse(await rows('-f', 'json')) as Expected[]), texts(records));
    const lines = (await rows('-f', 'ndjson')).trimEnd().split('\n');
    expectSame(texts(lines.map((line) => JSON.parse(line) as Expected)), texts(records));
    const all = join(dir, 'all.parquet');
    await rows('-f', 'parquet', '-o', all);
    expectSame(texts((await readBack([all])).rows), texts(records));
    for (const output of ['table', 'csv', 'markdown']) expect((await rows('-f', output)).length).toBeGreaterThan(count(records));
  },

  'the explorer answers every call': async ({ path, explored }) => {
    await withLogs([path], async (opened) => {
      const open = (await openExplorer(opened, catalogue, { cache: undefined, groups: [] }))!;
      const api = explorerApi({
        ...{ open, records: opened, catalogue, sources: [path], start: '', command: (args) => args.join(' ') },
        findings: () => ({ status: 'done', findings: [], notJudged: [] }),
      });
      const { signal } = new AbortController();
      setMaxListeners(0, signal);
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
  },

  'convert and compact lose nothing, or say what they cannot place': async ({ dir, path, records }) => {
    const short = join(dir, 'short.parquet');
    const long = records.some((record) => Object.values(record).some((value) => value.length >= 65_536));
    if (long) {
      expect(await run(['convert', path, '-f', NAMES.join(' '), '-o', join(dir, 'none'), '-q'], 1, /more than 65536 characters/)).toBe('');
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
    await run(['compact', path, '-o', lake, '-q']);
    await run(['verify-lake', lake, path]);
    expectSame(texts((await readBack([lake])).rows), texts(records));
  },
};

describe.each(
  SETS.map(
    (fields) => [fields.length > 3 ? `${fields.slice(0, 2).join(', ')} … ${fields.at(-1) ?? ''}` : fields.join(', '), fields] as const,
  ),
)('%s at every boundary', (_, fields) => {
  describe.each(['text', 'parquet'] as const)('of %s', (form) => {
    test.each(Object.entries(CHECKS))('%s', (__, check) => checked(check, fields, form), 900_000);
  });
});

const count = (list: readonly unknown[]) => list.length;
