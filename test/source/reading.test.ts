import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { documented } from '../support/documented';
import { parseFormat } from '../../lib/flow-log/format';
import { openDatabase } from '../../lib/source/duckdb';
import { MAX_LINE } from '../../lib/source/lines';
import type { Records } from '../../lib/source/records';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const FIXTURES = join(__dirname, '..', 'fixtures');
const text = (...lines: string[]) => `${lines.join('\n')}\n`;
const V3 = 'version srcaddr dstaddr start end action vpc-id';
const v3 = (src: string) => `3 ${src} 198.51.100.9 1790000000 1790000060 ACCEPT vpc-0aa`;

const row = documented('what');
const FOREIGN_SOURCES_ROW =
  '[Amazon Security Lake](sources/security-lake.md), [IBM Cloud](sources/ibm.md), [Google Cloud](sources/gcp.md), [Azure](sources/azure.md), [Oracle Cloud](sources/oci.md), [Alibaba Cloud](sources/alibaba.md), [JCS](sources/jcs.md), [Skydive](sources/skydive.md), [Zeek](sources/zeek.md), [nfdump](sources/nfdump.md)';

interface Case {
  name: string;
  /** The rule that it shows. */
  row?: string;
  content: string | Buffer;
  /** [lines, records, rejected lines, bad values] */
  totals: [number, number, number, number];
  reasons?: RegExp[];
  /** Source addresses of all records, sorted. */
  sources?: (string | null)[];
  /** What these columns hold of all records. */
  values?: { columns: string; rows: unknown[][] };
}

const many = (n: number) => Array.from({ length: n }, (_, i) => line({ src: `192.0.2.${i % 200}` }));
const twoMembers = Buffer.concat([gzipSync(text(HEADER, line({ src: '192.0.2.1' }))), gzipSync(text(...many(3000)))]);

