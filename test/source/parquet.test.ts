import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../lib/source/duckdb';
import { findFiles } from '../../lib/source/find-files';
import { openParquet } from '../../lib/source/parquet';
import { parquetFiles } from '../../lib/source/parquet-file';
import { documented } from '../support/documented';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const row = documented('column');
const INTEGERS = row('an integer field, of integers of any width');
const TEXTS = row('an integer field, of strings');
const FRACTIONS = row('an integer field, of fractions (DOUBLE, DECIMAL)');
const TIMES = row('`start` or `end`, of TIMESTAMP, TIMESTAMPTZ, DATE');
const STRING = row('a string field');
const UNKNOWN = row('an unknown column');
const NO_UTF8 = row('text that is not UTF-8, also in a known field of bytes');
const TWINS = row('names that differ in case only');
const NONE = row('a file that is empty, truncated or not Parquet, and OCSF events of classes other than Network Activity');

/** Writes Parquet as AWS's delivery and other producers do: the columns of `select`. */
async function parquet(path: string, select: string, options = ''): Promise<string> {
  mkdirSync(join(path, '..'), { recursive: true });
  const db = await openDatabase({ threads: 1, memory: '200MB', temporaryFolder: tmpdir() });
  await db.rows(`COPY (${select}) TO '${path}' (FORMAT parquet${options})`);
  await db.close();
  return path;
}

const record = (protocolType: string, src: string, extra = '') =>
  `SELECT 5::INTEGER AS version, '123456789012' AS account_id, 'eni-0a1' AS interface_id, ${src} AS srcaddr, 22::INTEGER AS dstport, 6::${protocolType} AS protocol, 40::BIGINT AS bytes, 1790000000::BIGINT AS start, 1790000060::BIGINT AS "end", 'REJECT' AS action, 'OK' AS log_status${extra}`;

test('both protocol types, plain and Hive folders, and text are one table', async () => {
  const dir = join(folder, 'both');
  await parquet(join(dir, 'AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/20/a.log.parquet'), record('INTEGER', "'192.0.2.1'"));
  await parquet(
    join(dir, 'AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=11/day=20/b.log.parquet'),
    record('BIGINT', "'192.0.2.2'"),
  );
  writeLog(dir, 'c.log', `${HEADER}\n${line({ src: '192.0.2.3' })}\n`);
  await withLogs([dir], async (records) => {
    expect(records.totals).toMatchObject({ files: 3, records: 3, rejectedLines: 0, badValues: 0 });
    expect(records.columns.find(({ name }) => name === 'protocol')?.type).toBe('INTEGER');
    expect(records.columns.map(({ name }) => name)).not.toContain('year');
    expect(await records.db.rows('SELECT srcaddr, protocol, "end" FROM flow_records ORDER BY srcaddr')).toEqual(
      ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((srcaddr) => ({ srcaddr, protocol: 6, end: '1790000060' })),
    );
    expect(await records.range()).toEqual({ from: 1790000000, to: 1790000001 });
  });
});

test('hyphened column names, `-`, unknown columns and numbers as text', async () => {
  const path = await parquet(
    join(folder, 'odd.parquet'),
    `SELECT '3' AS "tcp-flags", '-' AS "pkt-srcaddr", 'up' AS quantum, '1790000000' AS start, 'x' AS dstport UNION ALL SELECT '-', '192.0.2.1', 'down', '1790000001', '22'`,
  );
  await withLogs([path], async (records) => {
    expect(await records.db.rows('SELECT tcp_flags, pkt_srcaddr, quantum, dstport FROM flow_records ORDER BY "start"')).toEqual([
      { tcp_flags: 3, pkt_srcaddr: null, quantum: 'up', dstport: null },
      { tcp_flags: null, pkt_srcaddr: '192.0.2.1', quantum: 'down', dstport: 22 },
    ]);
    expect(records.totals.badValues).toBe(1);
    expect(records.formats[0]?.unknownFields).toEqual(['quantum']);
  });
});

