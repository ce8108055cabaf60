// How soon the explorer shows its first picture, how quick a brush is in a real browser, and how long a report takes.
//   node bench/explore.mjs <folder of logs>    by itself; run.mjs calls it
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { BROWSER_ARGS, browserPath } from '../scripts/browser.mjs';

const CLI = 'dist/bin/flowlogs.js';
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const share = (values, p) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];

async function start(folder, env) {
  const began = performance.now();
  const child = spawn(process.execPath, [CLI, 'explore', folder, '--no-open', '--port', '0', '--threads', '2', '-q'], { env });
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (out += chunk));
  while (!out.includes('its key is in')) {
    if (child.exitCode !== null) throw new Error(`explore ended: ${out}`);
    await new Promise((done) => setTimeout(done, 2));
  }
  const link = readFileSync(/its key is in (\S+) /.exec(out)[1], 'utf8').trim();
  return { link, began, stop: () => new Promise((done) => (child.once('close', done), child.kill('SIGINT'))) };
}

async function firstPicture(browser, folder, env) {
  const running = await start(folder, env);
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(running.link);
  await page.waitForSelector('[data-testid="total-records"]');
  return { ...running, page, ms: performance.now() - running.began };
}

/** Milliseconds from each question to the frame that shows its answer. */
async function answers(page, act) {
  await page.evaluate(() => performance.clearMeasures());
  await act();
  await page.waitForTimeout(600);
  return page.evaluate(() => performance.getEntriesByName('answer').map(({ duration }) => duration));
}

async function drag(page, box, from, to, steps) {
  const y = box.y + box.height * 0.4;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  for (let i = 1; i <= steps; i++) {
    await page.mouse.move(box.x + box.width * (from + ((to - from) * i) / steps), y);
    await page.waitForTimeout(30);
  }
  await page.mouse.up();
}

const settled = (page) => page.waitForFunction(() => document.querySelector('.busy') === null);

export async function exploreRows({ folder, env = process.env, smoke = false, large = false }) {
  const browser = await chromium.launch({ executablePath: browserPath(), args: BROWSER_ARGS });
  const report = () => {
    const began = performance.now();
    const { status, stderr } = spawnSync(
      process.execPath,
      [CLI, 'report', folder, '-o', '.box/bench/report.html', '--threads', '2', '-q'],
      {
        env,
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(`report: ${stderr}`);
    return (performance.now() - began) / 1000;
  };
  const coldReport = large ? undefined : report();
  const warmReports = large ? [] : [report(), report(), report()];
  // The cache is warm now: tables are prepared and findings known.
  let first = await firstPicture(browser, folder, env);
  const pictures = [first.ms];
  for (let i = 0; i < (smoke ? 0 : 4); i++) {
    await first.stop();
    first = await firstPicture(browser, folder, env);
    if (!large || i > 0) pictures.push(first.ms);
  }
  const { page } = first;
  await page.waitForTimeout(large ? 4000 : 1500);
  const box = await page.locator('[data-testid="time-brush"]').boundingBox();
  const all = await answers(page, async () => {
    for (const [from, to] of [
      [0.1, 0.3],
      [0.8, 0.4],
      [0.5, 0.95],
    ])
      await drag(page, box, from, to, 25);
  });
  // Under a filter, with what the idle page prepared; then a view that nobody has touched.
  await page.getByRole('button', { name: 'Clear time' }).click();
  await page.getByRole('button', { name: 'rejected', exact: true }).click();
  await settled(page);
  await page.waitForTimeout(large ? 20_000 : 3000);
  const filtered = await answers(page, async () => {
    await drag(page, box, 0.2, 0.6, 25);
    await drag(page, box, 0.9, 0.5, 25);
  });
  await page.getByRole('button', { name: 'Clear all' }).click();
  await settled(page);
  await page.waitForTimeout(1000);
  const touch = await answers(page, async () => {
    const histogram = page.locator('section', { has: page.getByRole('heading', { name: 'Bytes per record' }) }).locator('svg');
    await histogram.scrollIntoViewIfNeeded();
    const at = await histogram.boundingBox();
    await page.mouse.move(at.x + at.width * 0.3, at.y + 60);
    await page.waitForTimeout(200);
    await drag(page, at, 0.3, 0.6, 2);
    await page.waitForTimeout(100);
    await settled(page);
  });
  await first.stop();
  await browser.close();
  const brush = [...all, ...filtered];
  console.log(
    `explore: first picture ${pictures.map((ms) => ms.toFixed(0)).join(', ')} ms; brush ${median(all).toFixed(0)} ms, under a filter ${median(filtered).toFixed(0)} ms (${brush.length} answers); first touch ${Math.max(...touch).toFixed(0)} ms` +
      (large ? '' : `; report ${coldReport.toFixed(1)} s, again ${median(warmReports).toFixed(2)} s`),
  );
  if (large)
    return [
      ['explore 50 M: brush, median ms', median(brush), '<=', 1000],
      ['explore 50 M: first picture, s', median(pictures) / 1000, '<=', 5],
    ];
  return [
    ['explore: first picture, s', median(pictures) / 1000, '<=', 1.5],
    ['explore: brush, median ms', median(brush), '<=', 80],
    ['explore: brush, 95 % ms', share(brush, 0.95), '<=', 300],
    ['explore: first touch of a view, s', Math.max(...touch) / 1000, '<=', 1.2],
    ['report, s', median(warmReports), '<=', 6],
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, value, sign, target] of await exploreRows({
    folder: resolve(process.argv[2]),
    large: process.argv.includes('--large'),
  }))
    console.log(`${name}: ${value.toFixed(2)} (target ${sign} ${target})`);
