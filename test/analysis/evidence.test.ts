import fc from 'fast-check';
import { type Analysis, Catalogue } from '../../lib/analysis/catalogue';
import { evidenceWindow, keyValues, OUTCOMES, renderEvidence } from '../../lib/analysis/evidence';
import { ALLOWED_FUNCTIONS, bareSql, columnsUsed, functionsOf } from '../../lib/analysis/functions';
import type { ParameterValue } from '../../lib/analysis/literal';
import { exampleParameters } from '../../lib/analysis/render';
import { OPTIONAL_COLUMNS } from '../../lib/analysis/relations';
import { missingFields } from '../../lib/analysis/requirements';
import { analysisSchema } from '../../lib/analysis/schema';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { picturesOf } from '../../lib/engine/evidence';
import { detect } from '../../lib/detect';
import { keyOf } from '../../lib/finding/finding';
import { SQL_NAMES } from '../../lib/flow-log/fields';
import { sqlNameOf } from '../../lib/flow-log/format';
import { PARTITIONS } from '../../lib/flow-log/layout';
import { RECORDS_TABLE } from '../../lib/flow-log/tables';
import { fixtureCases } from '../support/fixtures';
import { temporaryFolder, withLogs, writeLog } from '../support/logs';
import { BEGIN, DAY, many, ordinary, scan, sessions, textOf, transfer } from '../support/scenes';

const catalogue = new Catalogue();
const detections = catalogue.all().filter(({ kind }) => kind === 'detection');
const WINDOW = { from: 1790000000, to: 1790003600 };

const keyFor = (analysis: Analysis) =>
  keyOf(
    analysis,
    Object.fromEntries(
      (analysis.finding?.key ?? []).map((name) => [
        name,
        analysis.columns.find((column) => column.name === name)?.type === 'integer' ? 22 : name.endsWith('addr') ? '10.0.0.1' : 'eni-0a1',
      ]),
    ),
  );

describe.each(detections.map((analysis) => ({ id: analysis.id, analysis })))('$id', ({ analysis }) => {
  test('shows what it compared: at least one picture, each its own file', () => {
    expect(analysis.evidence.length).toBeGreaterThan(0);
    expect(new Set(analysis.evidence.map(({ file }) => file)).size).toBe(analysis.evidence.length);
  });

  test.each(analysis.evidence.map((evidence) => ({ file: evidence.file, evidence })))(
    '$file uses allowed functions, required fields and no decimals, and prunes partitions',
    ({ evidence }) => {
      const render = (partitions: (typeof PARTITIONS)[keyof typeof PARTITIONS][]) =>
        renderEvidence(catalogue, analysis, evidence, keyFor(analysis), {
          window: evidenceWindow(evidence, WINDOW),
          parameters: exampleParameters(analysis),
          ...(partitions.length === 0 ? {} : { partitions, table: 'db.flow_records' }),
        });
      const sql = render([]);
      expect(functionsOf(sql).filter((name) => !ALLOWED_FUNCTIONS.has(name))).toEqual([]);
      expect(bareSql(sql).match(/\b\d+\.\d+\b(?!e)/gi)).toBeNull();
      // Stars are of tables within the text, never of the records.
      const used = columnsUsed(sql.replace(/\b\w+\.\*/g, '1'), SQL_NAMES);
      const own = new Set([...Object.keys(OPTIONAL_COLUMNS), ...analysis.columns.map(({ name }) => name)]);
      const required = new Set(analysis.requires.map(sqlNameOf));
      expect([...(used ?? ['all'])].filter((name) => !own.has(name) && !required.has(name))).toEqual([]);
      expect(render([PARTITIONS.hour])).toMatch(/"hour" >= '20\d\d\/\d\d\/\d\d\/\d\d' AND "hour" <= '20\d\d\/\d\d\/\d\d\/\d\d'/);
    },
  );
});

test('the values of a key are those that it was made of', () => {
  const analysis = catalogue.get('password-guessing');
  const first = catalogue.get('first-contact');
  const text = fc.string({ minLength: 1 }).filter((value) => value !== '-');
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 65535 }), (srcaddr, dstport) => {
      expect(keyValues(analysis, keyOf(analysis, { srcaddr, dstport }))).toEqual({ srcaddr, dstport });
    }),
  );
  expect(keyValues(first, 'first-contact/10.0.1.0%2F24/25/of the internet')).toEqual({
    network: '10.0.1.0/24',
    dstport: 25,
    whose: 'of the internet',
  });
  expect(keyValues(catalogue.get('flood'), 'flood/10.0.0.1/-')).toEqual({ dstaddr: '10.0.0.1', srcaddr: null });
});

