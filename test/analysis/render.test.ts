import { PARTITIONS } from '../../lib/flow-log/layout';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { builtInQueries, Catalogue } from '../../lib/analysis/catalogue';
import { literal, type ParameterValue } from '../../lib/analysis/literal';
import { renderInsights, renderSql } from '../../lib/analysis/render';
import type { ParameterDefinition } from '../../lib/analysis/schema';
import { parseScope, scopeSql } from '../../lib/analysis/scope';
import { parseTime } from '../../lib/analysis/time';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const catalogue = new Catalogue();
const WINDOW = { from: 1790000000, to: 1790003600 };
const folder = temporaryFolder();

const EVIL = [
  "'; DROP VIEW flow_records; --",
  "' OR '1'='1",
  '1; SELECT 1',
  '"; DROP',
  "10.0.0.0/8') OR true --",
  '{{records}}',
  '${x}',
  'a\\',
  "\\'; --",
  '192.0.2.1 OR true',
];

describe('nothing breaks out of a literal', () => {
  const types: ParameterDefinition['type'][] = ['integer', 'number', 'ip', 'cidr', 'boolean', 'integer[]', 'ip[]', 'cidr[]'];
  test.each(types.flatMap((type) => EVIL.map((value) => [type, value] as const)))('%s refuses %j', (type, value) => {
    expect(() => literal('p', { type, meaning: 'test' }, value, 'sql')).toThrow(/parameter p: expected .*, got/);
  });

  test.each(EVIL)('string %j is only ever compared', async (value) => {
    const text = literal('p', { type: 'string', meaning: 'test' }, value, 'sql');
    const path = writeLog(folder, 'evil.log', `${HEADER}\n${line()}\n`);
    await withLogs([path], async (records) => {
      const engine = await DuckDbEngine.over(records);
      expect((await engine.run(`SELECT ${text} AS v, count(*) AS n FROM flow_records`)).rows).toEqual([{ v: value, n: 1 }]);
      expect((await engine.run(`SELECT count(*) AS n FROM flow_records WHERE srcaddr = ${text}`)).rows).toEqual([{ n: 0 }]);
    });
  });

  test('any string stays one SQL literal', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((s) => !/\p{Cc}/u.test(s)),
        (value) => {
          const text = literal('p', { type: 'string', meaning: 'test' }, value, 'sql');
          expect(/^'(?:[^']|'')*'$/.test(text)).toBe(true);
          expect(text.slice(1, -1).replaceAll("''", "'")).toBe(value);
        },
      ),
    );
  });

  test('control characters are refused', () => {
    expect(() => literal('p', { type: 'string', meaning: 'test' }, 'a\nb', 'insights')).toThrow(/control characters/);
  });

  test.each(['vpc', 'subnet', 'eni', 'cidr'].flatMap((kind) => EVIL.map((value) => `${kind}=${value}`)))('scope %j is refused', (text) => {
    expect(() => scopeSql(parseScope([text]))).toThrow(/scope (vpc|subnet|eni|cidr): expected/);
  });

  test.each(EVIL)('table %j is refused', (table) => {
    expect(() => renderSql(catalogue, catalogue.get('top-talkers'), { window: WINDOW, table })).toThrow(
      /table .*: expected name, schema\.name/,
    );
  });
});

test.each<[ParameterDefinition['type'], ParameterValue, string]>([
  ['integer', '20', '20'],
  ['number', 0.5, '0.5e0'],
  ['ip', '2001:DB8::1', "'2001:db8::1'"],
  ['cidr', '10.0.0.0/8', "'10.0.0.0/8'"],
  ['boolean', 'true', 'true'],
  ['integer[]', '22,3389', '22, 3389'],
  ['string[]', ['a', "b'c"], "'a', 'b''c'"],
  ['number', 1e21, '1000000000000000000000'],
])('%s %j renders as %s', (type, value, text) => {
  expect(literal('p', { type, meaning: 'test' }, value, 'sql')).toBe(text);
});

