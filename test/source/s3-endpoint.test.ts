import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BucketStore } from '../../lib/source/object-store';
import { fetchS3, s3Client } from '../../lib/source/s3';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';
import { rowsOf } from '../support/rows';

const folder = temporaryFolder();
const objects = new Map<string, Buffer>();
const seen: string[] = [];
let server: Server;

/** Answers as services do that speak S3 without being it: buckets in the path, and none of AWS's newer headers. */
async function answer(request: IncomingMessage): Promise<{ status: number; body?: string | Buffer; headers?: Record<string, string> }> {
  const url = new URL(request.url ?? '', 'http://x');
  seen.push(`${request.method} ${url.pathname}`);
  const foreign = Object.keys(request.headers).filter((name) => /^x-amz-(checksum|sdk-checksum|trailer)|^x-amz-decoded/.test(name));
  if (
    foreign.length > 0 ||
    request.headers['content-encoding'] === 'aws-chunked' ||
    request.headers['x-amz-content-sha256']?.includes('TRAILER') === true
  )
    return { status: 400, body: '<Error><Code>InvalidArgument</Code><Message>no such header</Message></Error>' };
  if (request.headers.host?.startsWith('127.0.0.1') !== true) return { status: 404 };
  const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/');
  if (bucket !== 'my_logs.example') return { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' };
  const key = rest.join('/');
  if (request.method === 'PUT') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    objects.set(key, Buffer.concat(chunks));
    return { status: 200 };
  }
  if (key === '') {
    const prefix = url.searchParams.get('prefix') ?? '';
    const found = [...objects].filter(([name]) => name.startsWith(prefix));
    const contents = found.map(
      ([name, body]) =>
        `<Contents><Key>${name}</Key><Size>${body.length}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`,
    );
    return {
      status: 200,
      body: `<?xml version="1.0"?><ListBucketResult>${contents.join('')}<IsTruncated>false</IsTruncated></ListBucketResult>`,
    };
  }
  const body = objects.get(key);
  if (body === undefined) return { status: 404, body: request.method === 'HEAD' ? '' : '<Error><Code>NoSuchKey</Code></Error>' };
  return { status: 200, body, headers: { 'content-length': String(body.length), etag: '"x"' } };
}

const before = { ...process.env };
beforeAll(async () => {
  server = createServer((request, response) => {
    void answer(request).then(({ status, body, headers }) => {
      response.writeHead(status, { 'content-type': 'application/xml', ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'GOOG1EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_CONFIG_FILE: join(folder, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
  });
  delete process.env['AWS_REGION'];
  delete process.env['AWS_DEFAULT_REGION'];
});
afterAll(() => {
  process.env = before;
  server.close();
});

const signal = new AbortController().signal;

test('an endpoint that is not AWS is listed, read and written, without a Region', async () => {
  const key = 'compute.googleapis.com/vpc_flows/2026/01/01/00:00:00_00:59:59_S0.json';
  objects.set('AWSLogs/a.log.gz', gzipSync(`${HEADER}\n${line()}\n`));
  const flow = {
    reporter: 'SRC',
    connection: { src_ip: '10.0.0.1', dest_ip: '192.0.2.9', src_port: 1, dest_port: 2, protocol: 6 },
    bytes_sent: '5',
    packets_sent: '1',
    start_time: '2026-01-01T00:00:00Z',
    end_time: '2026-01-01T00:00:01Z',
  };
  objects.set(key, Buffer.from(`${JSON.stringify({ jsonPayload: flow })}\n`));
  const { paths, remove } = await fetchS3(['s3://my_logs.example'], { from: undefined, to: undefined, cache: undefined, signal });
  const { rows } = await rowsOf(paths, 'srcaddr');
  await remove();
  expect(rows).toEqual([{ srcaddr: '10.0.0.1' }, { srcaddr: '192.0.2.1' }]);
  const store = new BucketStore(s3Client(), 'my_logs.example');
  await store.publish('out/x.log', writeLog(folder, 'draft', 'hello'));
  expect(objects.get('out/x.log')?.toString()).toBe('hello');
  expect([await store.size('out/x.log'), await store.size('out/none')]).toEqual([5, undefined]);
  expect(seen.every((request) => / \/my_logs\.example(\/|$)/.test(request))).toBe(true);
});

test('gs:// says how', async () => {
  await expect(rowsOf(['gs://bucket/prefix'])).rejects.toThrow(
    /AWS_ENDPOINT_URL=https:\/\/storage\.googleapis\.com.*and use s3:\/\/bucket\/prefix/,
  );
});
