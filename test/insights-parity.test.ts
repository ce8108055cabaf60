import { Catalogue } from '../lib/analysis/catalogue';
import type { Row } from '../lib/analysis/columns';
import { renderInsights } from '../lib/analysis/render';
import { type Dash, eventsOfRecords, InsightsLocalEngine } from '../lib/engine/insights-local/engine';
import { formatOf } from '../lib/flow-log/format';
import { findFieldBySqlName } from '../lib/flow-log/fields';
import { fixtureCases, fixtureReader } from './support/fixtures';

/** Every question that has both texts gives the same rows from insights.txt as from athena.sql, on each fixture. */
const catalogue = new Catalogue();
const cases = fixtureCases(catalogue)
  .filter(({ analysis }) => analysis.insights !== undefined)
  .map((one) => ({ ...one, id: one.analysis.id }));

const sorted = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).sort();

const withFixture = fixtureReader(cases);

test.each(cases)('$id: $name', (one) =>
  withFixture(one, async ({ records, engine: duckdb, window }) => {
    const { analysis, fixture } = one;
    const format = formatOf(records.columns.map(({ name }) => findFieldBySqlName(name)?.name ?? name));
    const texts = {
      discovered: renderInsights(catalogue, analysis, { parameters: fixture.parameters, scope: fixture.scope }),
      parsed: renderInsights(catalogue, analysis, { parameters: fixture.parameters, scope: fixture.scope, format }),
    };
    for (const dash of ['value', 'missing'] as Dash[]) {
      const engine = new InsightsLocalEngine(duckdb, await eventsOfRecords(records, window, dash));
      for (const [how, text] of Object.entries(texts)) {
        const rows: Row[] = [];
        const { chunks } = await engine.stream(text, { columns: analysis.columns });
        for await (const chunk of chunks) rows.push(...chunk);
        expect({ dash, how, rows: sorted(rows) }).toEqual({ dash, how, rows: sorted(fixture.rows) });
      }
    }
  }),
);
