import { join } from 'node:path';
import { createHandler } from '../../lambda/show-analysis/handler';
import { Catalogue } from '../../lib/analysis/catalogue';
import { openPacked, packCatalogue } from '../../lib/analysis/packed';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { withLogs } from '../support/logs';

/** The dashboard's function over real records; in test/cloud/watch.test.ts it asks Athena. */
const OFFICE = join('queries', '_fixtures', 'office.v5.log');
const packed = openPacked(
  packCatalogue(new Catalogue(), ['top-rejected-sources', 'traffic-over-time', 'traffic-heat-map', 'vertical-scan']),
);
const widgetContext = { timeRange: { start: Date.UTC(2026, 10, 20), end: Date.UTC(2026, 10, 21) } };
const show = (event: object) =>
  withLogs([OFFICE], async (records) =>
    createHandler({ catalogue: packed, target: { catalogue: packed, engine: await DuckDbEngine.over(records), table: 'flow_records' } })(
      event,
      { getRemainingTimeInMillis: () => 60_000 },
    ),
  );

test('a bar chart is a table with bars, its text escaped', async () => {
  const html = await show({ analysis: 'top-rejected-sources', widgetContext });
  expect(html).toMatch(/^<table>.*<th>srcaddr<\/th>.*linear-gradient\(to right,rgba\(31,119,180,\.25\) 100%/);
  expect(html).not.toContain('<script');
});

test('a line chart is a drawing with a legend, a heat map a coloured table', async () => {
  expect(await show({ analysis: 'traffic-over-time', widgetContext })).toMatch(/rejected<\/span>.*<svg viewBox="0 0 800 220".*<polyline/);
  expect(await show({ analysis: 'traffic-heat-map', widgetContext })).toMatch(/rgba\(214,39,40,1\.00\)/);
});

test('the time range that somebody has zoomed to, and the variables of the dashboard, narrow it', async () => {
  const nothing = { ...widgetContext.timeRange, zoom: { start: 0, end: 1000 } };
  expect(await show({ analysis: 'top-rejected-sources', widgetContext: { timeRange: nothing } })).toBe(
    '<p>No rows in this time range.</p>',
  );
  expect(await show({ analysis: 'top-rejected-sources', interface: 'eni-none', widgetContext })).toBe('<p>No rows in this time range.</p>');
  expect(await show({ analysis: 'top-rejected-sources', interface: 'eni-', subnet: 'subnet-', vpc: '', widgetContext })).toContain(
    '<table>',
  );
  // What CloudWatch hands over where it replaced nothing.
  expect(
    await show({ analysis: 'top-rejected-sources', interface: '__interface__', subnet: '__subnet__', vpc: '__vpc__', widgetContext }),
  ).toContain('<table>');
});

test('says what it is, and refuses what it was not deployed with', async () => {
  expect(await show({ describe: true })).toContain('Shows a report');
  await expect(show({ analysis: 'top-talkers', widgetContext })).rejects.toThrow(/is not deployed/);
});
