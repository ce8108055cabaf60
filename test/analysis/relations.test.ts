import fc from 'fast-check';
import { Catalogue } from '../../lib/analysis/catalogue';
import type { Row } from '../../lib/analysis/columns';
import { type RelationName, RELATIONS } from '../../lib/analysis/relations';
import { relationSql } from '../../lib/analysis/render';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { makeRelations } from '../../lib/engine/duckdb/relations';
import { RECORDS_TABLE } from '../../lib/flow-log/tables';
import type { Records } from '../../lib/source/records';
import { HEADER, temporaryFolder, withLogs, writeLog } from '../support/logs';

const catalogue = new Catalogue();
const folder = temporaryFolder();
/** 2026-11-20T00:00:00Z */
const T = 1795132800;
const [CLIENT, SERVER, STRANGER, OTHER] = ['10.0.1.66', '10.0.1.10', '8.8.4.7', '8.9.9.9'] as const;

interface Flow {
  eni?: string;
  from: string;
  to: string;
  ports: readonly [number, number];
  protocol?: number;
  packets?: number;
  bytes?: number;
  /** Seconds after {@link T}. */
  at?: number;
  action?: 'ACCEPT' | 'REJECT';
  flags?: number;
}

const line = ({
  eni = 'eni-0a1',
  from,
  to,
  ports,
  protocol = 6,
  packets = 10,
  bytes = packets * 200,
  at = 0,
  action = 'ACCEPT',
  flags = 0,
}: Flow) =>
  `2 123456789012 ${eni} ${from} ${to} ${ports[0]} ${ports[1]} ${protocol} ${packets} ${bytes} ${T + at} ${T + at + 20} ${action} OK ${flags}`;
const empty = (status: 'NODATA' | 'SKIPDATA', eni = 'eni-0a1', at = 0) =>
  `2 123456789012 ${eni} - - - - - - - ${T + at} ${T + at + 60} - ${status} -`;

let logs = 0;
const withLines = <R>(lines: readonly string[], use: (records: Records) => Promise<R>): Promise<R> =>
  withLogs([writeLog(folder, `${logs++}.log`, [`${HEADER} tcp-flags`, ...lines, ''].join('\n'))], async (records) => {
    await DuckDbEngine.over(records);
    return use(records);
  });

const columnsOf = (records: Records) => new Set(records.columns.map(({ name }) => name));
/** The database writes counts as text, since they may exceed what a double holds. */
const plain = (rows: readonly object[]): Row[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row as Row).map(([name, value]) => [name, typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value]),
    ),
  );
const read = async (records: Records, name: RelationName, window = { from: T, to: T + 86400 }): Promise<Row[]> =>
  plain(
    await records.db.rows(
      `SELECT * FROM ${relationSql(catalogue, name, { window, scope: {}, table: RECORDS_TABLE, columns: columnsOf(records) }, 0)} AS relation ORDER BY ALL`,
    ),
  );

/** Both directions of a connection that `from` began, or that only says so by `flags`. */
const both = (flow: Flow, answer: Partial<Flow> = {}): Flow[] => [
  flow,
  { ...flow, from: flow.to, to: flow.from, ports: [flow.ports[1], flow.ports[0]], ...answer },
];

