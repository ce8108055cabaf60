import { type Analysis, Catalogue } from '../lib/analysis/catalogue';
import { ALLOWED_FUNCTIONS, bareSql, columnsUsed, functionsOf } from '../lib/analysis/functions';
import { exampleParameters, relationsOf, renderInsights, renderSql } from '../lib/analysis/render';
import { OPTIONAL_COLUMNS } from '../lib/analysis/relations';
import type { Fixture } from '../lib/analysis/schema';
import type { Row } from '../lib/analysis/columns';
import { detect } from '../lib/detect';
import { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import { SQL_NAMES } from '../lib/flow-log/fields';
import { parseFormat, sqlNameOf } from '../lib/flow-log/format';
import { FLAT_COLUMNS } from '../lib/flow-log/ibm';
import { LAYOUTS, PARTITIONS } from '../lib/flow-log/layout';
import { FLAT_TABLE } from '../lib/flow-log/tables';
import { runAnalysis } from '../lib/run';
import { generate } from '../lib/synthetic/generate';
import { missingFields, tableOf } from '../lib/analysis/requirements';
import { fixtureCases, fixtureReader, type OpenFixture } from './support/fixtures';
import { openLogs, temporaryFolder } from './support/logs';

const catalogue = new Catalogue();
const analyses = catalogue.all();
const WINDOW = { from: 1790000000, to: 1790003600 };

const examples = (id: string) => exampleParameters(catalogue.get(id));

const fixtures = fixtureCases(catalogue);
const withFixture = fixtureReader(fixtures);

/** Hours of a network of many equal sums, with every field. */
const folder = temporaryFolder();
const network = (async () => {
  const made = { seed: 5, format: parseFormat('all'), layout: LAYOUTS['plain']!, account: '123456789012', region: 'us-east-1' };
  await generate(folder, { ...made, records: 4000, from: WINDOW.from, to: WINDOW.from + 6 * 3600, hosts: 40, plants: [] });
  const records = await openLogs([folder]);
  return { records, engine: await DuckDbEngine.over(records), window: (await records.range())! };
})();
afterAll(async () => (await network).records.close());

const namesOf = (analysis: Analysis) => (tableOf(analysis) === FLAT_TABLE ? FLAT_COLUMNS.map(({ name }) => name) : SQL_NAMES);

/** A report as `query` asks it, a detection as `detect` does: what relations hold is made once, as tables. */
async function answer({ records, engine, window }: OpenFixture, analysis: Analysis, { parameters, scope }: Fixture) {
  const columns = records.columns.map(({ name }) => name);
  const target = { catalogue, table: tableOf(analysis), columns: new Set(columns), engine };
  if (analysis.kind === 'report') {
    const { result, findings } = await runAnalysis(target, { analysis, window, parameters, scope });
    return { rows: result.rows, findings };
  }
  const rows: Row[] = [];
  const { findings } = await detect({
    ...{ target, records, columns, window, scope },
    detections: [analysis],
    parameters: new Map([[analysis.id, parameters]]),
    onRows: (_, all) => rows.push(...all),
  });
  return { rows, findings };
}

/** Names of the columns that a text orders its rows by. */
function orderOf(analysis: Analysis): string[] {
  const tail = /ORDER BY ([^()]*(?:\([^()]*\)[^()]*)*)$/i.exec(analysis.sql.trimEnd().replace(/\nLIMIT .*$/s, ''))?.[1] ?? '';
  return tail.split(/,(?![^(]*\))/).map((item) => {
    const name = item
      .trim()
      .replace(/ (?:ASC|DESC)$/i, '')
      .replace(/^\w+\./, '')
      .replaceAll('"', '');
    if (/^\d+$/.test(name)) return analysis.columns[Number(name) - 1]?.name ?? name;
    // A time that is shown as such: `from_unixtime("start") AS start_time`.
    const [, shown] = analysis.sql.replaceAll('"', '').split(`from_unixtime(${name}) AS `);
    return /^\w+/.exec(shown ?? '')?.[0] ?? name;
  });
}

/** Rows that differ and have the same place. */
function ties(analysis: Analysis, rows: readonly Row[]): Row[] {
  const order = orderOf(analysis);
  const different = new Map(rows.map((row) => [JSON.stringify(row), row]));
  const places = new Map<string, Row>();
  return [...different.values()].filter((row) => {
    const place = JSON.stringify(order.map((name) => row[name]));
    const taken = places.has(place);
    places.set(place, row);
    return taken;
  });
}

test('ties are found', () => {
  const analysis = catalogue.get('top-talkers');
  expect(orderOf(analysis)).toEqual(['bytes', 'srcaddr']);
  expect(orderOf(catalogue.get('traffic-by-az-pair'))).toEqual([
    'bytes',
    ...catalogue
      .get('traffic-by-az-pair')
      .columns.slice(0, 3)
      .map(({ name }) => name),
  ]);
  const row = { srcaddr: '10.0.0.1', bytes: 1 };
  expect(ties(analysis, [row, { ...row, records: 2 }, { ...row, srcaddr: '10.0.0.2' }])).toEqual([{ ...row, records: 2 }]);
});

test('the catalogue holds what it promises', () => {
  expect(analyses.filter(({ kind }) => kind === 'report').length).toBeGreaterThanOrEqual(56);
  expect(analyses.filter(({ kind }) => kind === 'detection').map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'accepted-after-rejected',
      'admin-port-open',
      'beaconing',
      'blocked-by-vpc-control',
      'blocked-outbound-spike',
      'dns-bypass',
      'dns-tunnel',
      'first-contact',
      'flood',
      'horizontal-scan',
      'internal-transfer',
      'logging-gap',
      'long-connection',
      'mail-burst',
      'new-admin-source',
      'password-guessing',
      'port-scan',
      'rejection-spike',
      'rejection-spike-by-network',
      'repeated-refusals',
      'slow-exfiltration',
      'slow-scan',
      'threat-list-match',
      'unencrypted-traffic',
      'unexpected-protocol',
      'unusual-egress',
      'unusual-ingress',
      'vertical-scan',
    ]),
  );
});

