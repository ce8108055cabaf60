import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { openInBrowser } from '../../cli/browser';
import { flowlogs } from '../support/cli';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';

const folder = temporaryFolder();
const cache = join(folder, 'cache');
const log = writeLog(folder, 'a.log', `${HEADER}\n${line()}\n${line({ start: 1790000100, action: 'ACCEPT' })}\n`);

test.each([
  [['explore', log, '--group', 'office'], 2, '--group "office": expected name=networks'],
  [['explore', log, '--group', 'office=10.0.0.0/8,nowhere'], 2, 'got "nowhere"; expected a network such as 10.0.0.0/8'],
  [['explore', log, '--group', 'private=10.0.0.0/8'], 2, 'private is what addresses outside all groups are called'],
  [['explore', log, '--group', 'office=@none.txt'], 2, 'no such file none.txt'],
  [['report', log, '--group', 'office='], 2, 'expected a network'],
  [['explore', log, '--port', 'http'], 2, 'expected a whole number'],
  [['explore', join(folder, 'none.log')], 1, 'none.log'],
  [['report', log, '--from', 'noon'], 2, 'noon'],
])('%j: exit %i, says why', async (args, code, why) => {
  const outcome = await flowlogs([...args, '--quiet'], { cache });
  expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code, stderr: expect.stringContaining(why) });
});

test('records without a start cannot be explored, and the error says what to do', async () => {
  const odd = writeLog(folder, 'odd.log', 'srcaddr dstaddr\n192.0.2.1 192.0.2.2\n');
  for (const command of ['explore', 'report']) {
    const { code, stderr } = await flowlogs([command, odd, '--quiet'], { cache });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/none of the records has a start time.*flowlogs describe/) });
  }
});

test('the stored findings have no names: a report says of them what it is asked to', async () => {
  const own = join(folder, 'scanned');
  const scan = writeLog(
    folder,
    'scan.log',
    `${HEADER}\n${Array.from({ length: 40 }, (_, i) => line({ dstport: 1000 + i, action: 'REJECT' }).replace('192.0.2.1', '8.8.8.8')).join('\n')}\n`,
  );
  const stored = () => {
    const store = join(own, 'explore');
    const name = existsSync(store) ? readdirSync(store).find((one) => one.endsWith('.findings.json')) : undefined;
    return name === undefined ? undefined : (JSON.parse(readFileSync(join(store, name), 'utf8')) as { findings: { title: string }[] });
  };
  await flowlogs(['explore', scan, '--port', '0', '--no-open', '--quiet'], {
    cache: own,
    onStart: (child) => {
      const poll = setInterval(() => {
        if (stored() === undefined) return;
        clearInterval(poll);
        child.kill('SIGINT');
      }, 100);
    },
  });
  expect(stored()?.findings.map(({ title }) => title)).toContainEqual(expect.stringMatching(/^8\.8\.8\.8 tried 40 ports/));
  const report = async (names: string) =>
    (await flowlogs(['report', scan, '-f', 'markdown', '--quiet', '--names', names], { cache: own })).stdout;
  expect(await report('none')).not.toContain('Google');
  expect(await report('auto')).toContain('8.8.8.8 (Google LLC, US) tried 40 ports');
});

test('a port that somebody asked for is not changed silently', async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  );
  const { code, stderr } = await flowlogs(['explore', log, '--port', String(port), '--no-open', '--quiet'], { cache });
  taken.close();
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('EADDRINUSE') });
});

test('the link is for the user alone, gone afterwards, and nowhere in the output', async () => {
  let link = '';
  let mode = 0;
  const outcome = await flowlogs(['explore', log, '--port', '0', '--no-open'], {
    cache,
    onStart: (child) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        const file = /its key is in (\S+) /.exec(chunk.toString())?.[1];
        if (file === undefined) return;
        link = readFileSync(file, 'utf8').trim();
        mode = statSync(file).mode & 0o777;
        child.kill('SIGINT');
      });
    },
  });
  expect(outcome.code).toBe(0);
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#key=[\w-]{43}$/);
  expect(mode).toBe(0o600);
  const key = link.slice(link.indexOf('=') + 1);
  expect(outcome.stdout + outcome.stderr).not.toContain(key);
  expect(existsSync(/its key is in (\S+) /.exec(outcome.stdout)?.[1] ?? '')).toBe(false);
});

test('the browser gets the key through a page that only the user can read, not through its command line', async () => {
  const bin = join(folder, 'bin');
  const heard = join(folder, 'heard');
  mkdirSync(bin);
  writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$@" > ${heard}.new; mv ${heard}.new ${heard}\n`, { mode: 0o755 });
  const link = 'http://127.0.0.1:7447/#key=secret-of-the-test';
  expect(await openInBrowser(folder, link, { PATH: process.env['PATH'] })).toBe(false);
  expect(await openInBrowser(folder, link, { PATH: `${bin}:${process.env['PATH'] ?? ''}`, DISPLAY: ':0' })).toBe(true);
  for (let i = 0; i < 300 && !existsSync(heard); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  const args = readFileSync(heard, 'utf8').trim();
  expect(args).toBe(join(folder, 'explore.html'));
  expect(statSync(args).mode & 0o777).toBe(0o600);
  expect(readFileSync(args, 'utf8')).toContain(`<meta http-equiv="refresh" content="0; url=${link}">`);
});

test('report: HTML to a file, Markdown to standard output, a window, inputs by their hashes', async () => {
  const out = join(folder, 'r.html');
  expect(await flowlogs(['report', log, '-o', out, '--quiet'], { cache })).toEqual({ code: 0, stdout: '', stderr: '' });
  const html = readFileSync(out, 'utf8');
  expect(html).toContain('2 flow-log records between 2026-09-21 14:13 UTC and 2026-09-21 14:15 UTC: 1 accepted and 1 rejected (50.0%).');
  const { createHash } = await import('node:crypto');
  expect(html).toContain(createHash('sha256').update(readFileSync(log)).digest('hex'));
  const { stdout, code } = await flowlogs(
    ['report', log, '-f', 'markdown', '--to', '2026-09-21T14:14Z', '--title', 'Only one', '--quiet'],
    {
      cache,
    },
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^# Only one\n\n- 1 flow-log record between/);
  expect(stdout).toContain(`flowlogs report ${log} -f markdown --to 2026-09-21T14:14Z --title 'Only one' --quiet`);
});

test('damaged tables in the cache are made again', async () => {
  const own = join(folder, 'own-cache');
  const once = await flowlogs(['report', log, '-f', 'markdown', '--quiet'], { cache: own });
  const { readdirSync } = await import('node:fs');
  const [tables] = readdirSync(join(own, 'explore')).filter((name) => name.endsWith('.duckdb'));
  writeFileSync(join(own, 'explore', tables!), 'no database');
  const again = await flowlogs(['report', log, '-f', 'markdown', '--quiet'], { cache: own });
  expect(again).toEqual({ ...once, stdout: expect.any(String) });
  const numbers = (text: string) => text.slice(0, text.indexOf('## Provenance'));
  expect(numbers(again.stdout)).toBe(numbers(once.stdout));
});
