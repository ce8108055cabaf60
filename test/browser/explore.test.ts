import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openInBrowser } from '../../cli/browser';
import { decodeState } from '../../lib/explore/state';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { generate } from '../../lib/synthetic/generate';
import { PLANTS } from '../../lib/synthetic/plant';
import { bars, drag, explore, launch, openPage, ROOT, rowsOf, type Running, screenshot, settled, total } from './explorer';

const SAMPLE = join('samples', 'aws-honeypot-marx', 'marx.2-hosts.v2.log.gz');
const folder = mkdtempSync(join(tmpdir(), 'flowlogs-browser-'));
const cache = join(folder, 'cache');
const logs = join(folder, 'logs');
const FROM = Date.UTC(2026, 10, 20) / 1000;

let browser: Browser;
let generated: Running;
let honeypot: Running;

beforeAll(async () => {
  await generate(logs, {
    seed: 3,
    format: parseFormat('all'),
    layout: LAYOUTS['plain-hourly']!,
    account: '123456789012',
    region: 'us-east-1',
    records: 60_000,
    from: FROM,
    to: FROM + 48 * 3600,
    hosts: 40,
    plants: PLANTS,
  });
  [browser, generated, honeypot] = await Promise.all([
    launch(),
    explore([join(logs, 'AWSLogs'), '--group', 'web=10.0.0.0/25'], cache),
    explore([SAMPLE], cache),
  ]);
});
afterAll(async () => {
  await browser.close();
  expect(await generated.stop()).toBe(0);
  expect(await honeypot.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

let context: BrowserContext;
let page: Page;
let problems: string[];
const start = async (running: Running, query = '') => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
  ({ page, problems } = await openPage(context, running.link));
  if (query !== '') {
    await page.goto(`${running.origin}/?${query}`);
    await page.waitForSelector('[data-testid="total-records"], .card');
    await settled(page);
  }
};
afterEach(async () => {
  expect(problems).toEqual([]);
  await context.close();
});

const sql = async (text: string, source = join(logs, 'AWSLogs')) => rowsOf(`flowlogs sql "${text}" ${source}`, cache);
const stateOf = () => decodeState(new URL(page.url()).search.slice(1));
const card = (title: string) => page.locator('section', { has: page.getByRole('heading', { name: title, exact: true }) });

/** What "copy as flowlogs command" offers for a card. */
async function commandOf(title: string): Promise<string> {
  await card(title)
    .getByRole('button', { name: `Copy “${title}”` })
    .click();
  const text = card(title).locator('dialog pre');
  await page.waitForFunction((pre) => pre.textContent !== 'Writing …', await text.elementHandle());
  const command = (await text.textContent()) ?? '';
  await card(title).getByRole('button', { name: 'Close' }).click();
  return command;
}

test('the honeypot: the first picture says what flowlogs query says', async () => {
  await start(honeypot);
  expect(await total(page)).toBe(48048);
  const top = await rowsOf(`flowlogs query top-rejected-sources ${SAMPLE} --param limit=10`, cache);
  expect(await bars(page, 'Sources')).toEqual(top.map((row) => [row['srcaddr'], row['records']]));
  await page.getByRole('button', { name: 'bytes', exact: true }).click();
  await settled(page);
  const bytes = await rowsOf(
    `flowlogs sql "SELECT dstaddr, sum(bytes) AS bytes FROM flow_records GROUP BY 1 ORDER BY 2 DESC" ${SAMPLE}`,
    cache,
  );
  expect(await bars(page, 'Destinations')).toEqual(bytes.map((row) => [row['dstaddr'], row['bytes']]));
});

test('a brush over time narrows every other view, and its address brings it back', async () => {
  await start(generated);
  const before = await total(page);
  await drag(page, '[data-testid="time-brush"]', 0.3, 0.5);
  const { brush } = stateOf();
  const [counted] = await sql(`SELECT count(*) AS n FROM flow_records WHERE start >= ${brush?.from ?? 0} AND start < ${brush?.to ?? 0}`);
  expect(await total(page)).toBe(counted?.['n']);
  expect(await total(page)).toBeLessThan(before);
  // The text that the page offers gives what the page shows.
  const shown = await bars(page, 'Destination ports');
  expect((await rowsOf(await commandOf('Destination ports'), cache)).map((row) => [String(row['dstport']), row['records']])).toEqual(shown);
  await screenshot(page, 'brush-light-1440');
  const second = await openPage(context, page.url());
  expect(await total(second.page)).toBe(counted?.['n']);
  expect(await bars(second.page, 'Destination ports')).toEqual(shown);
  expect(second.problems).toEqual([]);
  await page.goBack();
  await settled(page);
  expect(await total(page)).toBe(before);
});

test('the brush works from the keyboard', async () => {
  await start(generated);
  await page.getByRole('button', { name: 'Select a time' }).press('Enter');
  await settled(page);
  const { brush } = stateOf();
  const slider = page.getByRole('slider', { name: 'End of the selected time' });
  await slider.focus();
  await slider.press('ArrowRight');
  await settled(page);
  expect(stateOf().brush?.to).toBeGreaterThan(brush?.to ?? Infinity);
  expect(stateOf().brush?.from).toBe(brush?.from);
  await page.getByRole('button', { name: 'Zoom in' }).press('Enter');
  await settled(page);
  expect(stateOf().range).toEqual({ from: brush?.from, to: (brush?.to ?? 0) + 600 });
  expect(stateOf().brush).toBeUndefined();
});

test('filters: bars, pairs, sizes, hours, several at once, and all away again', async () => {
  await start(generated);
  await page.getByRole('button', { name: 'rejected', exact: true }).click();
  await settled(page);
  const top = await rowsOf(`flowlogs query top-rejected-sources ${join(logs, 'AWSLogs')} --param limit=10`, cache);
  expect(await bars(page, 'Sources')).toEqual(top.map((row) => [row['srcaddr'], row['records']]));
  await card('Destination ports').locator('button.bar-row').first().click();
  await settled(page);
  const port = stateOf().filters.dstport?.values[0];
  const [both] = await sql(`SELECT count(*) AS n FROM flow_records WHERE action = 'REJECT' AND dstport = ${port}`);
  expect(await total(page)).toBe(both?.['n']);
  await card('Destination ports').locator('button.bar-row').first().click();
  await page.getByRole('button', { name: 'Remove filter action REJECT' }).click();
  await settled(page);
  await card('Bytes per record')
    .getByRole('button', { name: /^100 B to under/ })
    .click();
  await settled(page);
  const [small] = await sql('SELECT count(*) AS n FROM flow_records WHERE bytes >= 100 AND bytes < 200');
  expect(await total(page)).toBe(small?.['n']);
  await card('Hour and weekday').getByRole('button', { name: 'All of Fri' }).click();
  await settled(page);
  const [friday] = await sql(
    `SELECT count(*) AS n FROM flow_records WHERE bytes >= 100 AND bytes < 200 AND start >= ${FROM} AND start < ${FROM + 86400}`,
  );
  expect(await total(page)).toBe(friday?.['n']);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await settled(page);
  await card('Between networks')
    .getByRole('button', { name: /^public to web/ })
    .click();
  await settled(page);
  expect(stateOf().filters).toEqual({
    source_group: { values: ['public'], exclude: false },
    destination_group: { values: ['web'], exclude: false },
  });
  expect((await rowsOf(await commandOf('Sources'), cache)).map((row) => [row['srcaddr'], row['records']])).toEqual(
    await bars(page, 'Sources'),
  );
});

test('compare says how it was in the period before', async () => {
  const [day, next] = [FROM, FROM + 86400].map((at) => new Date(at * 1000).toISOString().slice(0, 19) + 'Z');
  await start(generated, `range=${next}/${new Date((FROM + 172800) * 1000).toISOString().slice(0, 19)}Z`);
  await page.getByRole('button', { name: 'Compare' }).click();
  await settled(page);
  const [now] = await sql(`SELECT count(*) AS n FROM flow_records WHERE start >= ${FROM + 86400}`);
  const [before] = await sql(`SELECT count(*) AS n FROM flow_records WHERE start < ${FROM + 86400}`);
  const share = Math.round((100 * Number(now?.['n'])) / Number(before?.['n']) - 100);
  const expected = share === 0 ? '±0' : `${share > 0 ? '+' : '−'}${Math.abs(share)}%`;
  await expect(page.getByTestId('total-records').textContent()).resolves.toContain(`${expected} compared with the previous period`);
  expect(day).toBe('2026-11-20T00:00:00Z');
  await screenshot(page, 'compare-light-1440');
});

test('a finding leads to its time, its actor and its evidence', async () => {
  await start(generated);
  await page.getByRole('link', { name: /^Findings/ }).click();
  const finding = page.getByRole('button', { name: /tried 600 ports/ });
  await finding.waitFor({ timeout: 60_000 });
  await screenshot(page, 'findings-light-1440');
  const title = (await finding.textContent()) ?? '';
  await finding.click();
  await page.getByRole('heading', { name: title }).waitFor();
  await settled(page);
  const [source, destination] = [/^(\S+)/.exec(title)?.[1], / of (\S+): all refused$/.exec(title)?.[1]];
  const { brush, filters } = stateOf();
  expect(filters).toMatchObject({ srcaddr: { values: [source] }, dstaddr: { values: [destination] } });
  const [seen] = await sql(
    `SELECT count(*) AS n, count(DISTINCT dstport) AS ports FROM flow_records WHERE srcaddr = '${source}' AND dstaddr = '${destination}' AND start >= ${brush?.from ?? 0} AND start < ${brush?.to ?? 0}`,
  );
  expect(await total(page)).toBe(seen?.['n']);
  expect(seen?.['ports']).toBe(600);
  await expect(card(title).textContent()).resolves.toContain('600');
  await screenshot(page, 'finding-light-1440');
});

test('findings in one place are one mark, which lists them and no others', async () => {
  await start(generated, 'by=records');
  const all = page.getByRole('link', { name: /^Findings\s*\d/ });
  await all.waitFor({ timeout: 60_000 });
  const found = Number(/\d+/.exec((await all.textContent()) ?? '')?.[0]);
  const marks = page.locator('.strip .mark');
  await marks.first().waitFor();
  const labels = await marks.evaluateAll((list) => list.map((mark) => mark.getAttribute('aria-label') ?? ''));
  const sizes = labels.map((label) => Number(/^(\d+) findings/.exec(label)?.[1] ?? 1));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(found);
  const several = sizes.findIndex((size) => size > 1);
  // Of a day's mark its beginning: shorter ones lie upon the rest.
  await marks.nth(several).click({ position: { x: 3, y: 4 } });
  await page.getByText(`${sizes[several]} of ${found} found by the detections, from `).waitFor();
  expect(await page.locator('table.rows tbody tr').count()).toBe(sizes[several]);
  await page.reload();
  await page.getByText(`${sizes[several]} of ${found} found by the detections, from `).waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByText(`${found} found by the detections.`).waitFor();
  expect(await page.locator('table.rows tbody tr').count()).toBe(found);
});

test('records: as many as counted, sorted, scrolled far, saved', async () => {
  await start(generated, 'dstport=443&view=records');
  const [counted] = await sql('SELECT count(*) AS n, max(bytes) AS most FROM flow_records WHERE dstport = 443');
  await page.getByText(`${Number(counted?.['n']).toLocaleString('en-US')} flow-log records match`).waitFor();
  await page.getByRole('button', { name: 'bytes', exact: true }).last().click();
  await page.getByRole('button', { name: /^bytes ↑/ }).click();
  await page.getByRole('button', { name: /^bytes ↓/ }).waitFor();
  const column = (await page.locator('.records th').allTextContents()).findIndex((text) => text.startsWith('bytes'));
  const first = page.locator('.records tbody tr[aria-rowindex="2"] td').nth(column);
  await page.waitForFunction((cell) => cell.textContent !== '…', await first.elementHandle());
  const most = Number(counted?.['most']);
  expect(parseFloat((await first.textContent()) ?? '')).toBeCloseTo(most >= 1e9 ? most / 1e9 : most >= 1e6 ? most / 1e6 : most / 1e3, 0);
  await page.locator('.records').evaluate((box) => box.scrollTo(0, 28 * 3000));
  await page.locator('.records tbody tr[aria-rowindex="3010"]').waitFor();
  await page.waitForFunction(() => document.querySelector('.records tbody tr[aria-rowindex="3010"] td')?.textContent !== '…');
  await screenshot(page, 'records-light-1440');
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()]);
  const path = join(folder, 'records.csv');
  await saved.saveAs(path);
  const { readFileSync } = await import('node:fs');
  expect(readFileSync(path, 'utf8').trim().split('\n').length - 1).toBe(counted?.['n']);
});