const T = 1790000000;
const value = async (column: string, sql: string) => {
  const path = await parquet(
    join(folder, `value-${++serial}.parquet`),
    `SELECT '192.0.2.1' AS srcaddr, '198.51.100.9' AS dstaddr, ${sql} AS ${column} UNION ALL SELECT '192.0.2.2', '198.51.100.9', NULL`,
  );
  return withLogs([path], async ({ db, totals, samples }) => {
    const rows = await db.rows(`SELECT ${column} AS v FROM flow_records ORDER BY srcaddr`);
    expect(rows).toHaveLength(2);
    expect(rows[1]?.['v']).toBeNull();
    return { value: rows[0]?.['v'], bad: totals.badValues, sample: samples[0]?.text };
  });
};
let serial = 0;

describe('values are judged as in text, whatever type holds them', () => {
  test.each<readonly [string, string, string, unknown]>([
    [TIMES, 'start', `TIMESTAMP '2026-09-21 14:13:20.9'`, String(T)],
    [TIMES, 'start', `TIMESTAMPTZ '2026-09-21 16:13:20+02'`, String(T)],
    [TIMES, 'start', `TIMESTAMP_MS '2026-09-21 14:13:20.5'`, String(T)],
    [TIMES, 'start', `TIMESTAMP_NS '2026-09-21 14:13:20.5'`, String(T)],
    [TIMES, 'start', `TIMESTAMP_S '2026-09-21 14:13:20'`, String(T)],
    [TIMES, 'start', `DATE '2026-09-21'`, String(T - 51200)],
    [TIMES, '"end"', `TIMESTAMP '1969-12-31 23:59:59.5'`, '-1'],
    [INTEGERS, 'start', `${T}123::BIGINT`, String(T)],
    [INTEGERS, 'start', `${T}123456::BIGINT`, String(T)],
    [INTEGERS, 'start', `${T}123456789::BIGINT`, String(T)],
    [TEXTS, 'start', `'${T}123'`, String(T)],
    [FRACTIONS, 'start', `${T}::DOUBLE`, String(T)],
    [INTEGERS, 'start', `${T}::INTEGER`, String(T)],
    [INTEGERS, 'start', `-5::BIGINT`, '-5'],
    [TEXTS, 'dstport', `'0022'`, 22],
    [FRACTIONS, 'dstport', `22.0::DOUBLE`, 22],
    [FRACTIONS, 'dstport', `22::DECIMAL(10, 2)`, 22],
    [INTEGERS, 'dstport', `22::UTINYINT`, 22],
    [TEXTS, 'dstport', `'-'`, null],
    [FRACTIONS, 'dstport', `'NaN'::DOUBLE`, null],
    [INTEGERS, 'bytes', `9223372036854775807::UBIGINT`, '9223372036854775807'],
    ...['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'].map(
      (type) => [INTEGERS, 'dstport', `22::${type}`, 22] as const,
    ),
    [INTEGERS, 'bytes', `(-9223372036854775807 - 1)::BIGINT`, '-9223372036854775808'],
    [FRACTIONS, 'bytes', `-0.0::DOUBLE`, '0'],
    [FRACTIONS, 'bytes', `9007199254740993::DECIMAL(38, 0)`, '9007199254740993'],
    [FRACTIONS, 'start', `1790000000123.0::DOUBLE`, String(T)],
    [TEXTS, 'bytes', `'9007199254740993'`, '9007199254740993'],
    [TEXTS, 'start', `'-5'`, '-5'],
    [TIMES, 'start', `TIMESTAMPTZ '2026-09-21 14:13:20.999999+00'`, String(T)],
    [TIMES, '"end"', `TIMESTAMP '0001-01-01 00:00:00'`, '-62135596800'],
    [STRING, 'action', `'ACCEPT'`, 'ACCEPT'],
    [STRING, 'action', `'-'`, null],
    [STRING, 'action', `''`, ''],
    [STRING, 'action', `'a b  c'`, 'a b  c'],
    [STRING, 'action', `chr(10) || '"' || chr(13)`, '\n"\r'],
    [STRING, 'action', `12::BIGINT`, '12'],
    [STRING, 'action', `true`, 'true'],
    [STRING, 'account_id', `123456789012::BIGINT`, '123456789012'],
    [UNKNOWN, 'quantum', `1.5::DOUBLE`, '1.5'],
    [UNKNOWN, 'quantum', `[1, 2]`, '[1, 2]'],
    [UNKNOWN, 'quantum', `{'a': 1}`, "{'a': 1}"],
    [UNKNOWN, 'quantum', `'ab'::BLOB`, 'ab'],
    [UNKNOWN, 'quantum', `TIMESTAMPTZ '2026-09-21 14:13:20+00'`, '2026-09-21 14:13:20+00'],
    [STRING, 'action', `'-'::BLOB`, null],
    [STRING, 'action', `encode('ä' || chr(10))`, 'ä\n'],
    [TEXTS, 'dstport', `encode('22')`, 22],
    [UNKNOWN, 'quantum', `encode('漢字')`, '漢字'],
    [UNKNOWN, 'quantum', `'a\\xFF'::BLOB`, 'a\\xFF'],
  ])('%s: %s: %s is %p', async (_, column, sql, expected) => {
    expect(await value(column, sql)).toMatchObject({ value: expected, bad: 0 });
  });

  test.each<readonly [string, string, string]>([
    [TEXTS, 'dstport', `'1e3'`],
    [TEXTS, 'dstport', `'1.5'`],
    [TEXTS, 'dstport', `'0x10'`],
    [TEXTS, 'dstport', `'1_0'`],
    [TEXTS, 'dstport', `' 5'`],
    [TEXTS, 'dstport', `''`],
    [TEXTS, 'dstport', `'99999999999'`],
    [INTEGERS, 'dstport', `99999999999::BIGINT`],
    [FRACTIONS, 'dstport', `2.5::DOUBLE`],
    [TEXTS, 'dstport', `true`],
    [TIMES, 'dstport', `TIMESTAMP '2026-09-21 14:13:20'`],
    [TIMES, 'dstport', `TIMESTAMPTZ '2026-09-21 14:13:20+00'`],
    [TIMES, 'bytes', `DATE '2026-09-21'`],
    [TIMES, 'start', `TIMESTAMP '0001-12-31 (BC) 23:59:59'`],
    [TIMES, 'start', `TIMESTAMPTZ '0002-01-01 (BC) 00:00:00+00'`],
    [TIMES, '"end"', `DATE '0001-12-31 (BC)'`],
    [INTEGERS, 'bytes', `18446744073709551615::UBIGINT`],
    [FRACTIONS, 'bytes', `1e30::DOUBLE`],
    [FRACTIONS, 'bytes', `'inf'::DOUBLE`],
    [TEXTS, 'start', `'yesterday'`],
    [TIMES, 'start', `'infinity'::TIMESTAMP`],
    [INTEGERS, 'start', `(-9223372036854775807 - 1)::BIGINT`],
  ])('%s: %s: %s is a bad value', async (_, column, sql) => {
    const found = await value(column, sql);
    expect(found).toMatchObject({ value: null, bad: 1 });
    expect(found.sample).toBeDefined();
  });
});

