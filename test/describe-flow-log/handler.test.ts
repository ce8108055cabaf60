import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import fc from 'fast-check';
import { createHandler, type Dependencies } from '../../lambda/describe-flow-log/handler';
import { openApi } from '../../lib/describe-flow-log/openapi';
import { type Continuation } from '../../lib/describe-flow-log/pages';
import { ERRORS, PARAMETERS } from '../../lib/describe-flow-log/request';
import { ITEM_FIELDS } from '../../lib/describe-flow-log/answer';
import { parseZonedTime } from '../../lib/describe-flow-log/time';
import { QueryError } from '../../lib/engine/engine';
import { PARTITIONS } from '../../lib/flow-log/layout';
import { openRecords } from '../../lib/source/records';
import { temporaryFolder, writeLog } from '../support/logs';

const folder = temporaryFolder();
const NOW = Date.UTC(2016, 10, 4, 6);
const OWN = '123456789012';

const row = (i: number) => ({
  aws_account: OWN,
  interface_id: 'eni-0a1',
  vpc_id: 'vpc-1',
  srcaddr: '10.140.213.62',
  dstaddr: `10.140.216.${i % 250}`,
  srcport: 44568,
  dstport: 443,
  protocol: 6,
  packets: 4,
  bytes: 842,
  start: 1478172458 + i,
  end: 1478172644 + i,
  action: i % 2 === 0 ? 'ACCEPT' : 'REJECT',
  flow_direction: 'egress',
});

function api(more: Partial<Dependencies> = {}, rows = 3) {
  const audit: Record<string, unknown>[] = [];
  const logged: unknown[] = [];
  const queries: string[] = [];
  const tokens = new Map<string, Continuation>();
  let issued = 0;
  const deps: Dependencies = {
    view: { name: 'db.flow_records', columns: Object.keys(row(0)).concat('log_status'), partitions: [PARTITIONS.hour] },
    limits: { maxMinutes: 30, maxDays: 15, timeZone: 'Asia/Kolkata' },
    pages: {
      start: async (sql) => `query-${queries.push(sql)}`,
      page: async (_id, from) => {
        const at = Number(from ?? 0);
        return {
          rows: Array.from({ length: Math.min(2, rows - at) }, (_, i) => row(at + i)),
          next: at + 2 < rows ? String(at + 2) : undefined,
        };
      },
    },
    continuations: { save: async (token, one) => void tokens.set(token, one), load: async (token) => tokens.get(token) },
    quota: { take: async () => true },
    flowId: (key) => `id-of-${key.length}`,
    newToken: () => (++issued).toString(16).padStart(32, '0'),
    now: () => NOW,
    audit: (facts) => audit.push(facts),
    error: (message, facts) => logged.push([message, facts]),
    ...more,
  };
  const handler = createHandler(deps);
  const call = async (
    query: Record<string, string | string[]>,
    who: { account?: string | null; arn?: string | null; admin?: boolean } = {},
  ) => {
    const multi = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]));
    const { statusCode, body } = await handler({
      resource: who.admin === true ? '/admin' : '/',
      multiValueQueryStringParameters: multi,
      requestContext: {
        requestId: '1-2-3',
        identity: {
          accountId: who.account === undefined ? OWN : who.account,
          userArn: who.arn === undefined ? `arn:aws:iam::${OWN}:user/a` : who.arn,
        },
      },
    } as unknown as APIGatewayProxyEvent);
    const parsed = JSON.parse(body) as {
      DescribeFlowLogResponse?: { requestId: string; value: { item: Record<string, string>[] }; nextToken?: string };
      Response?: { Errors: { Code: string; Message: string }[]; RequestID: string };
    };
    return { statusCode, body, answer: parsed.DescribeFlowLogResponse, error: parsed.Response?.Errors[0] };
  };
  return { call, audit, logged, queries, tokens };
}

const FIVE = { Action: 'DescribeFlowLog', start_time: '03-11-2016 17:00:00', end_time: '03-11-2016 17:05:00' };