test('questions: a form for the parameters, the same rows as on the command line', async () => {
  await start(generated);
  await page.getByRole('link', { name: 'Questions' }).click();
  await page.getByLabel('Search questions').fill('rejected sources');
  await page.getByRole('button', { name: 'Top rejected sources' }).click();
  await page.getByLabel('limit').fill('5');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.waitForFunction(() => document.querySelectorAll('.records.short tbody tr').length === 5);
  const shown = await page
    .locator('.records.short tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.dataset['value'])));
  const rows = await rowsOf(`flowlogs query top-rejected-sources ${join(logs, 'AWSLogs')} --param limit=5`, cache);
  expect(shown).toEqual(rows.map((row) => [row['srcaddr'], String(row['records'])]));
  expect(new URL(page.url()).searchParams.get('p.limit')).toBe('5');
  await screenshot(page, 'question-light-1440');
  await page.getByLabel('Search questions').fill('weekday');
  await page.getByRole('button', { name: 'Traffic by hour and weekday' }).click();
  await page.locator('.card svg .cell').first().waitFor();
});

test('an empty selection, a bad address and a lost server are said in words', async () => {
  await start(generated, 'srcaddr=192.0.2.99');
  expect(await total(page)).toBe(0);
  await expect(card('Destinations').textContent()).resolves.toContain('No data.');
  await screenshot(page, 'empty-light-1440');
  await page.goto(`${generated.origin}/?dstport=ssh`);
  await page.getByText('The link is invalid').waitFor();
  await page.getByText('expected whole numbers and ranges').waitFor();
});

test.each([
  ['overview', ''],
  ['findings', 'view=findings'],
  ['questions', 'view=questions&question=top-rejected-sources'],
  ['records', 'view=records'],
])('%s has no serious accessibility problem, in light and dark, wide and narrow', async (name, query) => {
  await start(generated, query);
  await page.waitForTimeout(1000);
  for (const [scheme, width] of [
    ['light', 1440],
    ['dark', 1440],
    ['light', 800],
    ['dark', 800],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 900 });
    await settled(page);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => ({ id, where: nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)) }))).toEqual([]);
    // Nothing sticks out of the page.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await screenshot(page, `${name}-${scheme}-${width}`);
  }
});

