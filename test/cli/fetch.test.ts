import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { createHandler } from '../../lambda/describe-flow-log/handler';
import type { Continuation } from '../../lib/describe-flow-log/pages';
import { flowlogs } from '../support/cli';
import { temporaryFolder } from '../support/logs';

/** The real handler behind a real HTTP server, over records in memory. */
const folder = temporaryFolder();
const FROM = Date.UTC(2026, 10, 20, 5) / 1000;
const SECONDS = 7203;
const OWN = '123456789012';
const all = Array.from({ length: 5000 }, (_, i) => ({
  aws_account: OWN,
  interface_id: 'eni-0a1',
  vpc_id: 'vpc-1',
  srcaddr: `10.0.${i % 7}.${i % 250}`,
  dstaddr: '198.51.100.7',
  srcport: 1024 + i,
  dstport: 443,
  protocol: 6,
  packets: 4,
  bytes: i,
  start: FROM + Math.floor((i * SECONDS) / 5000),
  end: FROM + Math.floor((i * SECONDS) / 5000) + 9,
  action: i % 3 === 0 ? 'REJECT' : 'ACCEPT',
  flow_direction: i % 2 === 0 ? 'egress' : 'ingress',
}));

let server: Server;
let endpoint = '';
let broken: (calls: number) => number | undefined = () => undefined;
let calls = 0;
let signatures: (string | undefined)[] = [];

beforeAll(async () => {
  const queries = new Map<string, typeof all>();
  const tokens = new Map<string, Continuation>();
  const handler = createHandler({
    view: { name: 'db.flow_records', columns: Object.keys(all[0]!), partitions: [] },
    limits: { maxMinutes: 30, maxDays: 15, timeZone: 'Asia/Kolkata' },
    pages: {
      start: async (sql) => {
        const [, from, to] = /"start" >= (\d+) AND "start" < (\d+)/.exec(sql) ?? [];
        const direction = /flow_direction = '(\w+)'/.exec(sql)?.[1];
        queries.set(
          sql,
          all.filter(
            (row) => row.start >= Number(from) && row.start < Number(to) && (direction === undefined || row.flow_direction === direction),
          ),
        );
        return sql;
      },
      page: async (id, at) => {
        const from = Number(at ?? 0);
        const rows = queries.get(id) ?? [];
        return { rows: rows.slice(from, from + 100), next: from + 100 < rows.length ? String(from + 100) : undefined };
      },
    },
    continuations: { save: async (token, one) => void tokens.set(token, one), load: async (token) => tokens.get(token) },
    quota: { take: async () => true },
    flowId: (key) => key.replaceAll(' ', '-'),
    newToken: () => (tokens.size + 1).toString(16).padStart(32, '0'),
    now: () => (FROM + 86_400) * 1000,
    audit: () => undefined,
    error: () => undefined,
  });
  const serve = async (request: IncomingMessage) => {
    signatures.push(request.headers.authorization);
    const status = broken(++calls);
    if (status !== undefined) return { statusCode: status, body: JSON.stringify({ message: 'out of order' }) };
    const url = new URL(request.url ?? '', 'http://localhost');
    const parameters = Object.fromEntries([...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)]));
    return handler({
      resource: url.pathname.endsWith('/admin') ? '/admin' : '/',
      multiValueQueryStringParameters: parameters,
      requestContext: { requestId: String(calls), identity: { accountId: OWN, userArn: `arn:aws:iam::${OWN}:user/a` } },
    } as unknown as APIGatewayProxyEvent);
  };
  server = createServer((request, response) => {
    void serve(request).then(({ statusCode, body }) => response.writeHead(statusCode).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});

afterAll(() => server.close());

beforeEach(() => {
  broken = () => undefined;
  calls = 0;
  signatures = [];
});

const ENV = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'ap-south-1' };
const RANGE = ['--from', '20-11-2026 10:30:00', '--to', '20-11-2026 12:30:03'];
const run = (out: string, ...more: string[]) =>
  flowlogs(['fetch', ...RANGE, '-o', join(folder, out), '--endpoint', endpoint, ...more], { env: ENV });
