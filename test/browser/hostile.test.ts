import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { explore, launch, openPage, ROOT, type Running, screenshot, settled, total } from './explorer';

const VALUES = [
  '<img/src=x/onerror=alert(1)>',
  '"><script>alert(2)</script>',
  "';DROP/**/TABLE/**/flow_records;--",
  '\u202egnp.exe',
  '\u0007bell\u001b[31m',
  '{{constructor.constructor("alert(3)")()}}',
  'javascript:alert(4)',
  `long-${'x'.repeat(200)}`,
  '</style><svg/onload=alert(5)>',
  'שלום',
];
const FIELDS = [
  'account-id',
  'interface-id',
  'srcaddr',
  'dstaddr',
  'action',
  'log-status',
  'vpc-id',
  'subnet-id',
  'instance-id',
  'flow-direction',
  'region',
];

const folder = mkdtempSync(join(tmpdir(), 'flowlogs-hostile-'));
const cache = join(folder, 'cache');
const log = join(folder, '<b>logs.log');
let browser: Browser;
let running: Running;

beforeAll(async () => {
  const header = [...FIELDS, 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'start', 'end'].join(' ');
  const lines = VALUES.map((value, i) =>
    [...FIELDS.map(() => value), 1000 + i, 22, 6, 1, 40, 1790000000 + i * 60, 1790000060 + i * 60].join(' '),
  );
  writeFileSync(log, `${[header, ...lines].join('\n')}\n`);
  [browser, running] = await Promise.all([launch(), explore([log, '--group', '<i>net</i>=10.0.0.0/8'], cache)]);
});
afterAll(async () => {
  await browser.close();
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('hostile values are text in every view, and can be filtered by', async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const { page, problems } = await openPage(context, running.link);
  expect(await total(page)).toBe(VALUES.length);
  const own = async () => ({
    injected: await page.locator('img, iframe, script:not([src="app.js"]), svg[onload], b:has-text("logs"), i:has-text("net")').count(),
    ran: await page.evaluate(() => document.title),
  });
  expect(await own()).toEqual({ injected: 0, ran: 'flowlogs explore' });
  for (const value of VALUES) {
    // Every one alone: what the page sends back is the value itself.
    const bar = page.locator('button.bar-row[data-key]').filter({ has: page.locator('bdi') });
    const index = await bar.evaluateAll((rows, wanted) => rows.findIndex((row) => row.getAttribute('data-key') === wanted), value);
    expect({ value, shown: index >= 0 }).toEqual({ value, shown: true });
    await bar.nth(index).click();
    await settled(page);
    expect(await total(page)).toBe(1);
    expect(await own()).toEqual({ injected: 0, ran: 'flowlogs explore' });
    await page.getByRole('button', { name: 'Clear all' }).click();
    await settled(page);
  }
  await screenshot(page, 'hostile-light-1440');
  for (const view of ['Records', 'Questions', 'Findings']) {
    await page.getByRole('link', { name: new RegExp(`^${view}`) }).click();
    await page.waitForTimeout(400);
    expect(await own()).toEqual({ injected: 0, ran: 'flowlogs explore' });
  }
  await page.getByRole('link', { name: 'Records' }).click();
  await page.getByText('"><script>alert(2)</script>', { exact: true }).first().waitFor();
  expect(problems).toEqual([]);
  await context.close();
});

test('and in a report', async () => {
  const file = join(folder, 'report.html');
  const args = [join(ROOT, 'dist', 'bin', 'flowlogs.js'), 'report', log, '-o', file, '--title', '<script>alert(6)</script>'];
  const { status, stderr } = spawnSync(process.execPath, args, { env: { ...process.env, FLOWLOGS_CACHE: cache }, encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const text = readFileSync(file, 'utf8');
  expect(text).not.toMatch(/<script|<img|<svg\/onload/i);
  expect(text).toContain('&lt;script>alert(6)');
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('dialog', (dialog) => problems.push(dialog.message()));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) problems.push(request.url());
  });
  await page.goto(`file://${file}`);
  await page.getByRole('heading', { name: 'alert(6)' }).waitFor();
  expect(problems).toEqual([]);
  await context.close();
});
