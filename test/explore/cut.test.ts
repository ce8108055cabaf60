/** The explorer says how much of an answer it shows. */
import { Catalogue } from '../../lib/analysis/catalogue';
import { explorerApi } from '../../lib/explore/api';
import { openExplorer } from '../../lib/explore/open';
import type { Api } from '../../lib/explore/server';
import { encodeState, EVERYTHING } from '../../lib/explore/state';
import type { Records } from '../../lib/source/records';
import { HEADER, line, openLogs, temporaryFolder, writeLog } from '../support/logs';

const state = encodeState(EVERYTHING);
const SOURCES = 1200;
const folder = temporaryFolder();
let records: Records;
let api: Api;

beforeAll(async () => {
  const lines = Array.from({ length: SOURCES }, (_, i) => line({ src: `192.0.${2 + (i >> 8)}.${i & 255}` }));
  records = await openLogs([writeLog(folder, 'many.log', [HEADER, ...lines, ''].join('\n'))]);
  const catalogue = new Catalogue();
  const open = await openExplorer(records, catalogue, { cache: undefined, groups: [] });
  api = explorerApi({
    ...{ open: open!, records, catalogue, sources: ['logs'], start: '', command: (args) => args.join(' ') },
    findings: () => ({ status: 'done', findings: [], notJudged: [] }),
  });
});
afterAll(() => records.close());

const ask = async (name: string, body: object) => (await api[name]?.(body, new AbortController().signal)) as Record<string, unknown>;

test.each([
  ['its own limit', {}, 100, SOURCES],
  ['a given one', { limit: '7' }, 7, SOURCES],
  ['one that the page does not draw', { limit: '5000' }, 1000, SOURCES],
])('a question with %s', async (_, parameters, shown, total) => {
  const answer = await ask('analysis', { state, id: 'rejected-traffic', parameters });
  expect(answer['rows']).toHaveLength(shown);
  expect(answer['total']).toBe(total);
});

test('the command of Records gives what the CLI gives: it cuts, and says so', async () => {
  const { sql, athena } = await ask('texts', { state, panel: 'records' });
  expect(sql).not.toMatch(/LIMIT/);
  expect(athena).toMatch(/\nLIMIT 1000$/);
});
