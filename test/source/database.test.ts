import { tmpdir } from 'node:os';
import { openDatabase } from '../../lib/source/duckdb';

const open = () => openDatabase({ threads: 2, memory: '400MB', temporaryFolder: tmpdir() });
const LONG = 'SELECT count(*) AS n FROM range(100000) a, range(100000) b WHERE hash(a.range, b.range) = 1';

test('closing ends what is under way and what waits, then closes', async () => {
  const db = await open();
  const settled: string[] = [];
  const note = (name: string, call: Promise<unknown>) =>
    call.then(
      () => settled.push(`${name} answered`),
      (error: unknown) => settled.push(`${name}: ${(error as Error).message}`),
    );
  const calls = [
    note('one', db.rows(LONG)),
    note('two', db.stream(LONG)),
    note('three', db.rows('SELECT 1')),
    note('four', db.numbers(LONG)),
  ];
  await new Promise((resolve) => setTimeout(resolve, 100));
  await db.close();
  await Promise.all(calls);
  expect(settled.sort()).toEqual([
    'four: the database is being closed',
    'one: the database is being closed',
    'three: the database is being closed',
    'two: the database is being closed',
  ]);
  await expect(db.rows('SELECT 1')).rejects.toThrow('the database is being closed');
});

test('closing at any moment of a query ends', async () => {
  for (let i = 0; i < 60; i++) {
    const db = await open();
    const calls = Promise.allSettled([db.stream('SELECT sum(range) FROM range(300000)'), db.rows('SELECT max(range) FROM range(200000)')]);
    await new Promise((resolve) => setTimeout(resolve, i / 10));
    await db.close();
    await calls;
  }
});

test('a stream that is closed half way rejects the rest', async () => {
  const db = await open();
  const { chunks } = await db.stream('SELECT range FROM range(10000000)');
  let read = 0;
  const reading = (async () => {
    for await (const chunk of chunks) {
      read += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const outcome = reading.then(
    () => 'read',
    (error: unknown) => (error as Error).message,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  await db.close();
  expect(await outcome).toBe('the database is being closed');
  expect(read).toBeLessThan(10_000_000);
});

test('who waits for a connection can give up, and is not lent one later', async () => {
  const db = await open();
  const holding = [await db.stream('SELECT range FROM range(10000000)'), await db.stream('SELECT range FROM range(10000000)')];
  const gone = new AbortController();
  const waiting = db.rows('SELECT 1 AS x', gone.signal);
  const patient = db.rows('SELECT 2 AS x');
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(db.rows('SELECT 1', gone.signal)).rejects.toThrow('gone');
  await holding[0]?.chunks.return();
  expect(await patient).toEqual([{ x: 2 }]);
  await db.close();
});

test.each([
  ['aborted before anybody reads', async () => undefined],
  ['aborted between two chunks', (chunks: AsyncIterator<unknown>) => chunks.next()],
  ['aborted while a chunk is awaited', (chunks: AsyncIterator<unknown>) => void chunks.next().catch(() => undefined)],
])('a stream gives its connection back: %s', async (_, read) => {
  const db = await open();
  for (let i = 0; i < 5; i++) {
    const gone = new AbortController();
    const { chunks } = await db.stream('SELECT range FROM range(10000000)', gone.signal);
    await read(chunks);
    gone.abort(new Error('gone'));
    await expect(chunks.next()).rejects.toThrow('gone');
  }
  expect(await db.rows('SELECT 3 AS x')).toEqual([{ x: 3 }]);
  await db.close();
});

test.each([0, 1, 5, 20])('an abort %i ms after a query began ends it', async (ms) => {
  const db = await open();
  const gone = AbortSignal.timeout(ms);
  await expect(db.rows(LONG, gone)).rejects.toThrow('timeout');
  expect(await db.rows('SELECT 3 AS x')).toEqual([{ x: 3 }]);
  await db.close();
});

test('numbers are columns of doubles', async () => {
  const db = await open();
  const [a, b] = await db.numbers('SELECT range::DOUBLE, (range * 2)::DOUBLE FROM range(5000) ORDER BY range');
  expect(a).toHaveLength(5000);
  expect([a?.[4999], b?.[4999]]).toEqual([4999, 9998]);
  expect(await db.numbers('SELECT 1::DOUBLE AS x WHERE false')).toEqual([new Float64Array(0)]);
  await db.close();
});
