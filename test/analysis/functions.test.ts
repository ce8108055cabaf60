import { columnsUsed, functionsOf } from '../../lib/analysis/functions';

const NAMES = ['srcaddr', 'dstport', 'bytes', 'start', 'end', 'action'];

test.each([
  ['SELECT * FROM flow_records', undefined],
  ['SELECT DISTINCT * FROM flow_records', undefined],
  ['SELECT r.* FROM flow_records r', undefined],
  ['SELECT srcaddr, * FROM flow_records', undefined],
  ['SELECT * FROM (SELECT srcaddr FROM flow_records)', undefined],
  ["SELECT COLUMNS('s.*') FROM flow_records", undefined],
  ['SELECT count(*) FROM flow_records', []],
  ['SELECT srcaddr, sum(bytes * 8) FROM flow_records -- dstport', ['srcaddr', 'bytes']],
  ["SELECT CASE WHEN action = 'start' THEN 1 END FROM flow_records", ['action']],
  ['SELECT "end" - start FROM flow_records', ['start', 'end']],
  ['WITH a AS (SELECT srcaddr FROM flow_records) SELECT * FROM a', ['srcaddr']],
  ['WITH a AS (SELECT srcaddr FROM flow_records) SELECT a.*, 2 * 3 FROM a', ['srcaddr']],
])('%s reads %j', (sql, columns) => {
  const used = columnsUsed(sql, NAMES);
  expect(used === undefined ? undefined : [...used].sort()).toEqual(columns === undefined ? undefined : [...columns].sort());
});

test('function calls are told from keywords, strings, comments and CTE names', () => {
  const sql = `WITH spikes AS (SELECT count(*) AS n FROM t WHERE a IN ('x(', 'y')) SELECT upper(s), "f"(1) FROM spikes, unnest(ARRAY[1]) AS u(v) -- lower(x)`;
  expect(functionsOf(sql).sort()).toEqual(['count', 'unnest', 'upper']);
});