test('bad values are written out with file and row', async () => {
  const path = await parquet(
    join(folder, 'rows.parquet'),
    `SELECT '192.0.2.1' AS srcaddr, '198.51.100.9' AS dstaddr, CASE i WHEN 7 THEN 'ssh' ELSE '22' END AS dstport, CASE i WHEN 3 THEN 99999999999 ELSE 443 END AS srcport FROM range(1, 9) t(i) ORDER BY i`,
  );
  const out = join(folder, 'rows.ndjson');
  await withLogs([path], (records) => records.writeRejects(out));
  const written = readFileSync(out, 'utf8').trim().split('\n');
  const common = { file: path, kind: 'value', reason: expect.stringContaining('expected a 32-bit integer or -, read as NULL') as string };
  expect(written.map((one) => JSON.parse(one) as { line: number }).sort((a, b) => a.line - b.line)).toEqual([
    { ...common, line: 3, text: '99999999999', field: 'srcport' },
    { ...common, line: 7, text: 'ssh', field: 'dstport' },
  ]);
});

test.each([['alone'], ['beside a sound file of its schema'], ['beside other files']])(
  `${NO_UTF8}: the row is rejected, %s`,
  async (beside) => {
    const dir = join(folder, `no utf-8 ${beside}`);
    mkdirSync(dir);
    const path = join(dir, 'broken.parquet');
    copyFileSync(join(__dirname, '..', 'fixtures', 'no-utf8.parquet'), path);
    if (beside === 'beside other files') {
      await parquet(join(dir, 'a.parquet'), record('INTEGER', "'192.0.2.9'"));
      writeFileSync(join(dir, 'b.parquet'), 'PAR1');
    }
    if (beside === 'beside a sound file of its schema') {
      await parquet(
        join(dir, 'sound.parquet'),
        `SELECT '192.0.2.9' AS srcaddr, '198.51.100.9' AS dstaddr, 'OK' AS action, '1' AS dstport, 'x' AS note, 'OK'::BLOB AS status, 'OK'::BLOB AS log_status, 'x'::BLOB AS hash, 0::BIGINT AS start`,
      );
    }
    const more = beside === 'alone' ? 0 : 1;
    const out = join(dir, 'rejects.ndjson');
    await withLogs([dir], async ({ db, totals, samples, writeRejects }) => {
      expect(totals).toMatchObject({ lines: 6 + more, records: 3 + more, rejectedLines: 3, badValues: 1 });
      expect(await db.rows('SELECT count(*)::INTEGER AS n FROM flow_records')).toEqual([{ n: 3 + more }]);
      expect(
        await db.rows(
          "SELECT srcaddr, action, dstport, note, status, log_status, hash FROM flow_records WHERE srcaddr <> '192.0.2.9' ORDER BY srcaddr",
        ),
      ).toEqual([
        { srcaddr: '192.0.2.1', action: 'ACCEPT', dstport: 22, note: 'é', status: 'OK', log_status: 'OK', hash: '\\xFF\\x00' },
        { srcaddr: '192.0.2.3', action: 'REJECT', dstport: null, note: '🙂', status: 'ä', log_status: 'ä', hash: '\\xFF\\x00' },
        { srcaddr: '192.0.2.4', action: null, dstport: 443, note: null, status: 'OK', log_status: 'a\nb', hash: 'ab' },
      ]);
      expect(samples.map(({ line, kind, text }) => [line, kind, text])).toEqual([
        [2, 'line', 'a\\xFF'],
        [3, 'value', 'ssh'],
        [5, 'line', '\\xC3'],
        [6, 'line', '\\xED\\xA0\\x80'],
      ]);
      await writeRejects(out);
    });
    const written = readFileSync(out, 'utf8').trim().split('\n');
    const rejects = written.map((one) => JSON.parse(one) as { line: number }).sort((a, b) => a.line - b.line);
    expect(rejects).toEqual([
      { file: path, line: 2, kind: 'line', reason: 'not valid UTF-8: column action', text: 'a\\xFF' },
      expect.objectContaining({ file: path, line: 3, kind: 'value', text: 'ssh', field: 'dstport' }),
      { file: path, line: 5, kind: 'line', reason: 'not valid UTF-8: column dstport', text: '\\xC3' },
      { file: path, line: 6, kind: 'line', reason: 'not valid UTF-8: column note', text: '\\xED\\xA0\\x80' },
    ]);
  },
);