const itemsOf = (out: string) =>
  (JSON.parse(readFileSync(join(folder, out), 'utf8')) as { DescribeFlowLogResponse: { value: { item: Record<string, string>[] } } })
    .DescribeFlowLogResponse.value.item;

test('a range longer than a call becomes one file: every record once, in order, signed, and read by us', async () => {
  const outcome = await run('all.json');
  expect(outcome).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      /^Wrote 5,000 records to .*all\.json, 2026-11-20T10:30:00\+05:30 to 2026-11-20T12:30:03\+05:30\. .*sha256 of the answer [0-9a-f]{64}\n$/,
    ),
  });
  expect(itemsOf('all.json').map((item) => item['agg-bytes'])).toEqual(all.map((row) => String(row.bytes)));
  expect(
    signatures.every((one) => /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/ap-south-1\/execute-api\/aws4_request/.test(one ?? '')),
  ).toBe(true);
  expect(existsSync(join(folder, 'all.json.parts'))).toBe(false);
  const asked = await flowlogs([
    'sql',
    'SELECT count(*) AS n, sum(bytes) AS bytes FROM flow_records',
    join(folder, 'all.json'),
    '--no-cache',
    '-q',
    '-f',
    'json',
  ]);
  expect(JSON.parse(asked.stdout)).toEqual([{ n: 5000, bytes: (5000 * 4999) / 2 }]);
});

test('an interrupted fetch keeps what it has, says so, and goes on from there', async () => {
  broken = (n) => (n > 20 ? 403 : undefined);
  const first = await run('resumed.json', '--concurrency', '2', '--longest', '5');
  expect(first).toMatchObject({ code: 2, stderr: expect.stringContaining('the same command goes on from there') });
  const before = calls;
  broken = () => undefined;
  calls = 0;
  expect((await run('resumed.json', '--concurrency', '2', '--longest', '5')).code).toBe(0);
  expect(itemsOf('resumed.json')).toEqual(itemsOf('all.json'));
  expect(calls).toBeLessThan(70);
  expect(before).toBeGreaterThan(20);
  broken = (n) => (n > 2 ? 403 : undefined);
  await run('other.json', '--concurrency', '1');
  expect(await run('other.json', '-d', '1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('holds the parts of another fetch'),
  });
});

test('a service out of order is asked again; direction and account are passed on', async () => {
  broken = (n) => (n % 3 === 0 ? 503 : undefined);
  expect(await run('egress.ndjson', '-d', 'egress', '-a', OWN, '-f', 'ndjson')).toMatchObject({ code: 0 });
  const lines = readFileSync(join(folder, 'egress.ndjson'), 'utf8').trim().split('\n');
  expect(lines).toHaveLength(2500);
  expect(lines.every((line) => (JSON.parse(line) as { directionIng: string }).directionIng === '1')).toBe(true);
});

test.each([
  ['text', 'flows.log'],
  ['parquet', 'flows.parquet'],
])('as %s it is a flow log like any other', async (form, name) => {
  expect((await run(name, '-f', form)).code).toBe(0);
  const asked = await flowlogs([
    'sql',
    'SELECT action, count(*) AS n, sum(bytes) AS bytes FROM flow_records GROUP BY 1 ORDER BY 1',
    join(folder, name),
    '--no-cache',
    '-q',
    '-f',
    'json',
  ]);
  expect(JSON.parse(asked.stdout)).toEqual(
    ['ACCEPT', 'REJECT'].map((action) => {
      const own = all.filter((row) => row.action === action);
      return { action, n: own.length, bytes: own.reduce((sum, { bytes }) => sum + bytes, 0) };
    }),
  );
});

test.each([
  [['fetch', ...RANGE], 'fetch needs --endpoint URL or --stack NAME'],
  [['fetch', '--from', '31-11-2026 10:00:00', '--to', '-1h', '--endpoint', 'http://127.0.0.1:1'], '--from "31-11-2026 10:00:00": expected'],
  [['fetch', '--from', '-1h', '--to', '-2h', '--endpoint', 'http://127.0.0.1:1'], 'must be before'],
  [['fetch', ...RANGE, '-a', OWN, '--endpoint', 'http://127.0.0.1:1'], '-a needs -d'],
])('refused: %j', async (args, message) => {
  expect(await flowlogs(args, { cwd: folder })).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});
