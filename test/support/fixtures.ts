import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Analysis, Catalogue } from '../../lib/analysis/catalogue';
import { readYaml } from '../../lib/analysis/catalogue';
import { type Fixture, fixtureSchema } from '../../lib/analysis/schema';
import { parseTime } from '../../lib/analysis/time';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { parseFormat } from '../../lib/flow-log/format';
import type { Records } from '../../lib/source/records';
import { openLogs } from './logs';

export interface FixtureCase {
  readonly analysis: Analysis;
  readonly name: string;
  readonly fixture: Fixture;
  /** Absolute paths. */
  readonly inputs: readonly string[];
}

/** Every fixture of every analysis. */
export function fixtureCases(catalogue: Catalogue): FixtureCase[] {
  return catalogue.all().flatMap((analysis) => {
    const folder = join(analysis.folder, 'fixtures');
    return (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => {
        const fixture = fixtureSchema.parse(readYaml(join(folder, name)));
        return { analysis, name, fixture, inputs: fixture.input.map((input) => join(folder, input)) };
      });
  });
}

export interface OpenFixture {
  readonly records: Records;
  readonly engine: DuckDbEngine;
  readonly window: { readonly from: number; readonly to: number };
}

/** Opens fixtures for the tests of a file; inputs that several have are read once. */
export function fixtureReader(cases: readonly FixtureCase[]) {
  const keyOf = ({ inputs, fixture }: FixtureCase) => JSON.stringify([inputs, fixture.logFormat]);
  const uses = new Map<string, number>();
  for (const one of cases) uses.set(keyOf(one), (uses.get(keyOf(one)) ?? 0) + 1);
  const shared = new Map<string, Promise<Omit<OpenFixture, 'window'>>>();
  const open = async ({ inputs, fixture }: FixtureCase) => {
    const records = await openLogs(inputs, fixture.logFormat === undefined ? {} : { headless: parseFormat(fixture.logFormat) });
    return { records, engine: await DuckDbEngine.over(records) };
  };
  afterAll(() => Promise.all([...shared.values()].map(async (opened) => (await opened).records.close())));
  return async (one: FixtureCase, use: (opened: OpenFixture) => Promise<void>): Promise<void> => {
    const key = keyOf(one);
    const again = (uses.get(key) ?? 0) > 1;
    const opened = await (shared.get(key) ?? open(one));
    if (again) shared.set(key, Promise.resolve(opened));
    try {
      const range = await opened.records.range();
      const time = (text: string | undefined, otherwise: number) => (text === undefined ? otherwise : parseTime(text, 0));
      await use({ ...opened, window: { from: time(one.fixture.from, range?.from ?? 0), to: time(one.fixture.to, range?.to ?? 1) } });
    } finally {
      if (!again) await opened.records.close();
    }
  };
}
