import { join } from 'node:path';
import MarkdownIt from 'markdown-it';
import { createHandler } from '../../lambda/daily-report/handler';
import { Catalogue } from '../../lib/analysis/catalogue';
import { openPacked, packCatalogue } from '../../lib/analysis/packed';
import { type Open, openExplorer } from '../../lib/explore/open';
import { type Finding, findingsOf, stateOfFinding } from '../../lib/finding/finding';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { packageRoot } from '../../lib/package-root';
import { askEngine } from '../../lib/report/ask';
import { drawingBundle, drawReport } from '../../lib/report/drawing';
import { markdownOf } from '../../lib/report/markdown';
import { panelsOf, type ReportModel, worstFirst } from '../../lib/report/model';
import { sentencesOf } from '../../lib/report/sentences';
import { runAnalysis } from '../../lib/run';
import { openRecords, type Records } from '../../lib/source/records';
import { generate } from '../../lib/synthetic/generate';
import { PLANTS } from '../../lib/synthetic/plant';
import { temporaryFolder } from '../support/logs';

const folder = temporaryFolder();
const DAY = Date.UTC(2026, 10, 20) / 1000;
const catalogue = new Catalogue();
let records: Records;
let open: Open;

beforeAll(async () => {
  await generate(join(folder, 'logs'), {
    seed: 5,
    format: parseFormat('all'),
    layout: LAYOUTS['plain']!,
    account: '123456789012',
    region: 'us-east-1',
    records: 5000,
    from: DAY,
    to: DAY + 86400,
    hosts: 10,
    plants: PLANTS,
  });
  records = await openRecords([join(folder, 'logs', 'AWSLogs')], { cache: undefined, threads: 2, memory: '400MB' });
  const opened = await openExplorer(records, catalogue, { cache: undefined, groups: [{ name: 'lab', networks: ['10.0.1.0/24'] }] });
  if (opened === undefined) throw new Error('no records');
  open = opened;
});
afterAll(() => records.close());

const window = { from: DAY, to: DAY + 86400 };

async function model(more: Partial<ReportModel> = {}): Promise<ReportModel> {
  const answers = await panelsOf((panel, state) => open.explorer.panel(panel, state), open.prepared.panels, window, true);
  return {
    title: 'A day',
    window,
    domain: open.explorer.domain({ measure: 'records', compare: false, filters: {}, range: window }),
    ...answers,
    findings: [],
    found: 0,
    bySeverity: {},
    notJudged: [],
    notes: [],
    quality: { files: 1, lines: 10, rejectedLines: 2, badValues: 0, skippedFiles: 0, timeless: 3 },
    provenance: { version: '1', made: '2026-11-21T00:00:00Z', sources: ['logs'], command: 'flowlogs report logs', inputs: undefined },
    ...more,
  };
}

test('the texts that a scheduled report runs give what the explorer shows', async () => {
  const here = await panelsOf((panel, state) => open.explorer.panel(panel, state), open.prepared.panels, window, true);
  const there = await panelsOf(askEngine(open.engine, window, open.context), open.prepared.panels, window, true);
  expect(Object.keys(here.panels)).toEqual(open.prepared.panels.map(({ id }) => id));
  const sorted = (rows: ReportModel['panels']) =>
    Object.fromEntries(
      Object.entries(rows).map(([id, list]) => [id, [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))]),
    );
  expect(sorted(there.panels)).toEqual(sorted(here.panels));
  expect(there.rejected).toEqual(here.rejected);
});

test('sentences say the numbers', async () => {
  const [row] = (
    await open.engine.run(
      "SELECT count(*) AS n, count_if(action = 'ACCEPT') AS a, count_if(action = 'REJECT') AS r, count_if(action IS NULL) AS o, sum(packets) AS p FROM flow_records",
    )
  ).rows;
  const text = sentencesOf(await model()).join('\n');
  for (const name of ['n', 'a', 'r', 'o', 'p']) expect(text).toContain(Number(row?.[name]).toLocaleString('en-US'));
  expect(text).toContain('The detections found nothing unusual.');
  const partly = await model({ notJudged: [{ detection: 'unusual-egress', why: 'fields', reason: 'these logs lack bytes' }] });
  expect(sentencesOf(partly).join('\n')).toContain('The detections found nothing unusual in what they could judge.');
  expect(markdownOf(partly)).toContain('- Not judged: unusual-egress: these logs lack bytes.');
  expect(drawReport(partly, drawingBundle(packageRoot(), 'report.js'))).toContain('Not judged: unusual-egress: these logs lack bytes.');
  expect(sentencesOf(await model({ panels: {} }))).toEqual(['No flow-log records between 2026-11-20 00:00 UTC and 2026-11-21 00:00 UTC.']);
});

