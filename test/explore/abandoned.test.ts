import type { Server } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { Catalogue } from '../../lib/analysis/catalogue';
import { explorerApi } from '../../lib/explore/api';
import { openExplorer } from '../../lib/explore/open';
import { serve } from '../../lib/explore/server';
import { encodeState, EVERYTHING } from '../../lib/explore/state';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { openRecords, type Records } from '../../lib/source/records';
import { generate } from '../../lib/synthetic/generate';
import { temporaryFolder } from '../support/logs';

/** A page that goes away: whatever it asked, and whenever it goes, the next one gets its answers. */
const folder = temporaryFolder();
const KEY = 'a-key-of-the-test';
let records: Records;
let server: Server;
let port: number;

const state = encodeState(EVERYTHING);
const BODIES: Readonly<Record<string, object>> = {
  about: {},
  panels: { state, panels: ['summary', 'timeline', 'srcaddr', 'pairs'], active: 'bytes_size' },
  warm: { state, active: 'time' },
  records: { state, offset: 0, limit: 100, sort: { column: 'bytes', descending: true } },
  count: { state },
  export: { state },
  findings: {},
  analyses: {},
  analysis: { state, id: 'top-talkers', parameters: {} },
  texts: { state, panel: 'records' },
};

beforeAll(async () => {
  await generate(join(folder, 'logs'), {
    ...{ seed: 7, format: parseFormat('recommended'), layout: LAYOUTS['plain']!, account: '123456789012', region: 'us-east-1' },
    ...{ records: 5_000, from: 1790000100, to: 1790000100 + 6 * 3600, hosts: 40, plants: [] },
  });
  records = await openRecords([join(folder, 'logs', 'AWSLogs')], { cache: undefined, threads: 2, memory: '400MB' });
  const catalogue = new Catalogue();
  const open = await openExplorer(records, catalogue, { cache: undefined, groups: [] });
  const api = explorerApi({
    ...{ open: open!, records, catalogue, sources: ['logs'], start: '', command: (args) => args.join(' ') },
    findings: () => ({ status: 'done', findings: [], notJudged: [] }),
  });
  ({ server, port } = await serve({ api, token: KEY, assets: folder, timeoutMs: 60_000, isExplained: () => false }, 0));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await records.close();
});

function requestText(call: string, part = 1): string {
  const body = JSON.stringify(BODIES[call]);
  const head = [`POST /api/${call} HTTP/1.1`, `Host: 127.0.0.1:${port}`, `Authorization: Bearer ${KEY}`, 'Content-Type: application/json'];
  return `${[...head, `Content-Length: ${body.length}`, 'Connection: close'].join('\r\n')}\r\n\r\n${body.slice(0, body.length * part)}`;
}

async function open(text: string) {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function answerTo(call: string): Promise<string> {
  const socket = await open(requestText(call));
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

type Leaving = (socket: Awaited<ReturnType<typeof open>>) => Promise<unknown>;

/** `part`: how much of the question is asked. */
const MOMENTS: readonly { part?: number; leave: Leaving }[] = [
  { part: 0.5, leave: () => pause(2) },
  { leave: () => Promise.resolve() },
  { leave: () => pause(1) },
  { leave: () => pause(5) },
  { leave: () => pause(20) },
  { leave: (socket) => once(socket, 'data') },
  { leave: (socket) => once(socket.pause(), 'close') },
];

test.each(Object.keys(BODIES))('%s, abandoned at every moment, by several at once', async (call) => {
  for (const { part, leave } of MOMENTS) {
    const abandon = async () => {
      const socket = await open(requestText(call, part));
      await Promise.race([leave(socket), once(socket, 'close'), pause(40)]);
      socket.destroy();
    };
    await Promise.all([abandon(), abandon(), abandon()]);
    expect(await answerTo(call)).toMatch(/^HTTP\/1\.1 200 /);
  }
  for (const next of ['records', 'panels']) expect(await answerTo(next)).toMatch(/^HTTP\/1\.1 200 /);
});

test('exports that nobody reads, and that stay open, keep the page from nothing but exporting', async () => {
  const stalled = [await open(requestText('export')), await open(requestText('export')), await open(requestText('export'))];
  for (const socket of stalled) socket.pause();
  await pause(100);
  for (const next of ['records', 'panels', 'count', 'analysis']) expect(await answerTo(next)).toMatch(/^HTTP\/1\.1 200 /);
  for (const socket of stalled) socket.destroy();
  expect((await answerTo('export')).split('\n').length).toBeGreaterThan(5_000);
});
