import { join } from 'node:path';
import { createHandler, type Dependencies } from '../../lambda/show-analysis/handler';
import { Catalogue } from '../../lib/analysis/catalogue';
import { openPacked, packCatalogue } from '../../lib/analysis/packed';
import { packageRoot } from '../../lib/package-root';
import { drawingBundle, drawWidget } from '../../lib/report/drawing';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { withLogs } from '../support/logs';

/** The dashboard's function over real records; in test/cloud/watch.test.ts it asks Athena. */
const OFFICE = join('queries', '_fixtures', 'office.v5.log');
const packed = openPacked(
  packCatalogue(new Catalogue(), [
    ...['top-rejected-sources', 'traffic-over-time', 'traffic-heat-map', 'vertical-scan', 'traffic-compared', 'protocol-records-by-hour'],
  ]),
);
const widgetContext = { timeRange: { start: Date.UTC(2026, 10, 20), end: Date.UTC(2026, 10, 21) } };
const drawn = (...[analysis, rows]: Parameters<Dependencies['draw']>) =>
  drawWidget(analysis, rows, drawingBundle(packageRoot(), 'widget.js'));
const show = (event: object) =>
  withLogs([OFFICE], async (records) =>
    createHandler({
      catalogue: packed,
      target: { catalogue: packed, engine: await DuckDbEngine.over(records), table: 'flow_records' },
      draw: drawn,
    })(event, { getRemainingTimeInMillis: () => 60_000 }),
  );

test('a bar chart is a table with bars, its text escaped', async () => {
  const html = await show({ analysis: 'top-rejected-sources', widgetContext });
  expect(html).toMatch(/^<table>.*<th>srcaddr<\/th>.*linear-gradient\(to right,rgba\(61,126,219,\.25\) 100%/);
  expect(html).not.toContain('<script');
});

test('a line chart is a drawing with axes and a legend, a heat map one with a scale', async () => {
  const lines = await show({ analysis: 'traffic-over-time', widgetContext });
  // Bytes and packets have no axis here: the chart is about records.
  expect([...lines.matchAll(/<bdi>([^<]*)<\/bdi>/g)].map(([, name]) => name)).toEqual(['accepted', 'rejected']);
  expect(lines).toMatch(/<path class="line" d="M[^"]*" fill="none" stroke="#d6492c"/);
  expect(lines).toContain('>05:00</text>');
  const cells = await show({ analysis: 'traffic-heat-map', widgetContext });
  expect(cells).toMatch(/<figcaption class="keys"><span>0<\/span>.*<rect class="cell" fill="#3d7edb"/);
  expect(cells).toContain('<title>Fri, 5: 19</title>');
});

const HOUR = Date.UTC(2026, 10, 20);
const hourly = (values: Readonly<Record<number, object>>) =>
  Object.entries(values).map(([hour, row]) => ({ hour: new Date(HOUR + Number(hour) * 3_600_000).toISOString(), ...row }));

test('a missing hour is a gap, and time is to scale', () => {
  const analysis = packed.get('protocol-records-by-hour');
  const rows = hourly({ 0: { records: 1 }, 1: { records: 1 }, 2: { records: 1 }, 6: { records: 1 }, 8: { records: 1 }, 9: { records: 1 } });
  const html = drawn(
    analysis,
    rows.map((row) => ({ ...row, protocol: 6, bytes: 0 })),
  );
  const starts = [...html.matchAll(/(?:d="M|cx=")([\d.]+)/g)].map(([, x]) => Number(x));
  // 9 hours on 724 points from 60.
  expect(starts.map((x) => Math.round(((x - 60) * 9) / 724))).toEqual([0, 6, 8]);
});

test('a comparison draws all its series, the past dashed in the colour of the present', () => {
  const row = {
    accepted: 5,
    accepted_day_before: 4,
    accepted_week_before: 3,
    rejected: 2,
    rejected_day_before: 1,
    rejected_week_before: 0,
  };
  const html = drawn(packed.get('traffic-compared'), hourly({ 0: row, 1: row }));
  expect([...html.matchAll(/<bdi>([^<]*)<\/bdi>/g)].map(([, name]) => name)).toEqual(
    Object.keys(row).map((name) => name.replaceAll('_', ' ')),
  );
  expect(/stroke="#3d7edb"[^>]*stroke-dasharray="5 3"/.exec(html)).not.toBeNull();
  expect(/stroke="#d6492c"[^>]*stroke-dasharray="1.5 3"/.exec(html)).not.toBeNull();
});

test('protocols have their names in the legend', () => {
  const rows = hourly({ 0: { protocol: 6, records: 1 } }).concat(hourly({ 0: { protocol: 17, records: 2 } }));
  expect(drawn(packed.get('protocol-records-by-hour'), rows)).toMatch(/<bdi>TCP<\/bdi>.*<bdi>UDP<\/bdi>/);
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
