/** Serves the explorer to one user of this machine only. */
import { setMaxListeners } from 'node:events';
import { timingSafeEqual } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RequestError } from './request-error';

/**
 * Answers of the server by name; the body is JSON of the page. The signal is aborted when the request has ended, however it
 * ended: whatever a call holds may hang on it.
 */
export type Api = Readonly<Record<string, (body: unknown, signal: AbortSignal) => Promise<unknown>>>;

export interface ServerOptions {
  readonly api: Api;
  /** Random access key; it authorises every request. */
  readonly token: string;
  /** Folder of the built page. */
  readonly assets: string;
  /** Milliseconds that one answer may take, and each part of a download. */
  readonly timeoutMs: number;
  /** Errors whose message is for the person. */
  readonly isExplained: (error: unknown) => boolean;
}

const ASSETS: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/app.js': { file: 'app.js', type: 'text/javascript; charset=utf-8' },
  '/app.css': { file: 'app.css', type: 'text/css; charset=utf-8' },
  '/favicon.svg': { file: 'favicon.svg', type: 'image/svg+xml' },
};

/** Nothing but our own files runs, and nothing of the page leaves this server. https://developer.mozilla.org/docs/Web/HTTP/CSP */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

const MOST_BODY = 64 * 1024;
const ADDRESS = '127.0.0.1';

/** A text that the server sends as it comes, for a file that the person saves. */
export class Download {
  constructor(
    readonly type: string,
    readonly chunks: AsyncIterable<string>,
  ) {}
}

/** Listens on 127.0.0.1 only. Port 0 takes a free one. */
export async function serve(options: ServerOptions, port: number): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    void handle(options, (server.address() as AddressInfo).port, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ADDRESS, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function handle(options: ServerOptions, port: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  try {
    const address = `http://${ADDRESS}`;
    if (!URL.canParse(request.url ?? '/', address)) throw new RequestError(400, 'the address of the request is malformed');
    const { pathname } = new URL(request.url ?? '/', address);
    refuseStrangers(request, port);
    if (pathname.startsWith('/api/')) await answer(options, pathname.slice('/api/'.length), request, response);
    else await asset(options.assets, pathname, request, response);
  } catch (error) {
    fail(response, error, options);
  }
}

/** A page of another site can send requests here, and a name that it owns may resolve to this address: both show in headers. */
function refuseStrangers({ headers }: IncomingMessage, port: number): void {
  const own = [`${ADDRESS}:${port}`, `localhost:${port}`];
  if (!own.includes(headers.host ?? ''))
    throw new RequestError(403, `host ${JSON.stringify(headers.host ?? '')}: expected ${own.join(' or ')}`);
  const { origin } = headers;
  if (origin !== undefined && !own.some((host) => origin === `http://${host}`))
    throw new RequestError(403, `requests of ${JSON.stringify(origin)} are rejected`);
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && headers['sec-fetch-mode'] !== 'navigate')
    throw new RequestError(403, 'requests of other sites are rejected');
}

function authorise({ headers }: IncomingMessage, token: string): void {
  const given = Buffer.from(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
  const expected = Buffer.from(token);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new RequestError(401, 'access key required: open the link that `flowlogs explore` printed');
}

async function answer(
  { api, token, timeoutMs }: ServerOptions,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') throw new RequestError(405, `method ${request.method ?? ''}: expected POST`);
  authorise(request, token);
  if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
    throw new RequestError(415, 'expected a body of type application/json');
  const call = Object.hasOwn(api, name) ? api[name] : undefined;
  if (call === undefined) throw new RequestError(404, `no such call ${JSON.stringify(name)}`);
  const ended = new AbortController();
  // A page requests many panels at once.
  setMaxListeners(0, ended.signal);
  response.once('close', () => ended.abort(new RequestError(499, 'the page cancelled the request')));
  const timeout = setTimeout(
    () => ended.abort(new RequestError(504, `no answer within ${timeoutMs / 1000} seconds: narrow the time or the filters`)),
    timeoutMs,
  );
  try {
    const result = await call(await readBody(request), ended.signal);
    if (result instanceof Download) {
      response.writeHead(200, { 'Content-Type': result.type });
      await pipeline(renewing(timeout, result.chunks), response, { signal: ended.signal });
    } else response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(result));
  } finally {
    clearTimeout(timeout);
    ended.abort(new RequestError(499, 'the request has ended'));
  }
}

/** A large file may take long as long as it goes on. */
async function* renewing(timeout: NodeJS.Timeout, chunks: AsyncIterable<string>): AsyncIterable<string> {
  for await (const chunk of chunks) {
    timeout.refresh();
    yield chunk;
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY) throw new RequestError(413, `body is larger than ${MOST_BODY} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new RequestError(400, 'the body is not JSON');
  }
}

async function asset(folder: string, pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = Object.hasOwn(ASSETS, pathname) ? ASSETS[pathname] : undefined;
  if (found === undefined) throw new RequestError(404, 'not found');
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new RequestError(405, `method ${request.method ?? ''}: expected GET`);
  const content = await fs.readFile(join(folder, found.file));
  response
    .writeHead(200, { 'Content-Type': found.type, 'Content-Length': content.length })
    .end(request.method === 'HEAD' ? undefined : content);
}

function fail(response: ServerResponse, error: unknown, { isExplained }: ServerOptions): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const status = error instanceof RequestError ? error.status : isExplained(error) ? 400 : 500;
  const message = error instanceof Error ? error.message : String(error);
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' })
    .end(JSON.stringify({ error: message }));
}