const CASES: Case[] = [
  {
    name: 'plain text',
    content: text(HEADER, line(), line({ src: '192.0.2.2' })),
    totals: [2, 2, 0, 0],
    sources: ['192.0.2.1', '192.0.2.2'],
  },
  { name: 'gzip', content: gzipSync(text(HEADER, line())), totals: [1, 1, 0, 0] },
  {
    name: 'gzip of several members',
    content: Buffer.concat([gzipSync(text(HEADER, line())), gzipSync(text(line()))]),
    totals: [2, 2, 0, 0],
  },
  {
    name: 'gzip followed by zero padding',
    row: row('bytes between or after members that are not members'),
    content: Buffer.concat([gzipSync(text(HEADER, line())), Buffer.alloc(64)]),
    totals: [1, 1, 0, 0],
  },
  {
    name: 'too few columns',
    row: row('too few or too many columns'),
    content: text(HEADER, line(), '2 123456789012 eni-0a1'),
    totals: [2, 1, 1, 0],
    reasons: [/too few columns: got 3, expected 14/],
  },
  {
    name: 'too many columns',
    row: row('too few or too many columns'),
    content: text(HEADER, `${line()} extra`, line()),
    totals: [2, 1, 1, 0],
    reasons: [/too many columns: got 15, expected 14/],
  },
  {
    name: 'a column left empty',
    row: row('too few or too many columns'),
    content: text(HEADER, line().replace(' 6 ', '  '), line()),
    totals: [2, 1, 1, 0],
    reasons: [/too few columns: got 13, expected 14/],
  },
  {
    name: 'an export with a line that lacks a column',
    row: row('too few or too many columns'),
    content: text(`2026-09-21T14:13:20.000Z ${line()}`, `2026-09-21T14:13:20.000Z ${line().split(' ').slice(0, 13).join(' ')}`),
    totals: [2, 1, 1, 0],
    reasons: [/too few columns: got 13, expected 14/],
  },
  {
    name: 'an export under a header line, with a tab behind a time',
    row: row('a time at the start of the lines of an export'),
    content: text(HEADER, `2026-09-21T14:13:20.000Z ${line()}`, `2026-09-21T14:13:20.000Z\t${line()}`),
    totals: [2, 2, 0, 0],
  },
  {
    name: 'a first column that is a time, in a file with an irregular line',
    row: row('a time at the start of the lines of an export'),
    content: text(
      'when srcaddr dstaddr start',
      '2026-09-21T14:13:20Z 192.0.2.1 198.51.100.9 1790000000',
      '2026-09-21T14:13:20Z  192.0.2.2 198.51.100.9 1790000000',
    ),
    totals: [2, 2, 0, 0],
    sources: ['192.0.2.1', '192.0.2.2'],
  },
  {
    name: 'a word in an integer field',
    row: row('a value that is invalid for its field (`ssh`, `1.5`, `1e3`, `99999999999` in an integer field)'),
    content: text(HEADER, line({ dstport: 'ssh' }), line()),
    totals: [2, 2, 0, 1],
    reasons: [/field dstport: expected a 32-bit integer or -, read as NULL/],
  },
  {
    name: 'numbers that DuckDB would round or expand',
    row: row('a value that is invalid for its field (`ssh`, `1.5`, `1e3`, `99999999999` in an integer field)'),
    content: text(HEADER, line({ dstport: '22.5' }), line({ dstport: '1e3' }), line({ dstport: '1_0' }), line({ dstport: '+5' })),
    totals: [4, 4, 0, 4],
  },
  {
    name: 'an integer that does not fit',
    row: row('a value that is invalid for its field (`ssh`, `1.5`, `1e3`, `99999999999` in an integer field)'),
    content: text(HEADER, line({ dstport: '99999999999' })),
    totals: [1, 1, 0, 1],
  },
  { name: 'leading zeros are an integer', content: text(HEADER, line({ dstport: '0022' })), totals: [1, 1, 0, 0] },
  {
    name: 'NODATA and SKIPDATA',
    row: row('NODATA and SKIPDATA records'),
    content: text(
      HEADER,
      '2 123456789012 eni-0a1 - - - - - - - 1790000000 1790000060 - NODATA',
      '2 123456789012 eni-0a1 - - - - - - - 1790000000 1790000060 - SKIPDATA',
    ),
    totals: [2, 2, 0, 0],
    sources: [null, null],
  },
  {
    name: 'CRLF',
    row: row('CRLF, several carriage returns, mixed line ends, a missing last line feed, a byte order mark'),
    content: text(HEADER, line(), line()).replaceAll('\n', '\r\n'),
    totals: [2, 2, 0, 0],
  },
  {
    name: 'mixed line ends',
    row: row('CRLF, several carriage returns, mixed line ends, a missing last line feed, a byte order mark'),
    content: `${HEADER}\n${line()}\r\n${line()}\n`,
    totals: [2, 2, 0, 0],
  },
  {
    name: 'no last line feed',
    row: row('CRLF, several carriage returns, mixed line ends, a missing last line feed, a byte order mark'),
    content: `${HEADER}\n${line()}`,
    totals: [1, 1, 0, 0],
  },
  {
    name: 'double and trailing spaces',
    row: row('double spaces, spaces at the ends'),
    content: text(HEADER, line().replace(' 22 ', '   22 '), `${line()}  `, ` ${line()}`),
    totals: [3, 3, 0, 0],
  },
  {
    name: 'blank lines',
    row: row('blank lines, including tabs'),
    content: text('', HEADER, '', line(), '   ', line(), ''),
    totals: [2, 2, 0, 0],
  },
  {
    name: 'a byte order mark',
    row: row('CRLF, several carriage returns, mixed line ends, a missing last line feed, a byte order mark'),
    content: `\ufeff${text(HEADER, line())}`,
    totals: [1, 1, 0, 0],
  },
  {
    name: 'a repeated header',
    row: row('a repeated header line inside a file'),
    content: text(HEADER, line(), HEADER, line()),
    totals: [2, 2, 0, 0],
  },
  {
    name: 'another header of as many columns',
    row: row('another header line inside a file'),
    content: text(HEADER, line({ src: '192.0.2.1' }), HEADER.replace('srcaddr dstaddr', 'dstaddr srcaddr'), line({ src: '192.0.2.7' })),
    totals: [2, 2, 0, 0],
    sources: ['192.0.2.1', '198.51.100.9'],
  },
  {
    name: 'another header of fewer columns',
    row: row('another header line inside a file'),
    content: text(HEADER, line({ src: '192.0.2.1' }), V3, v3('192.0.2.8')),
    totals: [2, 2, 0, 0],
    sources: ['192.0.2.1', '192.0.2.8'],
  },
  { name: 'only a header', row: row('empty file, file with only a header'), content: text(HEADER), totals: [0, 0, 0, 0] },
  { name: 'an empty file', row: row('empty file, file with only a header'), content: '', totals: [0, 0, 0, 0] },
  { name: 'an empty gzip member', row: row('empty file, file with only a header'), content: gzipSync(''), totals: [0, 0, 0, 0] },
  {
    name: 'quotes and comment signs are data',
    row: row('quotes, `#` and other special characters'),
    content: text(HEADER, line({ src: '"192.0.2.1' }), line({ src: '#x' })),
    totals: [2, 2, 0, 0],
    sources: ['"192.0.2.1', '#x'],
  },
  {
    name: 'invalid UTF-8',
    row: row('bytes that are not UTF-8, in any source'),
    content: Buffer.concat([
      Buffer.from(text(HEADER, line())),
      Buffer.from(line().replace('eni-0a1', 'eni-\xff'), 'latin1'),
      Buffer.from('\n'),
    ]),
    totals: [2, 1, 1, 0],
    reasons: [/not valid UTF-8/],
  },
  {
    name: 'an endless line',
    row: row('a line of more than 65,536 characters'),
    content: text(HEADER, line(), 'x'.repeat(3_000_000), line()),
    totals: [3, 2, 1, 0],
    reasons: [/longer than 65536 characters/],
  },
  {
    name: 'a truncated gzip member',
    row: row('a damaged gzip member or zstd frame'),
    content: twoMembers.subarray(0, twoMembers.length - 200),
    totals: [0, 1, 0, 0],
    reasons: [/truncated gzip member/],
    sources: ['192.0.2.1'],
  },
  {
    name: 'a corrupt gzip member',
    row: row('a damaged gzip member or zstd frame'),
    content: corrupt(gzipSync(text(HEADER, ...many(50)))),
    totals: [50, 0, 50, 0],
    reasons: [/corrupt gzip member/],
  },
  {
    name: 'no value',
    row: row('`-`'),
    content: text(HEADER, line({ src: '-', dstport: '-', start: '-' }), line({ src: '--' })),
    totals: [2, 2, 0, 0],
    values: {
      columns: 'srcaddr, dstport, "start"',
      rows: [
        ['--', 22, '1790000000'],
        [null, null, null],
      ],
    },
  },
  {
    name: 'a field of the future',
    row: row('a header with an unknown field'),
    content: text('srcaddr dstaddr quantum-state', '192.0.2.1 198.51.100.9 007', '192.0.2.2 198.51.100.9 -'),
    totals: [2, 2, 0, 0],
    values: { columns: 'quantum_state', rows: [['007'], [null]] },
  },
  {
    name: 'headers inside a file that cannot name columns',
    row: row('a header that names a field twice, or contains invalid characters'),
    content: text(V3, v3('192.0.2.1'), 'srcaddr dstaddr srcaddr', 'a b c', 'srcaddr dstaddr a$b', 'a b c', V3, v3('192.0.2.2')),
    totals: [6, 2, 4, 0],
    reasons: [/bad header: .*"srcaddr" and "srcaddr"/],
    sources: ['192.0.2.1', '192.0.2.2'],
  },
  {
    name: 'several carriage returns, mixed with one and none',
    row: row('CRLF, several carriage returns, mixed line ends, a missing last line feed, a byte order mark'),
    content: `\ufeff${HEADER}\r\r\r\n${line()}\r\n${line()}\n${line()}\r\r\n\r\r\n${line()}\r`,
    totals: [4, 4, 0, 0],
  },
  {
    name: 'byte order marks where files began that were put together',
    row: row('CRLF, several carriage returns, mixed line ends, a missing last line feed, a byte order mark'),
    content: `\ufeff\ufeff${text(HEADER, line())}\ufeff${text(HEADER, line())}\ufeff${line()}\n`,
    totals: [3, 3, 0, 0],
  },
  {
    name: 'control characters inside values',
    row: row('a carriage return or another control character inside a value'),
    content: text(HEADER, ...['a\rb', 'a\tb', '\x01', 'a\x1b[31m', '\x7f', '\v\f'].map((src) => line({ src }))),
    totals: [6, 6, 0, 0],
    sources: ['\x01', '\v\f', 'a\tb', 'a\rb', 'a\x1b[31m', '\x7f'],
  },
  {
    name: 'a zero byte behind the first 16 KiB',
    row: row('a carriage return or another control character inside a value'),
    content: text(HEADER, ...many(300), line({ src: 'a\0b' }), line({ src: 'last' })),
    totals: [302, 302, 0, 0],
  },
  {
    name: 'blank lines of tabs',
    row: row('blank lines, including tabs'),
    content: text('\t', HEADER, ' \t\v\f', line(), '\r'),
    totals: [1, 1, 0, 0],
  },
  {
    name: 'times of all sizes',
    row: row('milli-, micro- or nanoseconds in `start` or `end` (from 10^11, 10^14, 10^17 on)'),
    content: text(
      'srcaddr start end',
      ...['99999999999', '100000000999', '100000000000999', '100000000000999999', '-5'].map((time) => `192.0.2.1 ${time} ${time}`),
    ),
    totals: [5, 5, 0, 0],
    values: {
      columns: '"start", "end"',
      rows: ['-5', '100000000', '100000000', '100000000', '99999999999'].map((time) => [time, time]),
    },
  },
  {
    name: 'times of before the calendar',
    row: row('a time before the year 1'),
    content: text('srcaddr start end', '192.0.2.1 -62135596800 -62135596801', '192.0.2.1 -9223372036854775808 1'),
    totals: [2, 2, 0, 2],
    reasons: [/field (start|end): expected a time from the year 1 on or -/],
    values: {
      columns: '"start", "end"',
      rows: [
        ['-62135596800', null],
        [null, '1'],
      ],
    },
  },
  {
    name: 'the longest line, and one that is longer',
    row: row('a line of more than 65,536 characters'),
    content: text(V3, v3('x'.repeat(MAX_LINE - v3('').length)), v3('y'.repeat(MAX_LINE - v3('').length + 1)), v3('192.0.2.1')),
    totals: [3, 2, 1, 0],
    reasons: [/longer than 65536 characters/],
  },
  {
    name: 'bytes behind a member',
    row: row('bytes between or after members that are not members'),
    content: Buffer.concat([gzipSync(text(HEADER, line())), Buffer.from('junk'), gzipSync(text(HEADER, line())), Buffer.from('more')]),
    totals: [4, 2, 2, 0],
  },
];