describe('who began', () => {
  test.each<{ name: string; flows: Flow[]; began: string; port: number }>([
    {
      name: 'SYN and SYN-ACK say it',
      flows: both({ from: CLIENT, to: SERVER, ports: [5432, 40000], flags: 2 }, { flags: 18 }),
      began: CLIENT,
      port: 40000,
    },
    {
      name: 'the SYN-ACK alone says it',
      flows: [{ from: SERVER, to: CLIENT, ports: [40000, 5432], flags: 18 }],
      began: CLIENT,
      port: 40000,
    },
    { name: 'the well-known side serves', flows: both({ from: CLIENT, to: SERVER, ports: [40000, 22] }), began: CLIENT, port: 22 },
    { name: 'also where its record is the only one', flows: [{ from: SERVER, to: CLIENT, ports: [22, 40000] }], began: CLIENT, port: 22 },
    {
      name: 'also where its record is first',
      flows: both({ from: CLIENT, to: SERVER, ports: [40000, 443], at: 30 }, { at: 0 }),
      began: CLIENT,
      port: 443,
    },
    { name: 'a port of services serves', flows: both({ from: CLIENT, to: SERVER, ports: [40000, 5432] }), began: CLIENT, port: 5432 },
    {
      name: 'a client behind NAT comes from any port: 443 serves, not 3306',
      flows: both({ from: STRANGER, to: SERVER, ports: [3306, 443] }),
      began: STRANGER,
      port: 443,
    },
    {
      name: 'of two ports of services the inner one serves',
      flows: both({ from: STRANGER, to: SERVER, ports: [3306, 8443] }),
      began: STRANGER,
      port: 8443,
    },
    { name: 'whichever is the lower', flows: both({ from: STRANGER, to: SERVER, ports: [8443, 3306] }), began: STRANGER, port: 3306 },
    {
      name: 'of two high ports the one seen first began',
      flows: both({ from: CLIENT, to: SERVER, ports: [40000, 50000], at: 0 }, { at: 20 }),
      began: CLIENT,
      port: 50000,
    },
    {
      name: 'the same, the other way',
      flows: both({ from: CLIENT, to: SERVER, ports: [50000, 40000], at: 0 }, { at: 20 }),
      began: CLIENT,
      port: 40000,
    },
    {
      name: 'of two high ports the one that sent alone began',
      flows: [{ from: CLIENT, to: SERVER, ports: [40000, 50000], packets: 1 }],
      began: CLIENT,
      port: 50000,
    },
    {
      name: 'also from the higher one',
      flows: [{ from: CLIENT, to: SERVER, ports: [50000, 40000], packets: 1 }],
      began: CLIENT,
      port: 40000,
    },
    { name: 'over IPv6', flows: both({ from: 'fd00::1', to: '2607:f8b0::9', ports: [40000, 443] }), began: 'fd00::1', port: 443 },
  ])('$name', async ({ flows, began, port }) => {
    await withLines(flows.map(line), async (records) => {
      expect(await read(records, 'conversations')).toMatchObject([{ srcaddr: began, dstport: port }]);
    });
  });

  test('one source port towards many: each is a conversation of its own, all begun by the source', async () => {
    const flows = Array.from({ length: 5 }, (_, i): Flow => ({
      from: STRANGER,
      to: `10.0.1.${i + 10}`,
      ports: [40000, 8081],
      packets: 1,
      action: 'REJECT',
    }));
    await withLines(flows.map(line), async (records) => {
      const rows = await read(records, 'conversations');
      expect(rows.map(({ srcaddr, refused }) => [srcaddr, refused])).toEqual(flows.map(() => [STRANGER, 1]));
    });
  });
});

