/** Cut answers say so, and programs get whole ones. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { builtInQueries, Catalogue } from '../../lib/analysis/catalogue';
import { renderInsights, renderSql } from '../../lib/analysis/render';
import { ROW_LIMIT } from '../../lib/analysis/row-limit';
import { rowLimitOf } from '../../cli/row-limit';
import { flowlogs } from '../support/cli';
import { temporaryFolder, writeLog } from '../support/logs';

const folder = temporaryFolder();
const cache = temporaryFolder();
const SOURCES = 120;
const LOGS = writeLog(
  folder,
  'many.log',
  [
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
    ...Array.from(
      { length: SOURCES },
      (_, i) => `2 123456789012 eni-1 198.51.100.${i} 10.0.0.1 ${40_000 + i} 22 6 1 40 1766000000 1766000060 REJECT OK`,
    ),
    '',
  ].join('\n'),
);
const SQL = 'SELECT srcaddr FROM flow_records ORDER BY srcport';
const QL = 'fields srcAddr, srcPort | sort srcPort asc';

const run = (...args: string[]) => flowlogs(args, { cwd: folder, cache });
const CUT = /^([\d,]+) of ([\d,]+) rows\. --limit (\d+) gives all\.$/m;

test.each([
  ['a question, for people: its own number', ['query', 'rejected-traffic', LOGS], 100],
  ['a question, with its parameter', ['query', 'rejected-traffic', LOGS, '--param', 'limit=7'], 7],
  ['a question, with the option', ['query', 'rejected-traffic', LOGS, '--limit', '110'], 110],
  ['a question, for programs, with the option', ['query', 'rejected-traffic', LOGS, '-f', 'csv', '--limit', '7'], 7],
  ['SQL', ['sql', SQL, LOGS, '--limit', '5'], 5],
  ['Logs Insights', ['insights', QL, LOGS, '--limit', '5', '-f', 'ndjson'], 5],
  ['Markdown', ['query', 'rejected-traffic', LOGS, '-f', 'markdown'], 100],
  ['Parquet', ['query', 'rejected-traffic', LOGS, '-o', 'cut.parquet', '--limit', '9'], 9],
])('%s: what is cut says so', async (_, args, shown) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(0);
  expect(CUT.exec(stderr)?.slice(1)).toEqual([String(shown), String(SOURCES), String(SOURCES)]);
});

test.each([
  ['CSV', ['query', 'rejected-traffic', LOGS, '-f', 'csv'], (out: string) => out.trim().split('\n').length - 1],
  ['NDJSON', ['query', 'rejected-traffic', LOGS, '-f', 'ndjson'], (out: string) => out.trim().split('\n').length],
  ['JSON', ['query', 'rejected-traffic', LOGS, '-f', 'json'], (out: string) => (JSON.parse(out) as unknown[]).length],
  ['SQL', ['sql', SQL, LOGS, '-f', 'json'], (out: string) => (JSON.parse(out) as unknown[]).length],
  [
    'a table with the number that the notice named',
    ['query', 'rejected-traffic', LOGS, '--limit', String(SOURCES)],
    (out: string) => out.trim().split('\n').length - 1,
  ],
])('%s: whole, without a word', async (_, args, count) => {
  const { code, stdout, stderr } = await run(...args);
  expect(code).toBe(0);
  expect(count(stdout)).toBe(SOURCES);
  expect(stderr).not.toMatch(CUT);
});

test('a file says how many rows it holds', async () => {
  const { stderr } = await run('query', 'rejected-traffic', LOGS, '-o', 'whole.csv');
  expect(stderr).toContain(`Wrote ${SOURCES} rows to whole.csv.`);
  expect(readFileSync(join(folder, 'whole.csv'), 'utf8').trim().split('\n')).toHaveLength(SOURCES + 1);
});

test('the option and the parameter are one thing', async () => {
  const { code, stderr } = await run('query', 'rejected-traffic', LOGS, '--limit', '4', '--param', 'limit=3');
  expect(code).toBe(2);
  expect(stderr).toContain('--limit 4 and --param limit=3 are the same limit: leave one out');
});

const QUESTION = { parameters: { limit: { type: 'integer' as const, default: 50, meaning: 'Rows to return' } } };
test.each([
  [{ format: 'table' as const }, QUESTION, {}, 50],
  [{ format: 'table' as const }, undefined, {}, 1000],
  [{ format: 'csv' as const }, QUESTION, {}, 'all'],
  [{ format: 'parquet' as const }, undefined, {}, 'all'],
  [{ format: 'csv' as const }, QUESTION, { limit: '5' }, 5],
  [{ format: 'csv' as const, limit: 5 }, QUESTION, { limit: '5' }, 5],
  [{ format: 'table' as const, limit: 0 }, QUESTION, {}, 0],
])('%j: %#', (options, analysis, parameters, rows) => {
  expect(rowLimitOf(options, analysis, parameters)).toBe(rows);
});

test('the parameter limit is the last thing that a question says, in each language', () => {
  const catalogue = new Catalogue([builtInQueries()]);
  const limited = catalogue.all().filter(({ parameters }) => ROW_LIMIT in parameters);
  expect(limited.length).toBeGreaterThan(40);
  for (const analysis of limited) {
    const parameters = Object.fromEntries(
      Object.entries(analysis.parameters).flatMap(([name, { default: own, example }]) =>
        own === undefined ? [[name, example ?? '']] : [],
      ),
    );
    const sql = renderSql(catalogue, analysis, { window: { from: 0, to: 1 }, parameters, rows: 4711 });
    expect(sql.trim()).toMatch(/\nLIMIT 4711$/);
    expect(renderSql(catalogue, analysis, { window: { from: 0, to: 1 }, parameters, rows: 'all' }).trim()).toMatch(/\nLIMIT ALL$/);
    if (analysis.insights !== undefined)
      expect(renderInsights(catalogue, analysis, { parameters, rows: 4711 }).trim()).toMatch(/\n\| limit 4711$/);
  }
});
