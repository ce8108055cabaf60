import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { findField } from '../../lib/flow-log/fields';
import { parseFormat } from '../../lib/flow-log/format';
import { documented } from '../support/documented';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';
import { rowsOf } from '../support/rows';

const folder = temporaryFolder();
let serial = 0;
const row = documented('envelope');
const PAYLOADS = row('subscription payloads, as Firehose delivers them (in gzip members, in gzip within gzip)');
const DELIVERY = row('`{"message": "2 …"}`, as a flow log that delivers to Firehose writes it');
const FILTERED = row("output of `aws logs filter-log-events` and `get-log-events`, pages, `--query 'events[].message'`, `--output text`");
const TAIL = row('output of `aws logs tail`');
const RESULTS = row('answers of `aws logs get-query-results`');
const BASE64 = row(
  "events of Lambda (`awslogs.data`), of Kinesis (`kinesis.data`, `Data`), bodies of Firehose's HTTP requests and transformations (`records[].data`)",
);
const CSV = row('CSV of the CloudWatch console and of Logs Insights');
/** Of the tables of sources and of wrappings. */
const OTHER = 'besides';
const file = (content: string | Buffer, name = `${++serial}`) => writeLog(folder, name, content);

const A = line({ src: '192.0.2.1' });
const B = line({ src: '192.0.2.2', action: 'ACCEPT' });
const C = line({ src: '192.0.2.3' });
const ALL = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];

const event = (message: string, id = 1) => ({ id: String(id), timestamp: 1767225600000, message });
const payload = (...messages: string[]) => ({
  messageType: 'DATA_MESSAGE',
  owner: '123456789012',
  logGroup: '/vpc/flow',
  logStream: 'eni-0a1-all',
  subscriptionFilters: ['f'],
  logEvents: messages.map(event),
});
const CONTROL = {
  messageType: 'CONTROL_MESSAGE',
  owner: 'CloudwatchLogs',
  logGroup: '',
  logStream: '',
  subscriptionFilters: [],
  logEvents: [event('CWL CONTROL MESSAGE: Checking health of destination Firehose.')],
};
const json = (value: unknown) => JSON.stringify(value);
const base64 = (value: Buffer | string) => Buffer.from(value).toString('base64');
const zipped = (value: unknown) => base64(gzipSync(json(value)));
const page = (...messages: string[]) => ({
  events: messages.map((message) => ({ logStreamName: 's', ...event(message) })),
  searchedLogStreams: [{ logStreamName: 's', searchedCompletely: true }],
  nextToken: 'abc',
});
const COLUMNS = HEADER.split(' ').map((name) => name.replaceAll('-', '_'));
const cells = (text: string) => text.split(' ');
const rowObject = (text: string) => Object.fromEntries(COLUMNS.map((name, i) => [name, cells(text)[i]]));