describe('what became of it', () => {
  const syn = { from: CLIENT, to: OTHER, ports: [40000, 443], packets: 1, bytes: 44 } as const;
  const syn6 = { ...syn, from: 'fd00::1', to: '2607:f8b0::9', bytes: 64 };
  test.each<{ name: string; flows: Flow[]; outcome: 'refused' | 'unanswered' | 'closed' | 'established' | 'late' | 'opened' }>([
    { name: 'data both ways: established', flows: both({ ...syn, packets: 12, bytes: 2000 }), outcome: 'established' },
    { name: 'the group of the receiver: refused', flows: [{ ...syn, action: 'REJECT' }], outcome: 'refused' },
    { name: 'retries of the SYN are one refusal', flows: [{ ...syn, packets: 5, bytes: 220, action: 'REJECT' }], outcome: 'refused' },
    { name: 'no answer: unanswered', flows: [syn], outcome: 'unanswered' },
    {
      name: 'an ACCEPT of the request and a REJECT of the answer (network ACL): unanswered is not said, data flowed both ways',
      flows: both({ ...syn, packets: 12, bytes: 2000 }, { action: 'REJECT' }),
      outcome: 'established',
    },
    { name: 'a reset by its flag: closed', flows: both({ ...syn, flags: 2 }, { flags: 4, bytes: 54 }), outcome: 'closed' },
    { name: 'a reset by its size: closed', flows: both(syn, { bytes: 40 }), outcome: 'closed' },
    { name: 'a reset by its size over IPv6: closed', flows: both(syn6, { bytes: 60 }), outcome: 'closed' },
    {
      name: 'SYN, SYN-ACK, RST: opened, no session',
      flows: both({ ...syn, packets: 2, bytes: 84 }, { packets: 1, bytes: 44 }),
      outcome: 'opened',
    },
    {
      name: 'an answer over UDP: established',
      flows: both({ ...syn, ports: [40000, 53], protocol: 17, bytes: 70 }, { bytes: 150 }),
      outcome: 'established',
    },
    { name: 'data in one direction prove the handshake', flows: [{ ...syn, packets: 50, bytes: 60000 }], outcome: 'established' },
    {
      name: 'a late packet of a closed connection',
      flows: [{ from: OTHER, to: CLIENT, ports: [443, 40000], packets: 1, bytes: 40 }],
      outcome: 'late',
    },
    {
      name: 'a late packet that is refused',
      flows: [{ from: SERVER, to: STRANGER, ports: [443, 50000], packets: 9, bytes: 9000, action: 'REJECT' }],
      outcome: 'late',
    },
  ])('$name', async ({ flows, outcome }) => {
    await withLines(flows.map(line), async (records) => {
      const [row, ...more] = await read(records, 'conversations');
      expect(more).toEqual([]);
      const counts = Object.fromEntries(
        ['refused', 'unanswered', 'closed', 'established', 'late'].map((name) => [name, name === outcome ? 1 : 0]),
      );
      expect(row).toMatchObject({ ...counts, connections: outcome === 'late' ? 0 : 1 });
    });
  });

  test('packets and bytes are from the viewpoint of the end that began; connections are counted by source port', async () => {
    const flows = [40001, 40002, 40003].flatMap((port, i) =>
      both(
        { from: CLIENT, to: OTHER, ports: [port, 443], packets: 20, bytes: 3000, at: i * 10 },
        { packets: 30, bytes: 40000, at: i * 10 + 1 },
      ),
    );
    await withLines(flows.map(line), async (records) => {
      expect(await read(records, 'conversations')).toMatchObject([
        {
          start: T,
          srcaddr: CLIENT,
          dstaddr: OTHER,
          dstport: 443,
          source_private: true,
          destination_private: false,
          connections: 3,
          established: 3,
          short: 0,
          sent_packets: 60,
          sent_bytes: 9000,
          received_packets: 90,
          received_bytes: 120000,
          first_start: T,
          last_start: T + 20,
          last_end: T + 41,
          least_srcport: 40001,
          largest_srcport: 40003,
        },
      ]);
    });
  });

  test('a connection is counted in each five minutes in which it has records, by the hour once', async () => {
    const flows = [0, 300, 600].flatMap((at) => both({ from: CLIENT, to: OTHER, ports: [40000, 443], at }));
    await withLines(flows.map(line), async (records) => {
      expect((await read(records, 'conversations')).map(({ start, connections }) => [start, connections])).toEqual(
        [0, 300, 600].map((at) => [T + at, 1]),
      );
      expect(await read(records, 'links')).toMatchObject([{ start: T, slots: 3, least_srcport: 40000, largest_srcport: 40000 }]);
    });
  });
});

