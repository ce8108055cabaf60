import { mkdirSync, writeFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { join } from 'node:path';
import { RequestError } from '../../lib/explore/request-error';
import { type Api, Download, serve } from '../../lib/explore/server';
import { temporaryFolder } from '../support/logs';

const folder = temporaryFolder();
const KEY = 'a-key-of-the-test';
const api: Api = {
  echo: (body) => Promise.resolve(body),
  slow: (_, signal) =>
    new Promise((_resolve, reject) => {
      aborted.push(signal);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    }),
  bad: () => Promise.reject(new RangeError('explained to the person')),
  broken: () => Promise.reject(new Error('a mistake of ours')),
  long: () => Promise.resolve(every(100, 6)),
  stalled: () => Promise.resolve(every(400, 2)),
  file: () =>
    Promise.resolve(
      new Download(
        'text/csv',
        (async function* () {
          yield 'a\n';
          yield '1\n';
        })(),
      ),
    ),
};
const aborted: AbortSignal[] = [];
const every = (ms: number, times: number) =>
  new Download(
    'text/csv',
    (async function* () {
      for (let i = 0; i < times; i++) {
        await new Promise((resolve) => setTimeout(resolve, ms));
        yield `${i}\n`;
      }
    })(),
  );
let server: Server;
let port: number;

beforeAll(async () => {
  mkdirSync(join(folder, 'web'));
  for (const name of ['index.html', 'app.js', 'app.css', 'favicon.svg']) writeFileSync(join(folder, 'web', name), name);
  writeFileSync(join(folder, 'secret'), 'secret');
  ({ server, port } = await serve(
    { api, token: KEY, assets: join(folder, 'web'), timeoutMs: 300, isExplained: (error) => error instanceof RangeError },
    0,
  ));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

function ask(
  path: string,
  { method = 'POST', body = '{}', headers = {} }: { method?: string; body?: string; headers?: Record<string, string | undefined> } = {},
): Promise<Answer> {
  const all: Record<string, string | undefined> = {
    Host: `127.0.0.1:${port}`,
    'Content-Type': 'application/json',
    Authorization: `Bearer ${KEY}`,
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers: sent }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(method === 'GET' ? undefined : body);
  });
}

test('its own page gets answers', async () => {
  expect(await ask('/api/echo', { body: '{"a":1}' })).toMatchObject({ status: 200, text: '{"a":1}' });
  expect(
    await ask('/api/echo', { headers: { Origin: `http://localhost:${port}`, Host: `localhost:${port}`, 'Sec-Fetch-Site': 'same-origin' } }),
  ).toMatchObject({ status: 200 });
  expect(await ask('/api/file')).toMatchObject({ status: 200, text: 'a\n1\n', headers: { 'content-type': 'text/csv' } });
});

test.each([
  ['a name that resolves here (DNS rebinding)', { headers: { Host: 'evil.example:80' } }, 403],
  ['the right address with another port', { headers: { Host: '127.0.0.1:1' } }, 403],
  ['a page of another site', { headers: { Origin: 'https://evil.example' } }, 403],
  ['a page of another port here', { headers: { Origin: 'http://127.0.0.1:1' } }, 403],
  ['a page without origin', { headers: { Origin: 'null' } }, 403],
  ['what the browser calls cross-site', { headers: { 'Sec-Fetch-Site': 'cross-site' } }, 403],
  ['no key', { headers: { Authorization: undefined } }, 401],
  ['a wrong key', { headers: { Authorization: 'Bearer a-key-of-the-tesT' } }, 401],
  ['a key of another length', { headers: { Authorization: `Bearer ${KEY}x` } }, 401],
  ['a form, which any page can send', { headers: { 'Content-Type': 'text/plain' } }, 415],
  ['GET, which an image can send', { method: 'GET' }, 405],
  ['a body without end', { body: `"${'x'.repeat(70_000)}"` }, 413],
  ['a body that is no JSON', { body: '{' }, 400],
])('%s is refused', async (_, options, status) => {
  const answer = await ask('/api/echo', options);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toEqual({ error: expect.any(String) });
  expect(answer.text).not.toContain(KEY);
});

test.each(['/api/none', '/api/constructor', '/api/__proto__', '/../secret', '/%2e%2e/secret', '/constructor', '/app.js.map'])(
  '%s is not found',
  async (path) => {
    expect((await ask(path, path.startsWith('/api') ? {} : { method: 'GET' })).status).toBe(404);
  },
);

test('the page may run its own script only, in no frame, and is not kept', async () => {
  const { status, headers } = await ask('/', { method: 'GET', headers: { Authorization: undefined } });
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  );
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  expect(headers['access-control-allow-origin']).toBeUndefined();
});

test('errors: those for the person by their words, ours as such, and a limit of time', async () => {
  expect(await ask('/api/bad')).toMatchObject({ status: 400, text: '{"error":"explained to the person"}' });
  expect(await ask('/api/broken')).toMatchObject({ status: 500 });
  expect(await ask('/api/slow')).toMatchObject({ status: 504, text: expect.stringContaining('no answer within 0.3 seconds') });
});

test('a download may take longer than an answer, as long as it goes on', async () => {
  expect(await ask('/api/long')).toMatchObject({ status: 200, text: '0\n1\n2\n3\n4\n5\n' });
  await expect(ask('/api/stalled')).rejects.toThrow(/aborted|hang up/);
});

test('a request that the page gives up is cancelled', async () => {
  const call = request({
    host: '127.0.0.1',
    port,
    path: '/api/slow',
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${KEY}` },
  });
  call.on('error', () => undefined);
  call.end('{}');
  const before = aborted.length;
  for (let i = 0; i < 200 && aborted.length <= before; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  call.destroy();
  const signal = aborted.at(-1)!;
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  expect(signal.reason).toEqual(new RequestError(499, 'the page cancelled the request'));
});

test('it listens on this machine only', () => {
  expect(server.address()).toMatchObject({ address: '127.0.0.1' });
});