test.each([
  ['password-guessing/10.0.0.1', 'expected password-guessing/srcaddr/dstport'],
  ['password-guessing/10.0.0.1/22/1', 'expected password-guessing/srcaddr/dstport'],
  ['password-guessing//22', 'expected password-guessing/srcaddr/dstport'],
  ['password-guessing/10.0.0.1/ssh', 'dstport: expected a number, got "ssh"'],
])('a key that is none is refused: %s', (key, message) => {
  expect(() => keyValues(catalogue.get('password-guessing'), key)).toThrow(message);
});

test('a value of a key is a literal, whatever it holds', () => {
  const analysis = catalogue.get('port-scan');
  const sql = renderEvidence(catalogue, analysis, analysis.evidence[0]!, "port-scan/' OR 1=1 --", { window: WINDOW });
  expect(sql).toContain("srcaddr = ''' OR 1=1 --'");
  expect(() => renderEvidence(catalogue, analysis, analysis.evidence[0]!, 'port-scan/a\u0000b', { window: WINDOW })).toThrow(
    'control characters',
  );
});

test.each([
  ['port-scan', 'port-scan/10.0.0.1', "true AND '10.0.0.1' IN (srcaddr, dstaddr)"],
  ['unusual-egress', 'unusual-egress/eni-0a1', "interface_id IN ('eni-0a1')"],
  ['unusual-egress', 'unusual-egress/all', 'AND true AND'],
  ['first-contact', 'first-contact/10.0.1.0%2F24/25/inside', "contains('10.0.1.0/24', TRY_CAST(srcaddr AS IPADDRESS))"],
  ['rejection-spike', 'rejection-spike/interface/eni-0a1', "interface_id IN ('eni-0a1')"],
  ['rejection-spike', 'rejection-spike/network/all', 'AND true AND'],
  ['repeated-refusals', 'repeated-refusals/10.0.0.1', "true AND '10.0.0.1' IN (srcaddr, dstaddr)"],
  ['repeated-refusals', 'repeated-refusals/2001:db8:1::10:8443', 'AND true AND'],
])('%s reads no more records than those of whom the key names: %s', (id, key, condition) => {
  const analysis = catalogue.get(id);
  expect(renderEvidence(catalogue, analysis, analysis.evidence[0]!, key, { window: WINDOW })).toContain(condition);
});

test.each([
  [{ evidence: [{ title: 'x', draw: 'pie' }] }, /evidence\.0\.draw/],
  [{ evidence: [{ title: 'x', draw: 'bars', file: '../x.sql' }] }, /evidence\.0\.file/],
  [{ thresholds: { networks: 'bytes' } }, /thresholds\.networks: expected a parameter that is a number/],
  [{ thresholds: { limit: 'nothing' } }, /thresholds\.limit: "nothing" is no column/],
])('a definition that cannot be drawn or tuned is refused', (part, message) => {
  const base = {
    ...{
      id: 'x',
      title: 'x',
      kind: 'detection',
      group: 'x',
      severity: 'low',
      tags: ['T1046'],
      summary: 'x',
      howTo: 'x',
      falsePositives: 'x',
      runbook: 'x',
    },
    ...{
      checks: ['a', 'b', 'c'],
      requires: ['bytes'],
      window: '1h',
      columns: [
        { name: 'bytes', type: 'integer' },
        { name: 'time', type: 'timestamp' },
      ],
    },
    parameters: { networks: { type: 'cidr[]', meaning: 'x' }, limit: { type: 'integer', default: 1, meaning: 'x' } },
    finding: { key: ['bytes'], title: 'x', time: 'time', dedupFor: '1d' },
  };
  expect(analysisSchema.safeParse(base).error).toBeUndefined();
  const { error } = analysisSchema.safeParse({ ...base, ...part });
  expect(error?.issues.map(({ path, message: text }) => `${path.join('.')}: ${text}`).join('\n')).toMatch(message);
});

const folder = temporaryFolder();

