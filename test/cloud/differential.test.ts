import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { AthenaClient } from '@aws-sdk/client-athena';
import { GlueClient } from '@aws-sdk/client-glue';
import { Catalogue } from '../../lib/analysis/catalogue';
import { parseTime } from '../../lib/analysis/time';
import { viewPartitions } from '../../lib/analysis/view';
import { AthenaEngine } from '../../lib/engine/athena';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { StagedEngine } from '../../lib/lake/staged-engine';
import { runAnalysis } from '../../lib/run';
import { missingFields, tableOf } from '../../lib/analysis/requirements';
import { FLAT_TABLE } from '../../lib/flow-log/tables';
import { inParallel } from '../../lib/parallel';
import { fixtureCases } from '../support/fixtures';
import { temporaryFolder, withLogs } from '../support/logs';
import type { FixtureSet } from './fixture-app';
import { deliver, deploy, ROOT } from './support';

/**
 * Fixtures of every analysis on Trino, through Glue tables and views that the constructs deployed, over objects keyed as
 * AWS keys them: the rows must be those of the fixture, which are DuckDB's (test/queries.test.ts).
 */
const catalogue = new Catalogue();
/** Those of IBM's flat view ask tables of their own: foreign.test.ts. */
const all = fixtureCases(catalogue).filter(({ analysis }) => tableOf(analysis) !== FLAT_TABLE);
/** Planning a detection takes Trino seconds here: of those in which it stays silent, the first. DuckDB has them all. */
const cases = all.filter(
  ({ analysis, fixture }, i) =>
    analysis.kind !== 'detection' ||
    fixture.rows.length > 0 ||
    all.findIndex((other) => other.analysis === analysis && other.fixture.rows.length === 0) === i,
);
const folder = temporaryFolder();
const PLACES = [
  { account: '123456789012', region: 'us-east-1' },
  { account: '210987654321', region: 'eu-central-1' },
];
const VARIANTS = Object.values(LAYOUTS).flatMap((layout) => (['parquet', 'text'] as const).map((fileFormat) => ({ layout, fileFormat })));
const DAILY = VARIANTS.filter(({ layout }) => !layout.hourly);
/** Each once, then those without hours: of hourly folders the emulator lists hundreds each time that a detection goes back weeks. */
const variantOf = (file: number) => VARIANTS[file] ?? DAILY[file % DAILY.length]!;
const keyOf = ({ inputs, fixture }: (typeof cases)[number]) => [...inputs, fixture.logFormat ?? ''].join('\n');

interface PlannedSet extends FixtureSet {
  readonly range: { from: number; to: number };
  readonly columns: readonly string[];
}

const sets = new Map<string, PlannedSet>();

beforeAll(async () => {
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  const keys = [...new Set(cases.map(keyOf))];
  const deliveries: {
    file: string;
    headless: ReturnType<typeof parseFormat> | undefined;
    place: (typeof PLACES)[number];
    set: FixtureSet;
    i: number;
  }[] = [];
  let files = 0;
  for (const [n, key] of keys.entries()) {
    const { inputs, fixture } = cases.find((one) => keyOf(one) === key)!;
    const headless = fixture.logFormat === undefined ? undefined : parseFormat(fixture.logFormat);
    const options = headless === undefined ? {} : { headless };
    const id = `set_${n}`;
    const place = PLACES[n % PLACES.length]!;
    const locations: FixtureSet['locations'][number][] = [];
    for (const [i, file] of inputs.entries()) {
      await withLogs(
        [file],
        async (records) => {
          // A file may hold several formats: its table has the fields of all.
          const names = [...new Set(records.formats.flatMap(({ format }) => parseFormat(format).names))];
          locations.push({ format: { names }, prefix: `logs/${id}/${i}`, ...variantOf(files++) });
        },
        options,
      );
    }
    const set = await withLogs(
      inputs,
      async (records) => ({
        id,
        ...place,
        locations,
        range: (await records.range()) ?? { from: 0, to: 1 },
        columns: records.columns.map(({ name }) => name),
      }),
      options,
    );
    sets.set(key, set);
    for (const [i, file] of inputs.entries()) deliveries.push({ file, headless, place, set, i });
  }
  const plan = join(folder, 'sets.json');
  writeFileSync(plan, JSON.stringify([...sets.values()]));
  process.env['FIXTURE_SETS'] = plan;
  await deploy('Fixtures', ['--all'], {
    app: `${process.execPath} ${join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs')} ${join(ROOT, 'test', 'cloud', 'fixture-app.ts')}`,
    out: join(folder, 'cdk.out'),
  });
  await inParallel(deliveries, 4, ({ file, headless, place, set, i }) => {
    const location = set.locations[i]!;
    return deliver([file], { bucket: 'fixtures', ...location, ...place, slot: location.layout.hourly ? 3600 : 86_400 }, scratch, headless);
  });
}, 300_000);

test('the fixtures go through all four layouts, text and Parquet, two accounts and two Regions', () => {
  const used = [...sets.values()].flatMap(({ account, region, locations }) =>
    locations.map(({ layout, fileFormat }) => JSON.stringify({ layout, fileFormat, account, region })),
  );
  for (const { layout, fileFormat } of VARIANTS)
    expect(used.some((text) => text.startsWith(JSON.stringify({ layout, fileFormat }).slice(0, -1)))).toBe(true);
  expect(new Set([...sets.values()].map(({ account, region }) => `${account} ${region}`)).size).toBe(2);
});

test('every report, and every detection that finds something, gives the same rows on Trino as on DuckDB', async () => {
  const athena = new AthenaEngine(new AthenaClient({}), { workgroup: 'fixtures', database: 'fixtures' });
  // As the schedules run them: Trino plans a text that names the records thirty times for minutes.
  const staged = new StagedEngine(
    { database: 'fixtures', location: 's3://fixtures/stages', of: new Set([...sets.values()].map(({ id }) => `fixtures.${id}`)) },
    { engine: athena, maker: athena, glue: new GlueClient({}), newRun: () => randomUUID().replaceAll('-', '') },
  );
  const failures = await inParallel(cases, 4, async (one) => {
    const { analysis, fixture, name } = one;
    const set = sets.get(keyOf(one))!;
    const window = {
      from: fixture.from === undefined ? set.range.from : parseTime(fixture.from, 0),
      to: fixture.to === undefined ? set.range.to : parseTime(fixture.to, 0),
    };
    if (missingFields(analysis, fixture.scope, set.columns).length > 0) return `${analysis.id} ${name}: fields are missing`;
    try {
      const { result } = await runAnalysis(
        {
          catalogue,
          engine: analysis.kind === 'detection' ? staged : athena,
          table: `fixtures.${set.id}`,
          partitions: viewPartitions(set.locations, false),
        },
        { analysis, window, parameters: fixture.parameters, scope: fixture.scope },
      );
      const [got, expected] = [JSON.stringify(result.rows), JSON.stringify(fixture.rows)];
      return got === expected ? undefined : `${analysis.id} ${name}:\n  got      ${got}\n  expected ${expected}`;
    } catch (error) {
      return `${analysis.id} ${name}: ${(error as Error).message}`;
    }
  });
  expect(cases.length).toBeGreaterThan(160);
  expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
}, 1_200_000);
