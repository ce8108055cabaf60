import { Catalogue } from '../lib/analysis/catalogue';
import type { Row } from '../lib/analysis/columns';
import { renderInsights } from '../lib/analysis/render';
import { parseTime } from '../lib/analysis/time';
import { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import { type Dash, eventsOfRecords, InsightsLocalEngine } from '../lib/engine/insights-local/engine';
import { formatOf, parseFormat } from '../lib/flow-log/format';
import { findFieldBySqlName } from '../lib/flow-log/fields';
import { fixtureCases } from './support/fixtures';
import { withLogs } from './support/logs';

/** Every question that has both texts gives the same rows from insights.txt as from athena.sql, on each fixture. */
const catalogue = new Catalogue();
const cases = fixtureCases(catalogue)
  .filter(({ analysis }) => analysis.insights !== undefined)
  .map((one) => ({ ...one, id: one.analysis.id }));

const sorted = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).sort();

test.each(cases)('$id: $name', async ({ analysis, inputs, fixture }) => {
  const options = fixture.logFormat === undefined ? {} : { headless: parseFormat(fixture.logFormat) };
  await withLogs(
    inputs,
    async (records) => {
      const range = await records.range();
      const window = {
        from: fixture.from === undefined ? (range?.from ?? 0) : parseTime(fixture.from, 0),
        to: fixture.to === undefined ? (range?.to ?? 1) : parseTime(fixture.to, 0),
      };
      const duckdb = await DuckDbEngine.over(records);
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
    },
    options,
  );
});