function corrupt(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(0xdeadbeef, bytes.length - 8);
  return bytes;
}

async function answers(records: Records) {
  const rows = await records.db.rows('SELECT srcaddr, count(*) AS n FROM flow_records GROUP BY 1 ORDER BY 1 NULLS FIRST');
  return { totals: records.totals, rows, samples: records.samples.map(({ reason }) => reason) };
}

describe.each(CASES.map((one) => ({ ...one, title: one.row === undefined ? one.name : `${one.row}: ${one.name}` })))(
  '$title',
  ({ name, content, totals, reasons = [], sources, values }) => {
    const path = writeLog(folder, `case ${CASES.findIndex((c) => c.name === name)}'s.log`, content);

    test('is accounted for line by line', async () => {
      await withLogs([path], async (records) => {
        const { lines, records: good, rejectedLines, badValues } = records.totals;
        expect(good + rejectedLines).toBe(lines);
        if (name === 'a truncated gzip member') {
          expect(good).toBe(1);
          expect(rejectedLines).toBeGreaterThan(2000);
        } else {
          expect([lines, good, rejectedLines, badValues]).toEqual(totals);
        }
        reasons.forEach((reason) => {
          expect(records.samples[0]?.reason).toMatch(reason);
        });
        if (reasons.length > 0) expect(records.samples[0]?.file).toBe(path);
        if (values !== undefined) {
          const rows = await records.db.rows(`SELECT ${values.columns} FROM flow_records ORDER BY ALL`);
          expect(rows.map((one) => Object.values(one))).toEqual(values.rows);
        }
        if (sources !== undefined) {
          const rows = await records.db.rows('SELECT srcaddr FROM flow_records ORDER BY 1 NULLS FIRST');
          expect(rows.map((row) => row['srcaddr'])).toEqual(sources);
        }
      });
    });

    test('answers alike with few columns, without cache, filling the cache and from it', async () => {
      const cache = join(folder, 'cache');
      const all = await withLogs([path], answers);
      const few = await withLogs([path], answers, { columns: new Set(['srcaddr']) });
      const filling = await withLogs([path], answers, { cache });
      const cached = await withLogs([path], answers, { cache });
      expect(few.rows).toEqual(all.rows);
      // All columns are checked, whichever are read.
      expect(few.totals).toEqual(all.totals);
      expect(filling).toEqual(all);
      expect(cached).toEqual(all);
    });
  },
);