test('the documented request gives the documented answer, and our own reader takes it', async () => {
  const { call, queries, audit } = api();
  const { statusCode, answer, body } = await call({ ...FIVE, start_time: '"03-11-2016 17:00:00"' });
  expect(statusCode).toBe(200);
  expect(answer?.requestId).toBe('req-1-2-3');
  expect(answer?.value.item[0]).toMatchObject({
    action: 'pass',
    'agg-bytes': '842',
    'agg-packets': '4',
    destip: '10.140.216.0',
    directionIng: '1',
    dport: '443',
    protocol: '6',
    setupTime: '1478172458000000',
    sourceip: '10.140.213.62',
    sourcevn: 'vpc-1',
    sport: '44568',
    teardownTime: '1478172644000000',
    underlayProto: '1',
  });
  expect(queries[0]).toContain(
    `"start" >= 1478172600 AND "start" < 1478172900 AND "hour" >= '2016/11/03/11' AND "hour" <= '2016/11/03/12'`,
  );
  expect(queries[0]).toContain(`aws_account = '${OWN}'`);
  expect(audit).toEqual([
    expect.objectContaining({ principal: `arn:aws:iam::${OWN}:user/a`, asked: OWN, from: 1478172600, outcome: 'ok', items: 2, more: true }),
  ]);
  const records = await openRecords([writeLog(folder, 'answer.json', body)], { cache: undefined, threads: 1, memory: '100MB' });
  const read = await records.db.rows('SELECT srcaddr, dstport, bytes, "start", action, flow_direction FROM flow_records ORDER BY "start"');
  await records.close();
  expect(read).toEqual(
    [0, 1].map((i) => ({
      srcaddr: '10.140.213.62',
      dstport: 443,
      bytes: '842',
      start: String(1478172458 + i),
      action: i === 0 ? 'ACCEPT' : 'REJECT',
      flow_direction: 'egress',
    })),
  );
});

test('large answers go on with nextToken to the last record', async () => {
  const { call, queries } = api({}, 7);
  const items: string[] = [];
  let token: string | undefined;
  let calls = 0;
  do {
    const { answer } = await call(token === undefined ? FIVE : { Action: 'DescribeFlowLog', nextToken: token });
    items.push(...(answer?.value.item ?? []).map((item) => item['setupTime']!));
    token = answer?.nextToken;
    calls++;
  } while (token !== undefined);
  expect(items).toEqual(Array.from({ length: 7 }, (_, i) => `${1478172458 + i}000000`));
  expect([calls, queries.length]).toEqual([4, 1]);
});

test('a query that takes longer than a call is waited for with nextToken', async () => {
  let polls = 0;
  const { call } = api({
    pages: { start: async () => 'q', page: async () => (++polls < 3 ? 'running' : { rows: [row(0)], next: undefined }) },
  });
  const first = await call(FIVE);
  expect(first.answer).toMatchObject({ value: { item: [] }, nextToken: expect.any(String) });
  const second = await call({ Action: 'DescribeFlowLog', nextToken: first.answer!.nextToken! });
  const third = await call({ Action: 'DescribeFlowLog', nextToken: second.answer!.nextToken! });
  expect(third.answer).toMatchObject({ value: { item: [{}] } });
  expect(third.answer?.nextToken).toBeUndefined();
});