describe.each([
  [PAYLOADS, 'subscription payloads, one after the other', json(payload(A, B)) + json(payload(C))],
  [PAYLOADS, 'subscription payloads, one a line', `${json(payload(A, B))}\n${json(payload(C))}\n`],
  [PAYLOADS, 'payloads whose type comes last', json({ logEvents: [event(A), event(B), event(C)], messageType: 'DATA_MESSAGE' })],
  [
    PAYLOADS,
    'payloads in gzip members',
    Buffer.concat([gzipSync(json(payload(A))), gzipSync(json(payload(B))), gzipSync(json(payload(C)))]),
  ],
  [PAYLOADS, 'payloads in gzip within gzip', gzipSync(Buffer.concat([gzipSync(json(payload(A, B))), gzipSync(json(payload(C)))]))],
  [PAYLOADS, 'an array of payloads', json([payload(A, B), payload(C)])],
  [DELIVERY, 'messages of Firehose, one a line', [A, B, C].map((message) => json({ message })).join('\n')],
  [
    DELIVERY,
    'messages of Firehose without separators, line feeds in them',
    [A, B, C].map((message) => json({ message: `${message}\n` })).join(''),
  ],
  [DELIVERY, 'a message of several lines', json({ message: `${A}\n${B}\n${C}\n` })],
  [FILTERED, 'one page of filter-log-events', json(page(A, B, C))],
  [
    FILTERED,
    'pages of filter-log-events',
    `${JSON.stringify(page(A, B), null, 4)}\n${JSON.stringify(page(), null, 4)}\n${JSON.stringify(page(C), null, 4)}\n`,
  ],
  [FILTERED, 'a byte order mark before it', `\ufeff${JSON.stringify(page(A, B, C), null, 4)}`],
  [FILTERED, 'byte order marks between pages', `\ufeff${json(page(A, B))}\r\n\ufeff${json(page(C))}`],
  [FILTERED, '--query events[].message', json([A, B, C])],
  [FILTERED, 'messages by jq', [A, B, C].map((message) => json(message)).join('\n')],
  [
    FILTERED,
    '--output text',
    `${[A, B, C].map((message, i) => `EVENTS\t3700${i}\t1767225690000\ts\t${message}\t1767225600000`).join('\n')}\nSEARCHEDLOGSTREAMS\ts\tTrue\n`,
  ],
  [
    FILTERED,
    'get-log-events --output text',
    `b/37000000000000000000000000000000000000000000000000000000/s\tf/37000000000000000000000000000000000000000000000000000001/s\n${[A, B, C].map((message) => `EVENTS\t1767225690000\t${message}\t1767225600000`).join('\n')}\n`,
  ],
  [FILTERED, '--query events[].message --output text', [A, B, C].join('\t')],
  [TAIL, 'aws logs tail', [A, B, C].map((message) => `2026-01-01T00:00:00.123000+00:00 eni-0a1-all ${message}`).join('\n')],
  [TAIL, 'aws logs tail --format short', [A, B, C].map((message) => `2026-01-01T00:00:00 ${message}`).join('\n')],
  [
    RESULTS,
    'an answer of get-query-results',
    json({
      results: [A, B, C].map((message) => [
        { field: '@timestamp', value: '2026-01-01 00:00:00.000' },
        { field: '@message', value: message },
        { field: '@ptr', value: 'x' },
      ]),
      statistics: { recordsMatched: 3 },
      status: 'Complete',
    }),
  ],
  [BASE64, 'an event of Lambda', json({ awslogs: { data: zipped(payload(A, B, C)) } })],
  [BASE64, 'events of Lambda', [payload(A, B), payload(C)].map((one) => json({ awslogs: { data: zipped(one) } })).join('\n')],
  [
    BASE64,
    'records of a Kinesis stream',
    json({
      Records: [payload(A, B), payload(C)].map((one) => ({
        eventSource: 'aws:kinesis',
        kinesis: { sequenceNumber: '1', data: zipped(one) },
      })),
    }),
  ],
  [
    BASE64,
    'aws kinesis get-records',
    json({
      Records: [payload(A, B), payload(C)].map((one) => ({ SequenceNumber: '1', Data: zipped(one), PartitionKey: 'p' })),
      NextShardIterator: 'x',
      MillisBehindLatest: 0,
    }),
  ],
  [
    BASE64,
    'the body of a Firehose HTTP request',
    json({ requestId: 'r', timestamp: 1767225600000, records: [payload(A, B), payload(C)].map((one) => ({ data: zipped(one) })) }),
  ],
  [
    BASE64,
    'an event of a Firehose transformation',
    json({
      invocationId: 'i',
      deliveryStreamArn: 'arn',
      records: [A, B, C].map((message, i) => ({ recordId: String(i), data: base64(json({ message })) })),
    }),
  ],
  [BASE64, 'lines in base64', json({ records: [{ data: base64(`${A}\n${B}\n`) }, { data: base64(C) }] })],
  [BASE64, 'payloads in base64, one a line', [payload(A, B), payload(C)].map(zipped).join('\n')],
  [BASE64, 'one payload in base64, broken into lines', `${zipped(payload(A, B, C)).replace(/(.{76})/g, '$1\n')}\n`],
  [BASE64, 'base64 of JSON', base64(json(page(A, B, C)))],
  [CSV, 'CSV of the CloudWatch console', `timestamp,message\n${[A, B, C].map((message) => `1767225600000,${message}`).join('\n')}\n`],
  [
    CSV,
    'CSV of the CloudWatch console with quotes',
    `timestamp,message\r\n${[A, B, C].map((message) => `1767225600000,"${message}"`).join('\r\n')}\r\n`,
  ],
  [
    CSV,
    'CSV of Logs Insights',
    `@timestamp,@message,@logStream\n${[A, B, C].map((message) => `2026-01-01 00:00:00.000,"${message}",s`).join('\n')}\n`,
  ],
  [
    OTHER,
    'rows of Logs Insights, by its names for the fields',
    json([A, B, C].map((text) => Object.fromEntries(HEADER.split(' ').map((name, i) => [findField(name)!.insightsName, cells(text)[i]])))),
  ],
  [OTHER, 'CSV of Athena', `${[COLUMNS, ...[A, B, C].map(cells)].map((row) => row.map((cell) => `"${cell}"`).join(',')).join('\n')}\n`],
  [
    OTHER,
    'CSV without quotes, names with hyphens',
    `${[HEADER.split(' '), ...[A, B, C].map(cells)].map((row) => row.join(',')).join('\n')}\n`,
  ],
  [OTHER, 'JSON of UNLOAD', [A, B, C].map((text) => json(rowObject(text))).join('\n')],
  [OTHER, 'UTF-16 of PowerShell', Buffer.from(`\ufeff${JSON.stringify(page(A, B, C), null, 4)}`, 'utf16le')],
  [OTHER, 'UTF-16, the other way round', Buffer.from(`\ufeff${json(page(A, B, C))}`, 'utf16le').swap16()],
  [OTHER, 'UTF-16 without byte order mark, in gzip', gzipSync(Buffer.from(json(page(A, B, C)), 'utf16le'))],
  [OTHER, 'UTF-16 of a log with header', Buffer.from(`\ufeff${[HEADER, A, B, C].join('\r\n')}\r\n`, 'utf16le')],
] as [string, string, string | Buffer][])('%s: %s', (_carrier, _form, content) => {
  const path = file(content);

  test('holds three records', async () => {
    const { rows, totals, skipped } = await rowsOf([path], 'srcaddr, srcport, bytes, "start", action');
    expect(rows.map((row) => row['srcaddr'])).toEqual(ALL);
    expect(rows[1]).toEqual({ srcaddr: '192.0.2.2', srcport: 40000, bytes: '40', start: '1790000000', action: 'ACCEPT' });
    expect(totals).toEqual({ files: 1, lines: 3, records: 3, rejectedLines: 0, badValues: 0 });
    expect(skipped).toEqual([]);
  });

  test('answers alike from a folder, filling the cache and from it', async () => {
    const cache = `${folder}/cache`;
    const once = () => rowsOf([path], '*', { cache });
    const first = await once();
    expect(await once()).toEqual(first);
  });
});