/** DuckDB checks texts before it writes them: another writer's file, with a byte that is none, is its file with other bytes. */
async function brokenText(path: string, select: string): Promise<string> {
  await parquet(path, select, ', COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1');
  const bytes = readFileSync(path, 'latin1').replaceAll('DuckDB version', 'Other. version').replaceAll('~~', '\xff~');
  writeFileSync(path, bytes, 'latin1');
  return path;
}

const WORDS = ['plain', 'né 🙂', 'a "b", (c) {d}', 'broken ~~'];
const NESTED: readonly (readonly [string, string])[] = [
  ['a structure', "{'a b': w, 'n': 1, '\"q': {'deep': [w]}}"],
  ['a list', "[w, NULL, 'x']"],
  ['a list of structures', "[{'t': [[w]], 'd': 1.5::DECIMAL(4,1)}]"],
  ['a map', 'MAP {w: [w]}'],
  ['nothing, of such a type', "CASE WHEN w <> w THEN {'a': w} END"],
];

test.each(NESTED)(`${NO_UTF8}, inside %s: other rows are read as from a sound file`, async (what, nested) => {
  const dir = join(folder, `nested ${what}`);
  const select = (words: readonly string[]) =>
    `SELECT '10.0.0.' || row_number() OVER () AS srcaddr, '198.51.100.9' AS dstaddr, w AS word, ${nested} AS more FROM (VALUES ${words.map((word) => `('${word}')`).join(', ')}) t(w)`;
  const sound = await parquet(join(dir, 'sound.parquet'), select(WORDS.slice(0, 3)));
  const broken = await brokenText(join(dir, 'broken.parquet'), select(WORDS));
  const ROWS = 'SELECT word, more FROM flow_records ORDER BY srcaddr';
  const expected = await withLogs([sound], ({ db }) => db.rows(ROWS));
  expect(JSON.stringify(expected)).toContain('né 🙂');
  await withLogs([broken], async ({ db, totals, samples }) => {
    expect(totals).toMatchObject({ records: 3, rejectedLines: 1 });
    expect(await db.rows(ROWS)).toEqual(expected);
    expect(samples.map(({ line: at, reason }) => [at, reason])).toEqual([[4, 'not valid UTF-8: column word']]);
  });
});