describe.each(analyses.map((analysis) => ({ id: analysis.id, analysis })))('$id', ({ analysis }) => {
  const own = fixtures.filter((one) => one.analysis.id === analysis.id);

  test('has a fixture with rows and one without', () => {
    const isEmpty = ({ rows }: Fixture) =>
      rows.length === 0 || (analysis.chart.type === 'number' && rows.every((row) => Object.values(row).every((value) => value === 0)));
    expect(own.some(({ fixture }) => !isEmpty(fixture))).toBe(true);
    expect(own.some(({ fixture }) => isEmpty(fixture))).toBe(true);
  });

  test.each(own)('$name: $fixture.about', (one) =>
    withFixture(one, async ({ records, engine, window }) => {
      const { fixture } = one;
      expect(missingFields(analysis, fixture.scope, records.tables.get(tableOf(analysis)) ?? [])).toEqual([]);
      const { rows, findings } = await answer({ records, engine, window }, analysis, fixture);
      expect(rows).toEqual(fixture.rows);
      expect(ties(analysis, rows)).toEqual([]);
      expect(findings.length > 0).toBe(analysis.kind === 'detection' && fixture.rows.length > 0);
    }),
  );

  test('uses allowed functions only, and no decimal literals, which Trino would compute with in decimals', () => {
    const sql = renderSql(catalogue, analysis, { window: WINDOW, parameters: examples(analysis.id) });
    expect(functionsOf(sql).filter((name) => !ALLOWED_FUNCTIONS.has(name))).toEqual([]);
    expect(bareSql(sql).match(/\b\d+\.\d+\b(?!e)/gi)).toBeNull();
  });

  test('requires exactly the fields that its text reads', () => {
    const sql = renderSql(catalogue, analysis, { window: WINDOW, parameters: examples(analysis.id) });
    const own = new Set(analysis.columns.map(({ name }) => name));
    const names = namesOf(analysis);
    const used = columnsUsed(sql.replace(new RegExp(`\\bAS\\s+(?:${names.join('|')})\\b`, 'g'), ' '), names);
    expect(used).toBeDefined();
    const required = new Set(analysis.requires.map(sqlNameOf));
    for (const name of required) expect(used).toContain(name);
    // Relations use a few columns where they are there.
    const optional = new Set(relationsOf(catalogue, analysis).size > 0 ? Object.keys(OPTIONAL_COLUMNS) : []);
    for (const name of used ?? []) if (!own.has(name) && !optional.has(name)) expect(required).toContain(name);
  });

  if (analysis.kind === 'report' && analysis.chart.type !== 'number' && tableOf(analysis) !== FLAT_TABLE)
    test('orders its rows by more than ties, so that every engine gives the same', async () => {
      const { records, engine, window } = await network;
      const target = { catalogue, table: tableOf(analysis), columns: new Set(records.columns.map(({ name }) => name)), engine };
      const most = analysis.parameters['limit']?.max;
      const limit = most === undefined ? {} : { limit: most };
      const { result } = await runAnalysis(target, { analysis, window, parameters: { ...examples(analysis.id), ...limit }, scope: {} });
      expect(ties(analysis, result.rows)).toEqual([]);
    });

  test('prunes partitions in Athena, whether the window is literal or relative', () => {
    const parameters = examples(analysis.id);
    const literal = renderSql(catalogue, analysis, { window: WINDOW, parameters, partitions: [PARTITIONS.hour], table: 'db.flow_records' });
    const relative = renderSql(catalogue, analysis, { window: { last: analysis.window }, parameters, partitions: [PARTITIONS.hour] });
    expect(literal).toMatch(/"hour" >= '20\d\d\/\d\d\/\d\d\/\d\d' AND "hour" <= '2026\/09\/21\/1\d'/);
    expect(literal).toContain('FROM "db"."flow_records"');
    expect(relative).toMatch(/"hour" >= date_format\(current_timestamp - INTERVAL '\d+' SECOND, '%Y\/%m\/%d\/%H'\)/);
  });

  if (analysis.insights !== undefined) {
    test('renders for Insights, with a parse prefix for a custom format', () => {
      const parameters = examples(analysis.id);
      const scope = { eni: ['eni-0a1'] };
      expect(renderInsights(catalogue, analysis, { parameters })).not.toMatch(/\{\{|^\s*\|/);
      expect(renderInsights(catalogue, analysis, { parameters, scope })).toContain('| filter interfaceId in ["eni-0a1"]');
      const format = parseFormat(
        analysis.requires.every((name) => parseFormat('recommended').names.includes(name)) ? 'recommended' : 'all',
      );
      expect(renderInsights(catalogue, analysis, { parameters, format })).toMatch(
        new RegExp(`^parse @message "(\\* ){${format.names.length - 1}}\\*" as version, accountId, interfaceId, srcAddr,`),
      );
    });
  }
});

test('every detection knows what is normal in each role', () => {
  for (const { id, kind, profiles } of analyses)
    if (kind === 'detection') expect([id, Object.keys(profiles).sort()]).toEqual([id, ['internal', 'private', 'public']]);
});

test('every text reads the records of its target and nothing else', () => {
  for (const analysis of analyses)
    expect(renderSql(catalogue, analysis, { window: WINDOW, parameters: examples(analysis.id), table: 'db.some_view' })).toContain(
      'FROM "db"."some_view"',
    );
});