describe('whose record', () => {
  test('between groups: the sender writes ACCEPT, the receiver REJECT; nobody got through, and each interface says what it can', async () => {
    const tries: Flow = { from: CLIENT, to: SERVER, ports: [40000, 5432], packets: 3, bytes: 132 };
    await withLines([line(tries), line({ ...tries, eni: 'eni-0b2', action: 'REJECT' })], async (records) => {
      expect(await read(records, 'conversations')).toMatchObject([
        { interface_id: 'eni-0a1', srcaddr: CLIENT, connections: 1, refused: 0, unanswered: 1, established: 0 },
        { interface_id: 'eni-0b2', srcaddr: CLIENT, connections: 1, refused: 1, unanswered: 0, established: 0 },
      ]);
      expect(await read(records, 'links')).toEqual([]);
      expect(await read(records, 'attempts')).toHaveLength(2);
    });
  });

  test.each<{ name: string; flows: Flow[]; bytes: { eni: string; out: number; in: number }[] }>([
    {
      name: 'a NAT gateway writes a flow before and after: counted once',
      flows: [CLIENT, '10.0.0.9'].flatMap((from) =>
        both({ eni: 'eni-0e9', from, to: OTHER, ports: [40000, 443], bytes: 600_000 }, { bytes: 9000 }),
      ),
      bytes: [{ eni: 'eni-0e9', out: 600_000, in: 9000 }],
    },
    {
      name: 'of many hosts',
      flows: [
        ...[1, 2, 3].flatMap((i) =>
          both({ eni: 'eni-0e9', from: `10.0.1.${i}`, to: OTHER, ports: [40000 + i, 443], bytes: i * 100_000 }, { bytes: i * 1000 }),
        ),
        ...[1, 2, 3].flatMap((i) =>
          both({ eni: 'eni-0e9', from: '10.0.0.9', to: OTHER, ports: [20000 + i, 443], bytes: i * 100_000 }, { bytes: i * 1000 }),
        ),
      ],
      bytes: [{ eni: 'eni-0e9', out: 600_000, in: 6000 }],
    },
    {
      name: 'a host with two addresses of which one carries more: no gateway',
      flows: [
        ...both({ from: '10.0.1.1', to: OTHER, ports: [40000, 443], bytes: 500_000 }, { bytes: 1000 }),
        ...both({ from: '10.0.1.2', to: OTHER, ports: [40000, 443], bytes: 100_000 }, { bytes: 1000 }),
      ],
      bytes: [{ eni: 'eni-0a1', out: 600_000, in: 1000 }],
    },
    {
      name: 'both interfaces of a flow inside: no bytes of the internet',
      flows: ['eni-0a1', 'eni-0b2'].flatMap((eni) => both({ eni, from: CLIENT, to: SERVER, ports: [40000, 443] })),
      bytes: [
        { eni: 'eni-0a1', out: 0, in: 0 },
        { eni: 'eni-0b2', out: 0, in: 0 },
      ],
    },
    {
      name: 'a server sends what it answers',
      flows: both({ from: STRANGER, to: SERVER, ports: [40000, 443], bytes: 2000 }, { bytes: 90_000 }),
      bytes: [{ eni: 'eni-0a1', out: 90_000, in: 2000 }],
    },
  ])('$name', async ({ flows, bytes }) => {
    await withLines(flows.map(line), async (records) => {
      const rows = await read(records, 'interface_hours');
      expect(rows.map(({ interface_id, bytes_out, bytes_in }) => ({ eni: interface_id, out: bytes_out, in: bytes_in }))).toEqual(bytes);
    });
  });

  test('NODATA and SKIPDATA are of nobody, and say only that the interface was there', async () => {
    await withLines([empty('NODATA'), empty('NODATA', 'eni-0a1', 60), empty('SKIPDATA', 'eni-0b2')], async (records) => {
      expect(await read(records, 'conversations')).toEqual([]);
      expect(await read(records, 'interface_hours')).toMatchObject([
        { start: T, interface_id: 'eni-0a1', connections: 0, refused: 0, bytes_out: 0, bytes_in: 0 },
        { start: T, interface_id: 'eni-0b2', connections: 0, refused: 0, bytes_out: 0, bytes_in: 0 },
      ]);
    });
  });

  test.each<{ name: string; flow: Flow; counts: Row }>([
    {
      name: 'from outside',
      flow: { from: STRANGER, to: SERVER, ports: [40000, 22], action: 'REJECT' },
      counts: { refused: 1, refused_inside: 0, refused_out: 0 },
    },
    {
      name: 'inside',
      flow: { from: CLIENT, to: SERVER, ports: [40000, 22], action: 'REJECT' },
      counts: { refused: 1, refused_inside: 1, refused_out: 0 },
    },
    {
      name: 'on the way out',
      flow: { from: CLIENT, to: OTHER, ports: [40000, 25], action: 'REJECT' },
      counts: { refused: 1, refused_inside: 1, refused_out: 1 },
    },
    {
      name: 'a late answer',
      flow: { from: SERVER, to: STRANGER, ports: [443, 40000], action: 'REJECT' },
      counts: { refused: 0, refused_inside: 0, refused_out: 0 },
    },
  ])('refusals by the hour, $name', async ({ flow, counts }) => {
    await withLines([line(flow)], async (records) => {
      expect(await read(records, 'interface_hours')).toMatchObject([counts]);
    });
  });
});