test.each(NESTED.slice(0, 4))(`${NO_UTF8}, inside %s only: the row is rejected`, async (what, nested) => {
  const path = await brokenText(
    join(folder, `only nested ${what}`, 'a.parquet'),
    `SELECT '10.0.0.1' AS srcaddr, '198.51.100.9' AS dstaddr, ${nested} AS more FROM (VALUES ('é'), ('~~')) t(w)`,
  );
  await withLogs([path], async ({ db, totals, samples }) => {
    expect(totals).toMatchObject({ records: 1, rejectedLines: 1 });
    expect(JSON.stringify(await db.rows('SELECT more FROM flow_records'))).toContain('é');
    expect(samples).toMatchObject([{ line: 2, reason: 'not valid UTF-8: column more' }]);
  });
});

test('the ends of many files are read at once, also where one of them is damaged', async () => {
  const dir = join(folder, 'many');
  const path = await parquet(join(dir, '0.parquet'), record('INTEGER', "'192.0.2.1'"));
  for (let i = 1; i < 64; i++) copyFileSync(path, join(dir, `${i}.parquet`));
  const db = await openDatabase({ threads: 1, memory: '200MB', temporaryFolder: tmpdir() });
  try {
    const rows = jest.spyOn(db, 'rows');
    const known = await parquetFiles(db, await findFiles([dir]), dir);
    expect([rows.mock.calls.length, known.filter(({ footer }) => footer?.records === 1)]).toEqual([1, known]);
    await openParquet(db, known);
    expect(rows.mock.calls.filter(([sql]) => /parquet_(?:schema|file_metadata)/.test(sql))).toHaveLength(1);
    writeFileSync(join(dir, '40.parquet'), 'PAR1 words PAR1');
    rows.mockClear();
    const damaged = await parquetFiles(db, await findFiles([dir]), dir);
    expect(damaged.filter(({ footer }) => footer === undefined).map(({ at }) => at)).toEqual([join(dir, '40.parquet')]);
    expect(rows.mock.calls.length).toBeLessThan(16);
  } finally {
    await db.close();
  }
});

test('without text that is no UTF-8 nothing is copied', async () => {
  const path = await parquet(join(folder, 'sound.parquet'), record('INTEGER', "'192.0.2.1'"));
  await withLogs([path], async ({ readablePaths }) => expect(readablePaths).toEqual([path]));
});

test.each(['filename', 'file_row_number', 'FILE_ROW_NUMBER', 'file_index'])('a column %s is one like any other', async (name) => {
  const dir = join(folder, `called ${name}`);
  const select = (port: string) => `SELECT '192.0.2.1' AS srcaddr, '198.51.100.9' AS dstaddr, '${port}' AS dstport, 'mine' AS "${name}"`;
  const paths = [
    await parquet(join(dir, 'a.parquet'), `${select('22')} UNION ALL ${select('ssh')}`),
    await parquet(join(dir, 'b.parquet'), select('x')),
  ];
  const out = join(dir, 'rejects.ndjson');
  await withLogs(paths, async (records) => {
    expect(records.totals).toMatchObject({ records: 3, badValues: 2 });
    expect(await records.db.rows(`SELECT DISTINCT "${name}" AS v FROM flow_records`)).toEqual([{ v: 'mine' }]);
    await records.writeRejects(out);
  });
  const written = readFileSync(out, 'utf8').trim().split('\n');
  expect(written.map((one) => JSON.parse(one) as object)).toEqual([
    expect.objectContaining({ file: paths[0], line: 2, text: 'ssh' }),
    expect.objectContaining({ file: paths[1], line: 1, text: 'x' }),
  ]);
});