/** Draws all that was found in the logs; every picture must show something of the time that was found. */
async function drawAll(
  paths: readonly string[],
  of = detections,
  parameters: Readonly<Record<string, ParameterValue>> = {},
): Promise<Map<string, number>> {
  const drawn = new Map<string, number>();
  await withLogs(paths, async (records) => {
    const columns = records.columns.map(({ name }) => name);
    const engine = await DuckDbEngine.over(records);
    const window = (await records.range())!;
    const own = new Map(of.map(({ id }) => [id, of.length === 1 ? parameters : {}]));
    const { findings } = await detect({
      target: { catalogue, engine, table: RECORDS_TABLE },
      ...{ records, columns, window, scope: {}, parameters: own },
      detections: of.filter((analysis) => missingFields(analysis, {}, columns).length === 0),
    });
    const first = new Map([...findings].reverse().map((finding) => [finding.detection, finding]));
    for (const finding of first.values()) {
      const analysis = catalogue.get(finding.detection);
      const span = { from: Date.parse(finding.time) / 1000, to: Date.parse(finding.until) / 1000 };
      const pictures = await picturesOf(finding.key, analysis, {
        engine,
        catalogue,
        window: span,
        columns: new Set(columns),
        parameters: own.get(analysis.id),
      });
      for (const { rows, evidence } of pictures) {
        const inside = rows.filter(
          (row) =>
            row['time'] === undefined ||
            (Date.parse(String(row['time'])) / 1000 >= span.from && Date.parse(String(row['time'])) / 1000 < span.to),
        );
        // What is silent shows its past alone.
        expect([finding.id, evidence.file, (analysis.id === 'logging-gap' ? rows : inside).length > 0]).toEqual([
          finding.id,
          evidence.file,
          true,
        ]);
        for (const { outcome, value } of rows) {
          expect([null, undefined, ...OUTCOMES]).toContain(outcome);
          expect(value).toBeGreaterThanOrEqual(0);
        }
        drawn.set(`${finding.detection}/${evidence.file}`, rows.length);
      }
    }
  });
  return drawn;
}

test('every finding of many kinds has pictures, and they show the time that was found', async () => {
  const late = BEGIN + 6 * DAY + 7200;
  const outside = (i: number) => `45.${Math.floor(i / 250)}.7.${i % 250}`;
  const lines = [
    ...ordinary(7),
    ...scan({ src: '198.18.0.9', dst: '10.0.1.9', ports: 60, open: 3, at: late }),
    ...sessions({ eni: 'eni-web1', src: '45.9.148.7', dst: '10.0.1.9', dstport: 22, at: late }, 300, 4),
    ...sessions({ eni: 'eni-app1', src: '10.0.1.5', dst: '91.92.240.7', dstport: 8443, at: BEGIN + 5 * DAY }, 1400, 60, 700),
    ...transfer({ eni: 'eni-app1', src: '10.0.1.5', dst: '10.200.7.7', dstport: 443, at: late }, 30, 500_000_000),
    ...transfer({ eni: 'eni-app1', src: '10.0.1.5', dst: '185.220.101.4', dstport: 443, at: late }, 30, 900_000_000),
    ...many(100, (i) => ({ eni: 'eni-app1', src: '10.0.1.5', dst: outside(i), srcport: 42000 + i, dstport: 25, at: late + i }), true),
    ...many(
      80,
      (i) => ({ eni: 'eni-app1', src: '10.0.1.5', dst: outside(1000 + i), srcport: 43000 + i, dstport: 23, at: late + i }),
      false,
    ),
    ...many(
      40,
      (i) => ({
        eni: 'eni-app1',
        src: '10.0.1.5',
        dst: outside(2000 + (i % 4)),
        srcport: 44000 + i,
        dstport: 53,
        protocol: 17,
        packets: 2,
        bytes: 140,
        at: late + i,
      }),
      true,
    ),
  ];
  const drawn = await drawAll([writeLog(folder, 'scenes.log', textOf(lines))]);
  for (const picture of [
    ...[
      'port-scan/evidence.sql',
      'password-guessing/evidence.sql',
      'beaconing/evidence.sql',
      'beaconing/gaps.sql',
      'internal-transfer/evidence.sql',
    ],
    ...[
      'unusual-egress/evidence.sql',
      'unusual-egress/peers.sql',
      'mail-burst/evidence.sql',
      'first-contact/evidence.sql',
      'dns-bypass/evidence.sql',
    ],
  ])
    expect([...drawn.keys()]).toContain(picture);
});

/** Of each detection the first fixture in which it finds something; that it does is what test/queries.test.ts says. */
const positive = detections.flatMap(
  ({ id }) =>
    fixtureCases(catalogue).find(
      ({ analysis, fixture }) =>
        analysis.id === id && fixture.rows.length > 0 && Object.keys(fixture.parameters).every((name) => name in analysis.parameters),
    ) ?? [],
);

test.each(positive.map((one) => ({ name: `${one.analysis.id} ${one.name}`, one })))(
  'what is found in the logs of $name has pictures',
  async ({ one }) => {
    await drawAll(one.inputs, [one.analysis], one.fixture.parameters);
  },
);