test('control messages are no records, and counted', async () => {
  const { rows, totals, ignored, kinds } = await rowsOf(
    [file(json(CONTROL) + json(payload(A)) + json(CONTROL) + json({ awslogs: { data: zipped(CONTROL) } }))],
    'srcaddr',
  );
  expect(rows).toEqual([{ srcaddr: '192.0.2.1' }]);
  expect(totals).toMatchObject({ lines: 1, records: 1, rejectedLines: 0 });
  expect(ignored).toEqual({ 'control-message': 3 });
  expect(kinds).toEqual({ events: 1 });
  const alone = await rowsOf([file(json(CONTROL))]);
  expect([alone.totals.records, alone.ignored, alone.skipped]).toEqual([0, { 'control-message': 1 }, []]);
});

test('NODATA of Athena and of Insights, where what is NULL is empty or absent', async () => {
  const csv = `"interface_id","srcaddr","bytes","log_status","start"\n"eni-1","","","NODATA","1790000000"\n"eni-1","192.0.2.1","5","OK","1790000000"\n`;
  const unload = `${json({ interface_id: 'eni-1', log_status: 'NODATA', start: 1790000000 })}\n${json({ interface_id: 'eni-1', srcaddr: '192.0.2.1', bytes: 5, log_status: 'OK', start: 1790000000, instance_id: null })}\n`;
  for (const content of [csv, unload]) {
    const { rows, totals } = await rowsOf([file(content)], 'interface_id, srcaddr, bytes, log_status');
    expect(totals).toMatchObject({ records: 2, rejectedLines: 0, badValues: 0 });
    expect(rows).toEqual([
      { interface_id: 'eni-1', srcaddr: '192.0.2.1', bytes: '5', log_status: 'OK' },
      { interface_id: 'eni-1', srcaddr: null, bytes: null, log_status: 'NODATA' },
    ]);
  }
});

describe.each([
  ['CSV', (names: string[], rows: string[][]) => [names, ...rows].map((row) => row.map((text) => `"${text}"`).join(',')).join('\n')],
  [
    'JSON',
    (names: string[], rows: string[][]) =>
      rows.map((row) => `{${row.map((text, i) => `"${names[i]}":${/^\d+$/.test(text) ? text : json(text)}`).join(',')}}`).join('\n'),
  ],
])('rows of %s', (_, write) => {
  const rowsIn = (names: string, ...rows: string[][]) => rowsOf([file(write(names.split(' '), rows))]);

  test('say what they hold: codes of tags as they are, integers to the last digit', async () => {
    const values = ['192.0.2.1', '198.51.100.9', 'a%20b', '100%', 'a b', '9007199254740993', '9223372036854775807'];
    const { rows, totals } = await rowsIn('srcaddr dstaddr instance_tag interface_tag asg_tag bytes packets', values);
    expect(rows[0]).toEqual({
      ...{ srcaddr: '192.0.2.1', dstaddr: '198.51.100.9', instance_tag: 'a%20b', interface_tag: '100%', asg_tag: 'a%20b' },
      ...{ bytes: '9007199254740993', packets: '9223372036854775807' },
    });
    expect(totals.badValues).toBe(0);
  });
});

