import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Analysis, Catalogue } from '../../lib/analysis/catalogue';
import { readYaml } from '../../lib/analysis/catalogue';
import { type Fixture, fixtureSchema } from '../../lib/analysis/schema';

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