test('attempts are what never got through, links what did; clients of a web server of ours are left out', async () => {
  const flows = [
    { from: STRANGER, to: SERVER, ports: [40000, 22], action: 'REJECT' } as const,
    ...both({ from: STRANGER, to: SERVER, ports: [40001, 443] }),
    ...both({ from: STRANGER, to: SERVER, ports: [40002, 3389] }),
    ...both({ from: CLIENT, to: OTHER, ports: [40003, 443] }),
    { from: CLIENT, to: OTHER, ports: [40004, 443], packets: 1 } as const,
  ];
  await withLines(flows.map(line), async (records) => {
    expect((await read(records, 'attempts')).map(({ dstport }) => dstport)).toEqual([22]);
    expect((await read(records, 'links')).map(({ srcaddr, dstport }) => [srcaddr, dstport])).toEqual([
      [CLIENT, 443],
      [STRANGER, 3389],
    ]);
  });
});

const flow = fc.record({
  eni: fc.constantFrom('eni-0a1', 'eni-0b2'),
  from: fc.constantFrom(CLIENT, SERVER, STRANGER, OTHER, 'fd00::1', '2607:f8b0::9'),
  to: fc.constantFrom(CLIENT, SERVER, STRANGER, OTHER, 'fd00::1', '2607:f8b0::9'),
  ports: fc.tuple(fc.constantFrom(22, 443, 3306, 8443, 20000, 40000, 50000), fc.constantFrom(22, 443, 3306, 8443, 20000, 40000, 50000)),
  protocol: fc.constantFrom(1, 6, 17),
  packets: fc.integer({ min: 1, max: 20 }),
  bytes: fc.integer({ min: 40, max: 20000 }),
  at: fc.integer({ min: 0, max: 5 * 3600 - 1 }),
  action: fc.constantFrom<'ACCEPT' | 'REJECT'>('ACCEPT', 'REJECT'),
  flags: fc.constantFrom(0, 2, 4, 18),
});
const silence = fc
  .record({
    eni: fc.constantFrom('eni-0a1', 'eni-0c3'),
    at: fc.integer({ min: 0, max: 5 * 3600 - 1 }),
    status: fc.constantFrom<'NODATA' | 'SKIPDATA'>('NODATA', 'SKIPDATA'),
  })
  .map(({ eni, at, status }) => empty(status, eni, at));

test('tables that are made in parts hold what the texts in place give', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 9, arbitrary: flow.map(line) }, silence), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 5 * 3600 }),
      async (lines, recordsAtOnce, length) => {
        await withLines(lines, async (records) => {
          const window = { from: T, to: T + length };
          const expected = new Map<RelationName, Row[]>();
          for (const name of RELATIONS) expected.set(name, await read(records, name, window));
          const conversations: Row[] = [];
          const tables = await makeRelations({
            records,
            catalogue,
            window,
            scope: {},
            recordsAtOnce,
            onPart: async ({ from, to }, there) => {
              const table = there.conversations?.table ?? '';
              conversations.push(...plain(await records.db.rows(`SELECT * FROM ${table} WHERE "start" >= ${from} AND "start" < ${to}`)));
            },
          });
          const sorted = (rows: Row[]) => rows.map((row) => JSON.stringify(row)).sort();
          expect(sorted(conversations)).toEqual(sorted(expected.get('conversations') ?? []));
          for (const name of RELATIONS.filter((one) => one !== 'conversations'))
            expect(plain(await records.db.rows(`SELECT * FROM ${tables[name]?.table ?? ''} ORDER BY ALL`))).toEqual(expected.get(name));
        });
      },
    ),
    { numRuns: 4, endOnFailure: true },
  );
}, 180_000);