test('a header line of other columns inside CSV names the rows after it, a bad one none', async () => {
  const { rows, totals, reasons } = await rowsOf([
    file(
      [
        ...['srcaddr,dstaddr,bytes', '192.0.2.1,198.51.100.9,1', 'dstaddr,srcaddr', '198.51.100.9,192.0.2.2'],
        ...['srcaddr,dstaddr,srcaddr', '192.0.2.3,198.51.100.9,192.0.2.4', 'srcaddr,dstaddr', '192.0.2.5,198.51.100.9'],
      ].join('\n'),
    ),
  ]);
  expect(rows.map(({ srcaddr, bytes }) => [srcaddr, bytes])).toEqual([
    ['192.0.2.1', '1'],
    ['192.0.2.2', null],
    ['192.0.2.5', null],
  ]);
  expect(totals).toMatchObject({ lines: 5, records: 3, rejectedLines: 2 });
  expect(reasons).toEqual([
    expect.stringContaining('5 bad header: fields "srcaddr" and "srcaddr" both map to column "srcaddr"'),
    '6 no line of column names before it',
  ]);
});

test('spaces around cells, byte order marks of files that were put together', async () => {
  const content = '\ufeffsrcaddr, dstaddr ,bytes\n192.0.2.1, 198.51.100.9 , 5\n\ufeffsrcaddr,dstaddr,bytes\n192.0.2.2," 198.51.100.9",6\n';
  const { rows, totals } = await rowsOf([file(content)]);
  expect(rows).toEqual([
    { srcaddr: '192.0.2.1', dstaddr: '198.51.100.9', bytes: '5' },
    { srcaddr: '192.0.2.2', dstaddr: '198.51.100.9', bytes: '6' },
  ]);
  expect(totals).toMatchObject({ records: 2, rejectedLines: 0, badValues: 0 });
});

test('CSV of rejected rows only is a flow log nevertheless', async () => {
  expect((await rowsOf([file('srcaddr,dstaddr\n192.0.2.1\n')])).totals).toMatchObject({ lines: 1, records: 0, rejectedLines: 1 });
});

test.each(['srcaddr,dstaddr,srcaddr\n192.0.2.1,198.51.100.9,192.0.2.2\n', 'srcaddr,dstaddr,srcaddr\n', 'srcaddr,dstaddr,a$b\n1,2,3\n'])(
  'CSV whose first line cannot name columns is refused: %j',
  async (content) => expect(rowsOf([file(content)])).rejects.toThrow(/bad header: .*(both map to column|cannot be a field name)/),
);

test('what is broken is counted with its place, and costs no other', async () => {
  const cut = json(payload(A, C)).slice(0, -90);
  const { rows, totals, reasons } = await rowsOf(
    [file(json(payload(B)) + cut + json(payload(B, '2 short', line({ dstport: 'ssh' }))))],
    'srcaddr, dstport',
  );
  expect(rows.map(({ srcaddr }) => srcaddr)).toEqual(['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.2']);
  expect(totals).toMatchObject({ lines: 6, records: 4, rejectedLines: 2, badValues: 1 });
  expect(reasons).toEqual([
    expect.stringContaining('1 line 1: not valid JSON'),
    '4 too few columns: got 2, expected 14',
    '5 field dstport: expected a 32-bit integer or -, read as NULL',
  ]);
});

