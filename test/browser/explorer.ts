import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export const ROOT = join(__dirname, '..', '..');
const CLI = join(ROOT, 'dist', 'bin', 'flowlogs.js');
export const SCREENSHOTS = join(ROOT, '.box', 'screenshots');

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '', args: (process.env['CHROMIUM_ARGS'] ?? '').split(' ') });

export interface Running {
  /** With the key in it. */
  readonly link: string;
  readonly origin: string;
  readonly key: string;
  /** What it has printed so far. */
  readonly printed: () => string;
  readonly stop: () => Promise<number | null>;
}

const environment = (cache: string) => ({ ...process.env, FLOWLOGS_CACHE: cache, NO_COLOR: '1' });

/** The command as users start it, its output kept. */
export async function explore(args: readonly string[], cache: string): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, [CLI, 'explore', ...args, '--no-open', '--port', '0'], {
    cwd: ROOT,
    env: environment(cache),
  });
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const file = await new Promise<string>((resolve, reject) => {
    const look = setInterval(() => {
      const found = /its key is in (\S+) /.exec(printed)?.[1];
      if (found === undefined && child.exitCode === null) return;
      clearInterval(look);
      if (found === undefined) reject(new Error(`explore ended: ${printed}`));
      else resolve(found);
    }, 20);
  });
  const link = readFileSync(file, 'utf8').trim();
  return {
    link,
    origin: new URL(link).origin,
    key: /#key=(.+)$/.exec(link)?.[1] ?? '',
    printed: () => printed,
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

/** Runs a command that the page offers, or one of ours, and answers its rows. */
export function rowsOf(command: string, cache: string): Promise<Record<string, string | number | null>[]> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `${command.replace(/^flowlogs /, `"${process.execPath}" "${CLI}" `)} -q -f json`], {
      cwd: ROOT,
      env: environment(cache),
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(out) as Record<string, string | number | null>[]) : reject(new Error(`${command}: ${err}`)),
    );
  });
}

/** A page that fails the test on any error in its console. */
export async function openPage(context: BrowserContext, address: string): Promise<{ page: Page; problems: string[] }> {
  const problems: string[] = [];
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) void response.text().then((text) => problems.push(`${response.url()}: ${text}`));
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  await page.waitForSelector('[data-testid="total-records"]');
  await settled(page);
  return { page, problems };
}

/** Until the newest question is answered and drawn. */
export async function settled(page: Page): Promise<void> {
  // A frame in which the page takes in what happened to it, and one in which that is drawn.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await page.waitForFunction(() => document.querySelector('.busy') === null);
}

export const total = async (page: Page, name = 'records'): Promise<number> =>
  Number(await page.getByTestId(`total-${name}`).getAttribute('data-value'));

/** Key and value of each bar in a card. */
export const bars = (page: Page, title: string): Promise<[string, number][]> =>
  page
    .locator('section', { has: page.getByRole('heading', { name: title, exact: true }) })
    .locator('button.bar-row[data-key]')
    .evaluateAll((rows) =>
      rows.map((row): [string, number] => [row.getAttribute('data-key') ?? '', Number(row.getAttribute('data-value'))]),
    );

/** Drags over a part of an element: shares of its width. */
export async function drag(page: Page, selector: string, from: number, to: number): Promise<void> {
  const element = page.locator(selector).first();
  await element.scrollIntoViewIfNeeded();
  const box = await element.boundingBox();
  if (box === null) throw new Error(`${selector} is not shown`);
  const y = box.y + box.height * 0.4;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  for (let i = 1; i <= 8; i++) await page.mouse.move(box.x + box.width * (from + ((to - from) * i) / 8), y);
  await page.mouse.up();
  await settled(page);
}

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