test('rejects name file, line, field and text, and can be written out', async () => {
  const path = writeLog(folder, 'rejects.log', text(HEADER, line({ dstport: 'ssh' }), 'short line', line()));
  const out = join(folder, 'rejects.ndjson');
  await withLogs([path], (records) => records.writeRejects(out));
  expect(
    readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as unknown),
  ).toEqual([
    {
      file: path,
      line: 2,
      kind: 'value',
      reason: 'field dstport: expected a 32-bit integer or -, read as NULL',
      text: 'ssh',
      field: 'dstport',
    },
    { file: path, line: 3, kind: 'line', reason: 'too few columns: got 2, expected 14', text: 'short line' },
  ]);
});

test.each([['srcaddr dstaddr srcaddr'], ['srcaddr dstaddr a$b'], ['srcaddr pkt-srcaddr pkt_srcaddr'], ['srcaddr dstaddr Weird weird']])(
  'a first header line that cannot name columns refuses the file: %s',
  async (header) => {
    await expect(withLogs([writeLog(folder, 'twice.log', text(header, 'a b c'))], answers)).rejects.toThrow(/twice\.log: bad header/);
  },
);

test('milliseconds become seconds', async () => {
  const path = writeLog(folder, 'ms.log', text(HEADER, line({ start: '1790000000123' })));
  await withLogs([path], async (records) => {
    expect(await records.db.rows('SELECT "start" FROM flow_records')).toEqual([{ start: '1790000000' }]);
    expect(await records.range()).toEqual({ from: 1790000000, to: 1790000001 });
  });
});