test.each([
  [
    'a payload that is no gzip',
    json({ awslogs: { data: base64(Buffer.from([1, 2, 3, 250])) } }),
    /event 2: payload in base64 is neither text nor gzip/,
  ],
  ['a payload that is not base64', json({ records: [{ data: '!!!' }] }), /event 2: payload in base64: not base64: it has characters/],
  ['a payload with a sign too many', json({ records: [{ data: `*${base64(line())}` }] }), /event 2: payload in base64: not base64/],
  ['a payload of spaces', json({ records: [{ data: '    ' }] }), /event 2: payload in base64: not base64: it is empty/],
  [
    'a damaged payload',
    json({ awslogs: { data: base64(gzipSync(json(payload(A))).subarray(0, 60)) } }),
    /event 2: payload in base64: unexpected end of file/,
  ],
  ['an event without message', json({ events: [{ timestamp: 1 }] }), /event 2: expected \{"message": .*got \{"timestamp":1\}/],
  ['a truncated document', '{"events": [{"message": "2 1', /not valid JSON: the text ends inside it/],
  ['text between documents', 'Error: throttled\n', /line 1: not valid JSON: no JSON object/],
])('%s beside events is one rejected line', async (_, broken, reason) => {
  const { totals, reasons } = await rowsOf([file(json(payload(A)) + broken)]);
  expect(totals).toMatchObject({ lines: 2, records: 1, rejectedLines: 1 });
  expect(reasons[0]).toMatch(reason);
});

test.each([
  ['CloudTrail', json({ Records: [{ eventVersion: '1.08', eventName: 'GetObject' }] }), /event 1: expected \{"message"/],
  ['a custom format', json(payload('2 a b', '2 c d')), /have no header: set --log-format/],
  ['other CSV with messages', 'time,message\n1,hello\n2,world\n', /have no header: set --log-format/],
])('%s is no flow log: refused by name, skipped in a folder', async (_, content, why) => {
  await expect(rowsOf([file(content)])).rejects.toThrow(why);
  const { mkdirSync } = await import('node:fs');
  const inside = `${folder}/d${++serial}`;
  mkdirSync(inside);
  writeLog(inside, 'a.log', `${HEADER}\n${A}\n`);
  writeLog(inside, 'b', content);
  const { totals, skipped } = await rowsOf([inside]);
  expect(totals).toMatchObject({ records: 1, rejectedLines: 0 });
  expect(skipped).toEqual([expect.stringMatching(why)]);
});

test('a custom format that is told', async () => {
  const headless = parseFormat('srcaddr dstaddr start action');
  const custom = (src: string) => `${src} 198.51.100.9 1790000000 ACCEPT`;
  for (const content of [
    json(payload(...ALL.map(custom))),
    ALL.map((src) => `2026-01-01T00:00:00Z eni-0a1-all ${custom(src)}`).join('\n'),
    `timestamp,message\n${ALL.map((src) => `1,${custom(src)}`).join('\n')}`,
    ALL.map(custom).join('\t'),
  ]) {
    const { rows, totals, assumed } = await rowsOf([file(content)], 'srcaddr', { headless });
    expect(rows.map(({ srcaddr }) => srcaddr)).toEqual(ALL);
    expect([totals.rejectedLines, assumed]).toEqual([0, 0]);
  }
});

test('no event is lost or made up, however they are carried and cut', async () => {
  const carriers: ((messages: string[]) => string)[] = [
    (messages) => json(payload(...messages)),
    (messages) => json(page(...messages)),
    (messages) => messages.map((message) => json({ message })).join(''),
    (messages) => json({ awslogs: { data: zipped(payload(...messages)) } }),
    (messages) => json({ records: messages.map((message) => ({ data: base64(message) })) }),
    () => json(CONTROL),
  ];
  const document = fc.record({ carrier: fc.nat(carriers.length - 1), count: fc.integer({ min: 1, max: 5 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('', '\n', '\r\n', ' '),
      fc.boolean(),
      async (documents, between, zip) => {
        let n = 0;
        let controls = 0;
        const text = documents
          .map(({ carrier, count }) => {
            if (carrier === carriers.length - 1) controls++;
            return carriers[carrier]!(Array.from({ length: count }, () => line({ dstport: carrier === carriers.length - 1 ? 0 : ++n })));
          })
          .join(between);
        const { rows, totals, ignored } = await rowsOf([file(zip ? gzipSync(text) : text)], 'dstport');
        expect(rows.map(({ dstport }) => dstport)).toEqual(Array.from({ length: n }, (_, i) => i + 1));
        expect(totals.rejectedLines).toBe(0);
        expect(ignored).toEqual(controls === 0 ? {} : { 'control-message': controls });
      },
    ),
    { numRuns: 40 },
  );
});

test.each([
  [
    'JSON',
    Buffer.concat([Buffer.from(`${json({ message: A })}\n`), Buffer.from(`{"message":"${B.replace('eni-0a1', 'eni-\xff')}"}\n`, 'latin1')]),
  ],
  ['CSV', Buffer.concat([Buffer.from(`timestamp,message\n1,${A}\n`), Buffer.from(`1,${B.replace('eni-0a1', 'eni-\xff')}\n`, 'latin1')])],
])('bytes that are no UTF-8 in %s are rejected, not mended', async (_, content) => {
  const { totals, reasons } = await rowsOf([file(content)]);
  expect(totals).toMatchObject({ records: 1, rejectedLines: 1 });
  expect(reasons.join()).toContain('not valid UTF-8');
});