describe('who sees what', () => {
  const other = '210987654321';
  test.each([
    ['own account by default', {}, {}, OWN],
    ['own account named', { account: OWN, direction_ing: '0' }, {}, OWN],
    ['an administrator, all accounts', {}, { admin: true }, undefined],
    ['an administrator, another account', { account: other, direction_ing: '1' }, { admin: true }, other],
  ] as const)('%s', async (_name, more, who, account) => {
    const { call, queries } = api();
    expect((await call({ ...FIVE, ...more }, who)).statusCode).toBe(200);
    expect(/aws_account = '(\d+)'/.exec(queries[0]!)?.[1]).toBe(account);
  });

  test.each([
    ['no signature', FIVE, { account: null, arn: null }, 'AuthFailure'],
    ['a forged account', { ...FIVE, account: other, direction_ing: '1' }, {}, 'UnauthorizedOperation'],
    ['account without direction', { ...FIVE, account: OWN }, {}, 'MissingParameter'],
    ['account twice, the second one forged', { ...FIVE, account: [OWN, other], direction_ing: '1' }, {}, 'InvalidParameterValue'],
    ['no start', { Action: 'DescribeFlowLog', end_time: FIVE.end_time }, {}, 'MissingParameter'],
    ['no action', { start_time: FIVE.start_time, end_time: FIVE.end_time }, {}, 'InvalidAction'],
    ['more than 30 minutes', { ...FIVE, end_time: '03-11-2016 17:30:01' }, {}, 'InvalidParameterValue'],
    ['older than 15 days', { ...FIVE, start_time: '19-10-2016 10:00:00', end_time: '19-10-2016 10:01:00' }, {}, 'InvalidParameterValue'],
    ['the future', { ...FIVE, start_time: '04-11-2016 12:00:00', end_time: '04-11-2016 12:01:00' }, {}, 'InvalidParameterValue'],
    ['end before start', { ...FIVE, end_time: FIVE.start_time }, {}, 'InvalidParameterValue'],
    ['a day that does not exist', { ...FIVE, start_time: '31-11-2016 17:00:00' }, {}, 'InvalidParameterValue'],
    ['another direction', { ...FIVE, direction_ing: '2' }, {}, 'InvalidParameterValue'],
    ['an unknown parameter', { ...FIVE, max: '5' }, {}, 'UnknownParameter'],
  ])('refused: %s', async (_name, query, who, code) => {
    const { call, queries, audit } = api();
    const { statusCode, error } = await call(query, who);
    expect([error?.Code, statusCode]).toEqual([code, ERRORS[code as keyof typeof ERRORS]]);
    expect(queries).toEqual([]);
    expect(audit).toEqual([expect.objectContaining({ outcome: code })]);
  });

  test.each(['admin_password', 'Admin-Password', 'ADMIN_PASSWORD'])(
    '%s is refused with the way of IAM, and nowhere written',
    async (name) => {
      const { call, audit, logged } = api();
      const { error, body } = await call({ ...FIVE, [name]: 'takemefromrequest' }, { admin: true });
      expect(error).toEqual({ Code: 'UnknownParameter', Message: expect.stringContaining('may invoke the route /admin') });
      expect(JSON.stringify([body, audit, logged])).not.toContain('takemefromrequest');
    },
  );

  test('a token of another caller, of the other route, made up or changed is not valid', async () => {
    const { call } = api({}, 5);
    const { answer } = await call(FIVE);
    const nextToken = answer!.nextToken!;
    const go = { Action: 'DescribeFlowLog', nextToken };
    for (const [query, who] of [
      [go, { arn: `arn:aws:iam::${OWN}:user/b` }],
      [go, { admin: true }],
      [{ ...go, nextToken: nextToken.replace(/.$/, (c) => (c === 'a' ? 'b' : 'a')) }, {}],
      [{ ...go, nextToken: "1' OR '1'='1" }, {}],
      [{ ...go, nextToken: '' }, {}],
    ] as const)
      expect((await call(query, who)).error?.Code).toBe('InvalidNextToken');
    expect((await call(go)).statusCode).toBe(200);
  });
});

test('nothing that a caller writes gets into the query as SQL', async () => {
  const nasty = fc.oneof(
    fc.string(),
    fc.constantFrom("' OR 1=1 --", '"; DROP TABLE x', '1) UNION SELECT * FROM secrets --', '\u0000', '%27', '${x}', '{{records}}'),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(PARAMETERS)), nasty, fc.boolean(), async (name, value, admin) => {
      const { call, queries, logged } = api();
      const { statusCode } = await call({ ...FIVE, ...(name === 'account' ? { direction_ing: '0' } : {}), [name]: value }, { admin });
      if (statusCode === 200) expect(queries[0]).toMatch(/^SELECT [^;]*$/s);
      else expect(queries).toEqual([]);
      expect(statusCode).toBeLessThan(500);
      expect(logged).toEqual([]);
      for (const sql of queries) if (value.length > 3) expect(sql.replace(/\d+/g, '')).not.toContain(value.replace(/^"(.*)"$/, '$1'));
    }),
    { numRuns: 400 },
  );
});

test('10,000 calls at once: as many as the quota are answered, the others told to wait, none broken', async () => {
  const counts = new Map<string, number>();
  const quota = {
    take: async (caller: string, minute: number) => {
      const key = `${caller} ${minute}`;
      const used = counts.get(key) ?? 0;
      if (used >= 60) return false;
      counts.set(key, used + 1);
      return true;
    },
  };
  const { call } = api({ quota });
  const outcomes = await Promise.all(Array.from({ length: 10_000 }, (_, i) => call(FIVE, { arn: `arn:aws:iam::${OWN}:user/${i % 4}` })));
  const by = (status: number) => outcomes.filter(({ statusCode }) => statusCode === status).length;
  expect([by(200), by(429)]).toEqual([240, 9760]);
});