test('formats are told apart by header and unioned by name', async () => {
  const a = writeLog(folder, 'mix-a.log', text(HEADER, line({ src: '192.0.2.1' })));
  const b = writeLog(folder, 'mix-b.log', text(V3, v3('192.0.2.2')));
  await withLogs([a, b], async (records) => {
    expect(await records.db.rows('SELECT srcaddr, vpc_id, srcport FROM flow_records ORDER BY 1')).toEqual([
      { srcaddr: '192.0.2.1', vpc_id: null, srcport: 40000 },
      { srcaddr: '192.0.2.2', vpc_id: 'vpc-0aa', srcport: null },
    ]);
    expect(records.formats.map(({ records: n }) => n)).toEqual([1, 1]);
  });
});

test('fields of the future are kept as strings and named', async () => {
  const path = writeLog(folder, 'future.log', text(`${HEADER} quantum-state`, `${line()} up`));
  await withLogs(
    [path],
    async (records) => {
      expect(await records.db.rows('SELECT quantum_state FROM flow_records')).toEqual([{ quantum_state: 'up' }]);
      expect(records.formats[0]?.unknownFields).toEqual(['quantum-state']);
    },
    { columns: new Set(['srcaddr']) },
  );
});

test('hostile header names are column names, not SQL', async () => {
  const evil = `version srcaddr start x");DROP/**/VIEW/**/flow_records;-- 'y' _odd`;
  const path = writeLog(folder, 'evil.log', text(evil, '2 192.0.2.1 1790000000 a b c'));
  await withLogs([path], async (records) => {
    expect(records.columns.map(({ name }) => name)).toEqual([
      'version',
      'srcaddr',
      'start',
      'x");DROP/**/VIEW/**/flow_records;__',
      "'y'",
      '_odd',
    ]);
    expect(await records.db.rows('SELECT srcaddr FROM flow_records')).toEqual([{ srcaddr: '192.0.2.1' }]);
  });
});

