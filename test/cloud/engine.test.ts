import { AthenaClient, CreateWorkGroupCommand } from '@aws-sdk/client-athena';
import { AthenaEngine } from '../../lib/engine/athena';

/** The Athena engine when things go wrong: faults are made by the box (test/cloud/box/emulator/faults.py). */
const box = (path: string, init: RequestInit = {}) => fetch(`${process.env['AWS_ENDPOINT_URL'] ?? ''}/_box/${path}`, init);
const fault = (rule: object) => box('faults', { method: 'POST', body: JSON.stringify([rule]) });
const calls = async () => (await (await box('calls')).json()) as string[];
const engine = () => new AthenaEngine(new AthenaClient({ maxAttempts: 8 }), { workgroup: 'faults', database: 'default' });

beforeAll(async () => {
  await new AthenaClient({}).send(
    new CreateWorkGroupCommand({ Name: 'faults', Configuration: { ManagedQueryResultsConfiguration: { Enabled: true } } }),
  );
});

beforeEach(() => box('faults', { method: 'DELETE' }));
afterAll(() => box('faults', { method: 'DELETE' }));

test('throttling is retried', async () => {
  await fault({ match: 'athena:StartQueryExecution', code: 'ThrottlingException', status: 400, times: 2 });
  expect((await engine().run('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  expect((await calls()).filter((name) => name === 'athena:StartQueryExecution')).toHaveLength(3);
});

test('throttling without end says so', async () => {
  await fault({ match: 'athena:StartQueryExecution', code: 'ThrottlingException', status: 400, times: 1000 });
  const one = new AthenaEngine(new AthenaClient({ maxAttempts: 2 }), { workgroup: 'faults', database: 'default' });
  await expect(one.run('SELECT 1 AS one')).rejects.toMatchObject({ kind: 'throttled', retryable: true });
});

test('an internal error while polling is retried', async () => {
  await fault({ match: 'athena:GetQueryExecution', code: 'InternalServerException', status: 500, times: 2 });
  expect((await engine().run('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
});

test('whoever gives up cancels the query', async () => {
  const controller = new AbortController();
  const slow =
    'SELECT count(*) AS n FROM UNNEST(sequence(1, 9000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 9000)) AS b(y) CROSS JOIN UNNEST(sequence(1, 9000)) AS c(z)';
  const run = engine().run(slow, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 1500);
  await expect(run).rejects.toThrow('enough');
  expect(await calls()).toContain('athena:StopQueryExecution');
}, 30_000);

test('many rows come page by page, at most as many as wanted', async () => {
  const query = 'SELECT x FROM UNNEST(sequence(1, 2500)) AS t(x) ORDER BY x';
  const all = await engine().run(query);
  expect([all.rows.length, all.rows[0], all.rows.at(-1), all.truncated]).toEqual([2500, { x: 1 }, { x: 2500 }, false]);
  const some = await engine().run(query, { maxRows: 1200 });
  expect([some.rows.length, some.truncated]).toEqual([1200, true]);
});

test('values keep their types: exact integers, NULL, times', async () => {
  const { rows } = await engine().run(
    "SELECT 9007199254740993 AS big, CAST(NULL AS varchar) AS nothing, '' AS blank, 1.5e0 AS ratio, true AS yes, from_unixtime(0) AS at",
  );
  expect(rows).toEqual([{ big: '9007199254740993', nothing: null, blank: '', ratio: 1.5, yes: true, at: '1970-01-01T00:00:00Z' }]);
});