test.each([
  [new QueryError('Rate exceeded', 'athena', 'throttled', true, undefined), 'RequestLimitExceeded'],
  [new QueryError('Bytes scanned limit was exceeded', 'athena', 'limit', false, 'q'), 'InvalidParameterValue'],
  [new QueryError('lost', 'athena', 'unknown', true, 'q'), 'Unavailable'],
  [new QueryError('denied: arn:aws:s3:::secret-bucket', 'athena', 'denied', false, 'q'), 'InternalError'],
  [new Error('stack with secrets'), 'InternalError'],
])('%s is shown as %s without what is inside', async (failure, code) => {
  const { call, logged } = api({ pages: { start: async () => Promise.reject(failure), page: async () => 'running' } });
  const { error, body } = await call(FIVE);
  expect(error?.Code).toBe(code);
  expect(body).not.toMatch(/secret|arn:/);
  expect(logged).toHaveLength(1);
});

test('times: the documented form in a time zone, and back', () => {
  expect(parseZonedTime('03-11-2016 17:00:00', 'Asia/Kolkata')).toBe(Date.UTC(2016, 10, 3, 11, 30) / 1000);
  expect(parseZonedTime('2016-11-03T17:00:00+05:30', 'UTC')).toBe(Date.UTC(2016, 10, 3, 11, 30) / 1000);
  for (const wrong of ['3-11-2016 17:00:00', '03-13-2016 17:00:00', '03-11-2016 24:00:00', '2016-11-03T17:00:00', ''])
    expect(parseZonedTime(wrong, 'UTC')).toBeUndefined();
});

test('a wall time is read as its instant, or refused with the instants that it may be: in every zone, at every time', () => {
  const shown = (seconds: number, timeZone: string) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'medium' }).format(seconds * 1000);
  const zones = ['UTC', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/Phoenix', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe'];
  const changes = [1478412000, 1457852400, 1477789200, 1459609200, 1475335800].flatMap((at) => [
    at - 3600,
    at - 1800,
    at - 1,
    at,
    at + 1800,
    at + 3599,
  ]);
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...changes), fc.integer({ min: 0, max: 2 ** 32 })), fc.constantFrom(...zones), (seconds, zone) => {
      const [date = '', time = ''] = shown(seconds, zone).split(', ');
      const wall = `${date.replaceAll('/', '-')} ${time}`;
      let read: number | undefined;
      try {
        read = parseZonedTime(wall, zone);
      } catch (error) {
        const { message } = error as Error;
        const meant = [...message.matchAll(/\d{4}-[\d-]+T[\d:]+Z/g)].map(([iso]) => Date.parse(iso) / 1000);
        expect(meant).toHaveLength(2);
        expect(meant).toContain(seconds);
        for (const one of meant) expect(shown(one, zone)).toBe(shown(seconds, zone));
        return;
      }
      expect(read).toBe(seconds);
    }),
    { numRuns: 400 },
  );
});

test.each([
  ['06-11-2016 01:30:00', 'America/New_York', 'occurs twice in America/New_York', '2016-11-06T05:30:00Z or 2016-11-06T06:30:00Z'],
  ['13-03-2016 02:30:00', 'America/New_York', 'does not exist in America/New_York', '2016-03-13T07:30:00Z'],
  ['30-12-2011 12:00:00', 'Pacific/Apia', 'does not exist in Pacific/Apia', '2011-12-30T22:00:00Z'],
  ['03-04-2016 01:45:00', 'Australia/Lord_Howe', 'occurs twice in Australia/Lord_Howe', '2016-04-02T14:45:00Z or 2016-04-02T15:15:00Z'],
])('%s in %s is refused: %s', async (text, timeZone, why, meant) => {
  expect(() => parseZonedTime(text, timeZone)).toThrow(new RegExp(`${text} ${why}.*: say ${meant}$`));
});

test('the OpenAPI document says what the handler does', () => {
  const document = openApi();
  expect(JSON.parse(readFileSync(join(__dirname, '..', '..', 'docs', 'api.openapi.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(document)),
  );
  for (const path of ['/', '/admin'] as const) {
    const { parameters, responses } = document.paths[path].get;
    expect(parameters.map(({ name }) => name)).toEqual(Object.keys(PARAMETERS));
    expect(Object.keys(responses).map(Number).sort()).toEqual([200, ...new Set(Object.values(ERRORS))].sort());
  }
  expect(Object.keys(document.components.schemas.Item.properties)).toEqual([...ITEM_FIELDS]);
});