const OTHERS: readonly (readonly [string, (path: string) => Promise<unknown>, RegExp])[] = [
  ['text that is no flow log', async (path) => writeFileSync(path, 'hello'), /no header line: got "hello"/],
  ['nothing', async (path) => writeFileSync(path, ''), /an empty file, not Parquet/],
  [
    'Parquet that was cut',
    async (path) => {
      await parquet(path, record('INTEGER', "'192.0.2.1'"));
      writeFileSync(path, readFileSync(path).subarray(0, 300));
    },
    /not readable as Parquet/,
  ],
  [
    TWINS,
    async (path) => copyFileSync(join(__dirname, '..', 'fixtures', 'twins.parquet'), path),
    /ambiguous columns: got "START", "start"; name each field once/,
  ],
  ['no flow-log column', (path) => parquet(path, 'SELECT 1 AS a, 2 AS b'), /without the columns of flow logs; got a, b/],
  [
    'two names in common with flow logs',
    (path) => parquet(path, `SELECT 'x' AS eventname, 'us-east-1' AS region, 'y' AS account_id, 1 AS latency, 2 AS status`),
    /without the columns of flow logs/,
  ],
  [
    'an object of Security Lake about something else',
    (path) =>
      parquet(
        path,
        `SELECT {'version': '1.1.0'} AS metadata, 4003 AS class_uid, 4 AS category_uid, {'ip': '192.0.2.1'} AS src_endpoint, 1767225600000 AS start_time, 1767225659000 AS end_time, 'Allowed' AS action, 'us-east-1' AS region`,
      ),
    /OCSF events of class 4003: expected class 4001, Network Activity/,
  ],
];

test.each(OTHERS)(`${NONE}: %s`, async (name, make, message) => {
  const dir = join(folder, `other ${name}`);
  await parquet(join(dir, 'a.parquet'), record('INTEGER', "'192.0.2.1'"));
  await parquet(join(dir, 'b.parquet'), record('INTEGER', "'192.0.2.2'"));
  const other = join(dir, 'other.parquet');
  await make(other);
  await withLogs([dir], async ({ totals, skippedFiles }) => {
    expect(totals).toMatchObject({ files: 3, records: 2, badValues: 0 });
    expect(skippedFiles).toEqual([{ path: other, why: expect.stringMatching(message) as string }]);
  });
  await expect(withLogs([other], async () => undefined)).rejects.toThrow(message);
  await expect(withLogs([other], async () => undefined)).rejects.toThrow(other);
});

test('columns are recognised in every spelling, and the better name of two wins', async () => {
  const path = await parquet(
    join(folder, 'spelt.parquet'),
    `SELECT 'a' AS "srcAddr", 'b' AS "DSTADDR", 18 AS "tcpFlags", 7 AS "Bytes", ${T} AS start, TIMESTAMP '2000-01-01' AS start_time, 'x y' AS "my col"`,
  );
  await withLogs([path], async ({ db }) => {
    expect(await db.rows('SELECT srcaddr, dstaddr, tcp_flags, bytes, "start", start_time, my_col FROM flow_records')).toEqual([
      { srcaddr: 'a', dstaddr: 'b', tcp_flags: 18, bytes: '7', start: String(T), start_time: '2000-01-01 00:00:00', my_col: 'x y' },
    ]);
  });
});

test('a flow log that is called .parquet is read as what it is', async () => {
  const named = join(folder, 'text.parquet');
  writeFileSync(named, readFileSync('test/fixtures/dirty.log'));
  await withLogs([named], async ({ totals }) => expect(totals).toMatchObject({ files: 1, records: 3, rejectedLines: 1 }));
});