test('bounds and allowed values are kept, and the error says what the parameter means', () => {
  const definition: ParameterDefinition = { type: 'integer', min: 1, max: 10, meaning: 'How many' };
  expect(() => literal('limit', definition, 0, 'sql')).toThrow('parameter limit: expected at least 1, got 0. It means: How many');
  expect(() => literal('limit', definition, '11', 'sql')).toThrow(/expected at most 10/);
  expect(() => literal('mode', { type: 'string', values: ['a', 'b'], meaning: 'Mode' }, 'c', 'sql')).toThrow(/expected one of a, b/);
});

describe('windows', () => {
  const top = catalogue.get('top-talkers');

  test('are half-open', () => {
    expect(renderSql(catalogue, top, { window: WINDOW })).toContain('"start" >= 1790000000 AND "start" < 1790003600');
  });

  test('need both bounds, in order', () => {
    expect(() => renderSql(catalogue, top, { window: { from: 1790000000, to: NaN } })).toThrow(/needs both bounds/);
    expect(() => renderSql(catalogue, top, { window: { from: 2, to: 1 } })).toThrow(/window is empty/);
    expect(() => renderSql(catalogue, top, { window: { last: 'yesterday' } })).toThrow(/expected a duration/);
  });

  test('a lookback reaches further back, in records and partitions', () => {
    const sql = renderSql(catalogue, catalogue.get('logging-gap'), { window: WINDOW, partitions: [PARTITIONS.hour] });
    expect(sql).toContain(
      `"start" >= ${Math.floor((1790000000 - 4 * 86400) / 300) * 300} AND "start" < 1790003600 AND "hour" >= '2026/09/17/14' AND "hour" <= '2026/09/21/16'`,
    );
  });

  test('a relation by the hour begins at a whole hour, and its lookback before', () => {
    const sql = renderSql(catalogue, catalogue.get('rejection-spike'), { window: WINDOW, partitions: [PARTITIONS.hour] });
    expect(sql).toContain(
      `"start" >= ${Math.floor((1790000000 - 15 * 86400) / 3600) * 3600} AND "start" < 1790003600 AND "hour" >= '2026/09/06/14' AND "hour" <= '2026/09/21/16'`,
    );
  });

  test('of conversations only what `reach` says is read before the window', () => {
    const sql = renderSql(catalogue, catalogue.get('accepted-after-rejected'), { window: WINDOW, partitions: [PARTITIONS.hour] });
    expect(sql).toContain(`"start" >= ${Math.floor((1790000000 - 3 * 3600) / 300) * 300} AND "start" < 1790003600`);
  });
});

test.each([
  ['2026-11-20', 1795132800],
  ['2026-11-20T05:00', 1795150800],
  ['2026-11-20T05:00:30Z', 1795150830],
  ['2026-11-20T05:00:00+02:00', 1795143600],
  ['1790000000', 1790000000],
  ['-24h', 999_913_600],
  ['now', 1_000_000_000],
])('time %s', (text, seconds) => {
  expect(parseTime(text, 1_000_000_000_000)).toBe(seconds);
});

test.each([
  ['today', 'UTC', '2026-11-28T10:30:00Z', '2026-11-28T00:00:00Z'],
  ['yesterday', 'UTC', '2026-11-28T10:30:00Z', '2026-11-27T00:00:00Z'],
  ['today', 'Europe/Berlin', '2026-11-28T23:30:00Z', '2026-11-28T23:00:00Z'],
  ['yesterday', 'America/New_York', '2026-11-28T03:00:00Z', '2026-11-26T05:00:00Z'],
  // A day of 23 hours: clocks went forward.
  ['yesterday', 'Europe/Berlin', '2026-03-29T22:30:00Z', '2026-03-28T23:00:00Z'],
])('%s in %s at %s begins at %s', (text, zone, now, expected) => {
  expect(parseTime(text, Date.parse(now), zone)).toBe(Date.parse(expected) / 1000);
});