test('the page that the browser is given leads to the explorer with its key', async () => {
  await openInBrowser(folder, generated.link, { PATH: '', DISPLAY: ':0' });
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(pathToFileURL(join(folder, 'explore.html')).href);
  await page.waitForSelector('[data-testid="total-records"]');
  expect(page.url()).toBe(`${generated.origin}/`);
});

test('only its own page, with the key, gets answers; the key is nowhere printed', async () => {
  await start(generated);
  expect(page.url()).not.toContain(generated.key);
  const stranger = await context.newPage();
  await stranger.goto(`${honeypot.origin}/`);
  const outcome = await stranger.evaluate(
    ([address, key]) =>
      fetch(`${address}/api/about`, {
        method: 'POST',
        body: '{}',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      }).then(
        () => 'answered',
        () => 'refused',
      ),
    [generated.origin, generated.key] as const,
  );
  expect(outcome).toBe('refused');
  const simple = await stranger.evaluate(
    (address) =>
      fetch(`${address}/api/about`, { method: 'POST', body: '{}', mode: 'no-cors' }).then(
        (response) => response.type,
        () => 'refused',
      ),
    generated.origin,
  );
  expect(['refused', 'opaque']).toContain(simple);
  await stranger.close();
  expect(generated.printed()).not.toContain(generated.key);
  const keyless = await browser.newContext();
  const unknown = await keyless.newPage();
  await unknown.goto(generated.origin);
  await unknown.getByRole('heading', { name: 'Access key required' }).waitFor();
  await keyless.close();
  expect(ROOT).not.toBe('');
});