test('one gigabyte of zeros in a small gzip is refused at once', async () => {
  const block = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const path = writeLog(folder, 'zeros.log.gz', Buffer.concat(Array.from({ length: 16 }, () => block)));
  await expect(withLogs([path], answers)).rejects.toThrow(/zeros\.log\.gz: binary content/);
});

test('one gigabyte of text in a small gzip stops at the limit with a clear error', async () => {
  const block = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'));
  const path = writeLog(folder, 'bomb.log.gz', Buffer.concat([gzipSync(text(HEADER, line())), ...Array.from({ length: 16 }, () => block)]));
  await expect(withLogs([path], answers)).rejects.toThrow(/bomb\.log\.gz: \d+ bytes expand to more than \d+ .*decompression bomb/s);
});

test.each([
  ['bzip2', Buffer.from('BZh91AY&SY\x01\x02\0'), /bzip2: unpack it yourself/],
  ['xz', Buffer.from('\xfd7zXZ\0\0\x04', 'latin1'), /xz: unpack it yourself/],
  ['a packet capture', Buffer.from('\xd4\xc3\xb2\xa1\x02\0\x04\0', 'latin1'), /packet capture: convert it to connections with `zeek/],
  ['a file of nfdump', Buffer.from('\x0c\xa5\x02\0', 'latin1'), /nfdump -r x -o csv/],
  ['ORC', Buffer.from('ORC\x01\0'), /ORC: expected Parquet/],
  ['something binary', Buffer.from([7, 0, 1, 2]), /binary content/],
])('%s is refused with what to do', async (_, content, why) => {
  await expect(withLogs([writeLog(folder, 'other', content)], answers)).rejects.toThrow(why);
});

describe('CloudWatch Logs', () => {
  test('an export object: each line led by an ISO timestamp, no header', async () => {
    const path = writeLog(folder, '000000.gz', gzipSync(text(`2026-11-20T05:00:00.000Z ${line()}`, `2026-11-20T05:00:01.000Z ${line()}`)));
    await withLogs([path], async (records) => {
      expect(records.totals).toMatchObject({ records: 2, rejectedLines: 0 });
      expect(records.assumedFiles).toEqual([path]);
    });
  });

  test('an export object of a custom format needs the format to be told', async () => {
    const path = writeLog(folder, 'custom-export.log', text(`2026-11-20T05:00:00.000Z ${v3('192.0.2.2')}`));
    await expect(withLogs([path], answers)).rejects.toThrow(/custom-export\.log: .*have no header: set --log-format/);
    await withLogs(
      [path],
      async (records) => {
        expect(records.totals.records).toBe(1);
      },
      { headless: parseFormat(V3) },
    );
  });

  test('filter-log-events JSON', async () => {
    const events = {
      events: [
        { logStreamName: 'eni-0a1-all', timestamp: 1, message: line() },
        { timestamp: 2, message: 'broken' },
      ],
      searchedLogStreams: [],
    };
    const path = writeLog(folder, 'events.json', JSON.stringify(events));
    await withLogs(
      [path],
      async (records) => {
        expect(records.totals).toMatchObject({ lines: 2, records: 1, rejectedLines: 1 });
        expect(records.samples[0]).toMatchObject({ line: 2, reason: expect.stringContaining('too few columns') as string });
      },
      { headless: parseFormat('default') },
    );
  });

  test('a subscription payload from the OpenTelemetry project', async () => {
    await withLogs([join(FIXTURES, 'otel-subscription.json')], async (records) => {
      expect(await records.db.rows('SELECT srcaddr, dstport, action FROM flow_records ORDER BY dstport')).toEqual([
        { srcaddr: '172.31.16.139', dstport: 22, action: 'ACCEPT' },
        { srcaddr: '172.31.9.69', dstport: 3389, action: 'REJECT' },
      ]);
    });
  });
});

describe('real samples', () => {
  test('Grafana lambda-promtail', async () => {
    await withLogs([join(FIXTURES, 'grafana-lambda-promtail.log.gz')], async (records) => {
      expect(await records.db.rows('SELECT sum(bytes)::VARCHAR AS bytes, count(*)::VARCHAR AS n FROM flow_records')).toEqual([
        { bytes: '34052', n: '3' },
      ]);
    });
  });

  test('OpenTelemetry NODATA record', async () => {
    await withLogs([join(FIXTURES, 'otel-nodata.log')], async (records) => {
      expect(await records.db.rows('SELECT interface_id, log_status, srcaddr, action FROM flow_records')).toEqual([
        { interface_id: 'eni-0eb1e4178af74336c', log_status: 'NODATA', srcaddr: null, action: null },
      ]);
    });
  });
});

describe('zstd', () => {
  const SAMPLE = join(FIXTURES, 'two-records.log.zst');

  test('is read', async () => {
    await withLogs([SAMPLE], async (records) => {
      expect(records.totals).toMatchObject({ lines: 2, records: 2 });
    });
  });

  test('a truncated frame is refused', async () => {
    const whole = readFileSync(SAMPLE);
    const path = writeLog(folder, 'cut.log.zst', whole.subarray(0, whole.length - 6));
    await expect(withLogs([path], answers)).rejects.toThrow(/cut\.log\.zst: damaged zstd frame/);
  });
});

describe('sources', () => {
  const source = documented('source');
  const parquetOf = async (path: string, select: string) => {
    const db = await openDatabase({ threads: 1, memory: '200MB', temporaryFolder: join(folder, 'spill') });
    await db.rows(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
    await db.close();
    return path;
  };
  const csv = `${HEADER.split(' ').join(',')}\n${line().split(' ').join(',')}\n`;
  const tokens = line().split(' ');
  const rowOf = (of: (name: string) => string) =>
    JSON.stringify(Object.fromEntries(HEADER.split(' ').map((name, i) => [of(name), tokens[i]])));

  test.each<[string, string, () => string | Buffer | Promise<string>, string]>([
    [
      source('text, one record per line'),
      'any order of fields',
      () => text('action start dstport srcaddr', 'REJECT 1790000000 22 192.0.2.1'),
      'aws',
    ],
    [source('text, one record per line'), 'a single name', () => text('srcaddr', '192.0.2.1'), 'aws'],
    [
      source('AWS Parquet'),
      'by its first bytes',
      () => parquetOf(join(folder, 'source.bin'), "SELECT '192.0.2.1' AS srcaddr, '198.51.100.9' AS dstaddr"),
      'parquet',
    ],
    [source('CloudWatch Logs export object'), 'the default format', () => text(`2026-11-20T05:00:00.000Z ${line()}`), 'cloudwatch-export'],
    [source('[CloudWatch Logs events](#cloudwatch-logs-events)'), 'a message', () => JSON.stringify({ message: line() }), 'events'],
    [
      source('[CloudWatch Logs events](#cloudwatch-logs-events)'),
      'a header with message',
      () => `timestamp,message\n1,${line()}\n`,
      'events',
    ],
    [source('rows: CSV of Athena and others, JSON of `UNLOAD`'), 'CSV', () => csv, 'csv'],
    [
      source('rows: CSV of Athena and others, JSON of `UNLOAD`'),
      'JSON with underscores',
      () => rowOf((name) => name.replace('-', '_')),
      'events',
    ],
    [source('rows: CSV of Athena and others, JSON of `UNLOAD`'), 'JSON with hyphens', () => rowOf((name) => name), 'events'],
    [
      source(FOREIGN_SOURCES_ROW),
      'keys that only Google has',
      () =>
        JSON.stringify({
          jsonPayload: {
            connection: { src_ip: '192.0.2.1', dest_ip: '198.51.100.9', protocol: 6 },
            reporter: 'SRC',
            start_time: '2026-11-20T05:00:00Z',
          },
        }),
      'gcp',
    ],
  ])('%s: %s', async (_rule, form, make, kind) => {
    const made = await make();
    const path = typeof made === 'string' && made.startsWith(folder) ? made : writeLog(folder, `source ${form}`, made);
    await withLogs([path], async (records) => {
      expect(records.kinds).toEqual({ [kind]: 1 });
      expect(await records.db.rows('SELECT srcaddr FROM flow_records')).toEqual([{ srcaddr: '192.0.2.1' }]);
    });
  });

  const FITS: [string, (good: number) => string][] = [
    ['messages', (good) => Array.from({ length: 10 }, (_, i) => JSON.stringify({ message: i < good ? line() : '2 short' })).join('\n')],
  ];
  test.each(FITS)(
    `${source('[CloudWatch Logs events](#cloudwatch-logs-events)')}: the default format if more than half of the %s fit it`,
    async (_, make) => {
      await withLogs([writeLog(folder, 'six', make(6))], async ({ totals, assumedFiles }) => {
        expect([totals.records, totals.rejectedLines, assumedFiles.length]).toEqual([6, 4, 1]);
      });
      await expect(withLogs([writeLog(folder, 'five', make(5))], answers)).rejects.toThrow(/set --log-format/);
    },
  );

  test(`${source('text without header')}: refused, with the hint that would read it; read with the format`, async () => {
    const path = writeLog(folder, 'headless.log', text(line(), line({ src: '192.0.2.2' })));
    await expect(withLogs([path], answers)).rejects.toThrow(/headless\.log: no header line: got "2 123456789012.*--log-format default/);
    await withLogs([path], async (records) => expect(records.totals.records).toBe(2), { headless: parseFormat('default') });
  });
});

describe('folders', () => {
  test(row('a file in a folder that is not a flow log'), async () => {
    const sub = join(folder, 'mixed');
    mkdirSync(sub);
    writeLog(sub, 'a.log', text(HEADER, line()));
    writeLog(sub, 'notes.md', 'just words\n');
    writeLog(sub, '_SUCCESS', '');
    await withLogs([sub], async (records) => {
      expect(records.totals).toMatchObject({ files: 2, records: 1 });
      expect(records.skippedFiles).toEqual([{ path: join(sub, 'notes.md'), why: expect.stringContaining('no header line') as string }]);
    });
    await expect(withLogs([join(sub, 'notes.md')], answers)).rejects.toThrow(/notes\.md: no header line/);
  });

  test('a log without records is one, beside files that are none', async () => {
    const sub = join(folder, 'idle');
    mkdirSync(sub);
    writeLog(sub, 'a.log', text(HEADER));
    writeLog(sub, 'notes.md', 'just words\n');
    await withLogs([sub], async (records) => {
      expect(records.totals).toMatchObject({ files: 2, records: 0 });
      expect(records.skippedFiles).toHaveLength(1);
    });
  });

  test('a path that does not exist says what to give', async () => {
    await expect(withLogs(['nowhere.log'], answers)).rejects.toThrow(/nowhere\.log: no such file or folder\. Expected a file/);
  });
});