test.each(['tomorrow', '2026-13-40', '-5', '20/11/2026'])('time %j is refused', (text) => {
  expect(() => parseTime(text, 0)).toThrow(/expected ISO 8601/);
});

describe('templates', () => {
  const own = (id: string, sql: string, extra = '') => {
    const dir = join(folder, 'own', id);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'athena.sql'), sql);
    writeFileSync(
      join(dir, 'analysis.yaml'),
      `id: ${id}\ntitle: T\nkind: report\ngroup: G\nsummary: S\nrequires: [start]\ncolumns:\n  - { name: n, type: integer }\nwindow: 24h\nengines: { insights: none }\n${extra}`,
    );
    return new Catalogue([builtInQueries(), join(folder, 'own')]);
  };

  test.each([
    [
      'unknown-placeholder',
      'SELECT 1 AS n FROM {{records}} WHERE {{window}} AND {{nonsense}}',
      /unknown placeholder \{\{nonsense\}\}; expected records, from, to, window/,
    ],
    ['malformed', 'SELECT 1 AS n FROM {{records}} WHERE {{window}} AND {{ not ok }}', /malformed placeholder/],
    ['no-partial', 'SELECT 1 AS n FROM {{records}} WHERE {{> nowhere}}', /no partial "nowhere\.sql"/],
    ['missing-argument', 'SELECT 1 AS n FROM {{records}} WHERE {{> non_public_address}}', /argument address is missing/],
    ['no-lookback', 'SELECT 1 AS n FROM {{records}} WHERE {{lookback}}', /no key lookback/],
  ])('%s is an error', (id, sql, message) => {
    const both = own(id, sql);
    expect(() => renderSql(both, both.get(id), { window: WINDOW })).toThrow(message);
  });

  test('an unused parameter is an error', () => {
    const both = own(
      'unused',
      'SELECT 1 AS n FROM {{records}} WHERE {{window}}',
      'parameters:\n  spare: { type: integer, default: 1, meaning: Nothing }\n',
    );
    expect(() => renderSql(both, both.get('unused'), { window: WINDOW })).toThrow(
      'unused: parameter spare is declared but not used in athena.sql',
    );
  });

  test('an unknown parameter and a missing one are named', () => {
    expect(() => renderSql(catalogue, catalogue.get('top-talkers'), { window: WINDOW, parameters: { limitt: 1 } })).toThrow(
      'top-talkers has no parameter "limitt"; expected limit',
    );
    expect(() => renderSql(catalogue, catalogue.get('traffic-from-address'), { window: WINDOW })).toThrow(
      /parameter address \(ip\) has no default: set one, such as --param address=192\.0\.2\.10/,
    );
  });

  test('a log format that lacks a field is named', () => {
    expect(() => renderInsights(catalogue, catalogue.get('top-talkers'), { format: { names: ['srcaddr', 'start'] } })).toThrow(
      'top-talkers needs packets, bytes, which the given log format lacks',
    );
  });

  test('a missing Insights text says why', () => {
    expect(() => renderInsights(catalogue, catalogue.get('rejection-spike'), {})).toThrow(
      /no Logs Insights query: Logs Insights has no window functions/,
    );
  });
});

test("the user's folder overrides by id", () => {
  const dir = join(folder, 'mine', 'top-talkers');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'athena.sql'), 'SELECT 1 AS n FROM {{records}} WHERE {{window}}');
  writeFileSync(
    join(dir, 'analysis.yaml'),
    'id: top-talkers\ntitle: Mine\nkind: report\ngroup: G\nsummary: S\nrequires: [start]\ncolumns:\n  - { name: n, type: integer }\nwindow: 24h\nengines: { insights: none }\n',
  );
  const both = new Catalogue([builtInQueries(), join(folder, 'mine')]);
  expect(both.get('top-talkers').title).toBe('Mine');
  expect(both.ids()).toEqual(catalogue.ids());
});