test('the worst come first, and one detection that finds much does not hide the others', () => {
  const finding = (detection: string, severity: string, time: string) =>
    ({ detection, severity, time, key: `${detection}/${time}` }) as unknown as Finding;
  const many = Array.from({ length: 5 }, (_, i) => finding('loud', 'medium', `2026-11-20T0${i}:00:00Z`));
  const order = worstFirst([...many, finding('quiet', 'medium', '2026-11-19T00:00:00Z'), finding('bad', 'high', '2026-11-18T00:00:00Z')]);
  expect(order.slice(0, 3).map(({ key }) => key)).toEqual([
    'bad/2026-11-18T00:00:00Z',
    'loud/2026-11-20T04:00:00Z',
    'quiet/2026-11-19T00:00:00Z',
  ]);
  expect(order).toHaveLength(7);
});

test('Markdown: nothing of the logs becomes markup', async () => {
  const key = ['<img src=x>|`code`](http://evil) **bold**'];
  const text = markdownOf(await model({ panels: { srcaddr: [{ key, records: 1, rejected: 0, bytes: 0, packets: 0 }] }, title: '# <b>' }));
  const html = new MarkdownIt({ html: true, linkify: true }).render(text);
  expect(html).not.toMatch(/<(?:a|img|b|strong)\b/);
  expect(html.replace(/<\/?code>/g, '')).toContain('<td>&lt;img src=x&gt;|`code`](http://evil) **bold**</td>');
  expect(html.replace(/<\/?code>/g, '')).toContain('<h1># &lt;b&gt;</h1>');
  expect(text).toContain('2 of 10 lines rejected');
  expect(text).toContain(', 3 records without a start left out.');
  expect(text).toContain('```sh\nflowlogs report logs\n```');
});

test('HTML: one file without script or anything from elsewhere', async () => {
  const html = drawReport(await model(), drawingBundle(packageRoot(), 'report.js'));
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\/(?!www\.w3\.org)/);
  expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
  expect(html.length).toBeLessThan(3_000_000);
  expect(html).toContain('3 records without a start');
  for (const heading of [
    'Accepted and rejected over time',
    'Traffic between addresses',
    'Most rejected sources',
    'Data quality and provenance',
  ])
    expect(html).toContain(heading);
});

test('the daily report: the day before, its findings with their past, what was not judged, told with its address', async () => {
  await records.db.rows('CREATE TABLE kept_hours AS SELECT DISTINCT "start" / 3600 * 3600 AS "start" FROM flow_records');
  const kept = { interface_hours: { table: 'kept_hours', partitions: [] } };
  const analysis = catalogue.get('vertical-scan');
  const { result } = await runAnalysis({ catalogue, engine: open.engine, table: 'flow_records' }, { analysis, window });
  const incidents = findingsOf(analysis, result.rows).map((finding) => ({
    state: stateOfFinding(finding),
    detection: analysis.id,
    revision: 1,
    expires: 0,
  }));
  expect(incidents.length).toBeGreaterThan(0);
  const told: string[] = [];
  let drawn: ReportModel | undefined;
  const packed = openPacked(packCatalogue(catalogue, ['vertical-scan', 'unusual-egress']));
  const handler = createHandler({
    stack: 'Stack',
    version: '1',
    engine: open.engine,
    catalogue: packed,
    context: { ...open.context, table: 'flow_records' },
    relations: kept,
    scheduled: ['vertical-scan', 'unusual-egress'],
    notScheduled: [{ detection: 'threat-list-match', why: 'not-scheduled', reason: 'needs a value for networks' }],
    states: (from, to) => {
      expect({ from, to }).toEqual(window);
      return Promise.resolve([...incidents, { ...incidents[0]!, detection: 'gone' }]);
    },
    draw: (one) => {
      drawn = one;
      return drawReport(one, drawingBundle(packageRoot(), 'report.js'));
    },
    write: (day, html) => Promise.resolve(`https://reports/${day}?${html.length > 0}`),
    tell: (subject, body) => Promise.resolve(void told.push(subject, body)),
    now: () => (DAY + 100_000) * 1000,
  });
  const written = await handler({ scheduledTime: '2026-11-21T01:30:00Z' });
  expect(written).toEqual({
    day: '2026-11-20',
    url: 'https://reports/2026-11-20?true',
    records: records.totals.records,
    findings: incidents.length,
  });
  expect(drawn?.notes).toEqual(['1 findings of detections that are no longer deployed.']);
  expect(drawn?.findings[0]?.finding.title).toBe(findingsOf(analysis, result.rows)[0]?.title);
  expect(told[0]).toBe(`[report] Flow logs on 2026-11-20: ${incidents.length} finding${incidents.length === 1 ? '' : 's'}`);
  expect(drawn?.notJudged.map(({ detection, why }) => [detection, why])).toEqual([
    ['threat-list-match', 'not-scheduled'],
    ['unusual-egress', 'warm-up'],
  ]);
  expect(told[1]).toContain('Not judged: threat-list-match: needs a value for networks.');
  expect(told[1]).toContain('Not judged: unusual-egress: 72 hours of history are needed, there are 24: 48 hours lacking');
  expect(told[1]).toContain('Report: https://reports/2026-11-20?true');
  await expect(handler({ day: 'yesterday' })).rejects.toThrow('expected a day such as 2026-11-20');
});
