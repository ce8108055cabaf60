/** What docs/reading.md says outside of its tables and no other test proves. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipOf } from '../support/archives';
import { flowlogs } from '../support/cli';
import { stated } from '../support/documented';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';
import { rowsOf } from '../support/rows';

const folder = temporaryFolder();
let serial = 0;
const file = (content: string | Buffer) => writeLog(folder, `${++serial}`, content);
const text = (...lines: string[]) => `${lines.join('\n')}\n`;

describe(stated('**Names** are recognised as AWS and its tools spell them'), () => {
  test.each(['pkt-srcaddr', 'pkt_srcaddr', 'pktSrcAddr', 'PKT-SRCADDR', 'Pkt_SrcAddr', 'PktSrcAddr'])('%s', async (name) => {
    for (const content of [
      text(`${name} dstaddr`, '192.0.2.1 198.51.100.9'),
      `${name},dstaddr\n192.0.2.1,198.51.100.9\n`,
      JSON.stringify({ [name]: '192.0.2.1', dstaddr: '198.51.100.9' }),
    ])
      expect((await rowsOf([file(content)])).rows).toEqual([{ pkt_srcaddr: '192.0.2.1', dstaddr: '198.51.100.9' }]);
  });

  test(stated("If two columns name one field, the column in AWS's own spelling is used, and the other is an unknown field."), async () => {
    for (const names of ['startTime start srcaddr', 'startTime start srcaddr'.replace('startTime', 'START_TIME')]) {
      const { rows } = await rowsOf([file(text(names, 'x 1790000000 192.0.2.1'))]);
      expect(Object.values(rows[0] ?? {})).toEqual(['x', '1790000000', '192.0.2.1']);
    }
  });

  test(stated('One file never affects another.'), async () => {
    const sound = file(text('bytes tcp-flags srcaddr', '18 18 192.0.2.1', '2 2 192.0.2.2'));
    const others = [
      text('Bytes TCP_FLAGS SRCADDR', 'many none 192.0.2.3'),
      text('bytes tcp_flags srcaddr bytes_', '1e3 - 192.0.2.3 x'),
      'bytes,tcpFlags,srcaddr\nmany,none,192.0.2.3\n',
      JSON.stringify({ bytes: 'many', tcpFlags: [1], srcaddr: '192.0.2.3' }),
      text(HEADER, 'too few'),
    ];
    for (const other of others)
      await withLogs([sound, file(other)], async ({ db }) => {
        const [row] = await db.rows(
          "SELECT sum(bytes)::VARCHAR AS sum, max(bytes) AS max, max(tcp_flags) AS flags FROM flow_records WHERE srcaddr IN ('192.0.2.1', '192.0.2.2')",
        );
        expect([other, row]).toEqual([other, { sum: '20', max: '18', flags: 18 }]);
      });
  });
});

describe(stated('**A flow log** has at least two known names'), () => {
  test.each<[string, boolean]>([
    ['srcaddr', true],
    ['quantum', false],
    ['srcaddr quantum', false],
    ['srcaddr action', true],
    ['srcaddr action quantum colour', true],
    ['srcaddr action quantum colour size', false],
    ['srcaddr dstaddr quantum colour size shape age', true],
    ['pkt-srcaddr pkt-dstaddr quantum colour size shape age', true],
    ['srcaddr pkt-dstaddr quantum colour size shape age', false],
    ['version region action quantum colour size shape', false],
  ])('%s: %s', async (names, is) => {
    const content = text(
      names,
      names
        .split(' ')
        .map((_, i) => `v${i}`)
        .join(' '),
    );
    const read = await rowsOf([file(content), file(text(HEADER))]).then(
      ({ totals }) => totals.records,
      (error: unknown) => (error as Error).message,
    );
    if (is) expect(read).toBe(1);
    else expect(read).toMatch(/no header line/);
  });
});

test.each<[string, number, number]>([
  ['srcaddr dstaddr start', 0, 0],
  ['SRCADDR dst_addr startTime', 0, 0],
  ['srcaddr dstaddr -', 1, 0],
  ['srcaddr dstaddr 1', 1, 0],
  ['start', 0, 1],
  ['action', 0, 1],
  ['srcaddr', 0, 1],
])(`${stated('A **header line** consists of the names of a flow log, without a number and')} …: %s`, async (inside, more, rejected) => {
  const record = '192.0.2.1 198.51.100.9 1790000000';
  const { totals } = await rowsOf([file(text('srcaddr dstaddr start', record, inside, record))]);
  expect(totals).toMatchObject({ records: 2 + more, rejectedLines: rejected });
});

test(stated('a single name counts only at the beginning of a file, or where it repeats a header of one name'), async () => {
  const { totals } = await rowsOf([file(text('start', '5', 'dstaddr', '6', 'Start', '7'))]);
  // `dstaddr` is a record of one column then, and no time.
  expect(totals).toMatchObject({ lines: 4, records: 4, rejectedLines: 0, badValues: 1 });
});

describe(stated('**Records without `start`** count unless a time range is given.'), () => {
  const path = () => file(text(HEADER, line(), line({ start: '-' }), line({ start: 'never' }), line({ start: 1790000100 })));
  const recordsIn = (stdout: string) => (JSON.parse(stdout) as { records: number }[]).reduce((sum, { records }) => sum + records, 0);

  test('sql, query', async () => {
    const source = path();
    expect((await flowlogs(['sql', 'SELECT count(*) AS n FROM flow_records', source, '-f', 'csv', '-q'])).stdout).toBe('n\n4\n');
    const { stdout } = await flowlogs(['query', 'top-rejected-sources', source, '-f', 'json', '-q']);
    expect(recordsIn(stdout)).toBe(4);
  });

  test(stated('`--from` and `--to`, detections and their baselines leave them out and report how many.'), async () => {
    const source = path();
    const asked = await flowlogs(['query', 'top-rejected-sources', source, '-f', 'json', '--from', '2026-01-01']);
    expect(recordsIn(asked.stdout)).toBe(2);
    for (const { stderr } of [asked, await flowlogs(['detect', source])]) expect(stderr).toMatch(/\b2 records\b.*(no|without) (a )?start/);
  });

  test(stated('So do `explain`, `tune`, the explorer and reports.'), async () => {
    const source = path();
    const out = join(folder, `${++serial}.html`);
    for (const args of [
      ['explain', 'port-scan/192.0.2.1', source],
      ['tune', source],
      ['report', source, '-o', out],
    ]) {
      const { code, stderr } = await flowlogs(args);
      expect([args[0], code, stderr]).toEqual([
        args[0],
        0,
        expect.stringMatching(/^2 records have no start, so in no window: left out\.$/m),
      ]);
    }
    expect(readFileSync(out, 'utf8')).toContain('2 records without a start');
    let told = '';
    await flowlogs(['explore', source, '--port', '0', '--no-open'], {
      onStart: (child) => {
        child.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()));
        child.stdout?.on('data', () => child.kill('SIGTERM'));
      },
    });
    expect(told).toMatch(/^2 records have no start, so in no window: left out\.$/m);
  });
});

test.each([
  [99, 1],
  [100, 0],
])(`${stated('unless a file starts with a hundred such lines or has no events')}: %i`, async (strangers, records) => {
  const content = `${'{"no":"event"}\n'.repeat(strangers)}${JSON.stringify({ message: line() })}`;
  const inside = join(folder, `strangers-${strangers}`);
  mkdirSync(inside);
  writeLog(inside, 'a.json', content);
  writeLog(inside, 'b.log', text(HEADER));
  const { totals, skipped } = await rowsOf([inside]);
  expect([totals.records, totals.rejectedLines, skipped.length]).toEqual([records, records === 0 ? 0 : strangers, 1 - records]);
});

test.each([6, 7])(
  `${stated('or is nested more than six levels deep, is treated as a decompression bomb and stops with an error')}: %i`,
  async (depth) => {
    let content: Buffer = gzipSync(text(HEADER, line()));
    for (let i = 0; i < depth; i++) content = i % 2 === 0 ? zipOf([{ name: 'x', content, method: 0 }]) : gzipSync(content);
    const read = rowsOf([file(content)]);
    if (depth > 6) await expect(read).rejects.toThrow(/more than 6 nested archives or compressions/);
    else expect((await read).totals.records).toBe(1);
  },
);

test.each([
  ['a row', '{"srcaddr": "192.0.2.9", "dstaddr": "198.51.100.9", "srcaddr": "192.0.2.1", "action": "REJECT"}'],
  ['an event', JSON.stringify({ message: 'x' }).replace('}', `, "message": ${JSON.stringify(line({ src: '192.0.2.1' }))}}`)],
  [
    'an event of a document',
    `{"events": [{"message": ${JSON.stringify(line({ src: '192.0.2.9' }))}, "message": ${JSON.stringify(line({ src: '192.0.2.1' }))}}]}`,
  ],
])(`${stated('If a JSON object has a key twice, its last value counts')}: %s`, async (_, content) => {
  const { rows } = await rowsOf([file(`${content}\n`)]);
  expect(rows.map(({ srcaddr }) => srcaddr)).toEqual(['192.0.2.1']);
});
