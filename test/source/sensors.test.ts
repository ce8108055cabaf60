import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { temporaryFolder, writeLog } from '../support/logs';
import { rowsOf, sumsOf } from '../support/rows';

const folder = temporaryFolder();
let serial = 0;
const file = (content: string | Buffer, name = `${++serial}`) => writeLog(folder, name, content);
const lines = (values: readonly unknown[]) => `${values.map((value) => JSON.stringify(value)).join('\n')}\n`;
const CONNECTION = 'srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes, "start", "end", action, tcp_flags';

describe('Zeek', () => {
  const FIELDS = [
    ...['ts', 'uid', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p', 'proto', 'service', 'duration', 'orig_bytes', 'resp_bytes'],
    ...[
      'conn_state',
      'local_orig',
      'local_resp',
      'missed_bytes',
      'history',
      'orig_pkts',
      'orig_ip_bytes',
      'resp_pkts',
      'resp_ip_bytes',
      'tunnel_parents',
    ],
  ];
  const http = [
    '1767225600.999',
    'C1',
    '192.0.2.10',
    '45000',
    '198.51.100.7',
    '80',
    'tcp',
    'http',
    '2.5',
    '500',
    '4000',
    'SF',
    'T',
    'F',
    '0',
    'ShADadfF',
    '6',
    '824',
    '5',
    '4268',
    '-',
  ];
  const scan = [
    '1767225601.5',
    'C2',
    '203.0.113.9',
    '50001',
    '192.0.2.10',
    '22',
    'tcp',
    '-',
    '-',
    '-',
    '-',
    'S0',
    'F',
    'T',
    '0',
    'S',
    '1',
    '60',
    '0',
    '0',
    '-',
  ];
  const ping = [
    '1767225602.0',
    'C3',
    '192.0.2.10',
    '8',
    '198.51.100.7',
    '0',
    'icmp',
    '-',
    '0.1',
    '56',
    '56',
    'OTH',
    'T',
    'F',
    '0',
    '-',
    '1',
    '84',
    '1',
    '84',
    '(empty)',
  ];
  const header = (fields = FIELDS.join('\t')) =>
    [
      '#separator \\x09',
      '#set_separator\t,',
      '#empty_field\t(empty)',
      '#unset_field\t-',
      '#path\tconn',
      '#open\t2026-01-01-00-00-00',
      `#fields\t${fields}`,
      '#types\ttime\tstring',
    ].join('\n');
  const tsv = (...rows: string[][]) => `${header()}\n${rows.map((row) => row.join('\t')).join('\n')}\n#close\t2026-01-01-01-00-00\n`;
  /** JSON leaves out what is unset; numbers and truth values are some. */
  const json = (...rows: string[][]) =>
    lines(
      rows.map((row) =>
        Object.fromEntries(
          FIELDS.flatMap((name, i) => {
            const value = row[i] ?? '-';
            if (value === '-' || value === '(empty)') return [];
            return [
              [
                name,
                value === 'T' || value === 'F' ? value === 'T' : /^[\d.]+$/.test(value) && !name.endsWith('_h') ? Number(value) : value,
              ],
            ];
          }),
        ),
      ),
    );

  const expected = [
    {
      srcaddr: '192.0.2.10',
      dstaddr: '198.51.100.7',
      srcport: 0,
      dstport: 0,
      protocol: 1,
      packets: '1',
      bytes: '84',
      start: '1767225602',
      end: '1767225602',
      action: 'ACCEPT',
      tcp_flags: null,
    },
    {
      srcaddr: '192.0.2.10',
      dstaddr: '198.51.100.7',
      srcport: 45000,
      dstport: 80,
      protocol: 6,
      packets: '6',
      bytes: '824',
      start: '1767225600',
      end: '1767225603',
      action: 'ACCEPT',
      tcp_flags: 3,
    },
    {
      srcaddr: '198.51.100.7',
      dstaddr: '192.0.2.10',
      srcport: 0,
      dstport: 0,
      protocol: 1,
      packets: '1',
      bytes: '84',
      start: '1767225602',
      end: '1767225602',
      action: 'ACCEPT',
      tcp_flags: null,
    },
    {
      srcaddr: '198.51.100.7',
      dstaddr: '192.0.2.10',
      srcport: 80,
      dstport: 45000,
      protocol: 6,
      packets: '5',
      bytes: '4268',
      start: '1767225600',
      end: '1767225603',
      action: 'ACCEPT',
      tcp_flags: 19,
    },
    {
      srcaddr: '203.0.113.9',
      dstaddr: '192.0.2.10',
      srcport: 50001,
      dstport: 22,
      protocol: 6,
      packets: '1',
      bytes: '60',
      start: '1767225601',
      end: '1767225601',
      action: 'ACCEPT',
      tcp_flags: 2,
    },
  ];

  test.each([
    ['tab-separated values', tsv(http, scan, ping)],
    ['gzip of it', gzipSync(tsv(http, scan, ping))],
    ['two logs in one file', tsv(http) + tsv(scan, ping)],
    ['JSON', json(http, scan, ping)],
    [
      'JSON with a nested id',
      json(http, scan, ping).replaceAll(
        /"id\.orig_h":(.*?),"id\.orig_p":(.*?),"id\.resp_h":(.*?),"id\.resp_p":(\d+)/g,
        '"id":{"orig_h":$1,"orig_p":$2,"resp_h":$3,"resp_p":$4}',
      ),
    ],
  ])('%s', async (_, content) => {
    const { rows, totals, kinds } = await rowsOf([file(content, `conn-${++serial}.log`)], CONNECTION);
    expect(kinds).toEqual({ zeek: 1 });
    expect(totals).toMatchObject({ records: 5, rejectedLines: 0, badValues: 0 });
    expect(rows).toEqual(expected);
  });

  test('what Zeek says beside is kept', async () => {
    const { rows } = await rowsOf(
      [file(tsv(http, scan, ping))],
      'conn_uid, flow_direction, conn_service, conn_state, conn_history, icmp_type, icmp_code, log_status',
    );
    const common = { log_status: 'OK', icmp_type: null, icmp_code: null };
    expect(rows).toEqual([
      { ...common, conn_uid: 'C1', flow_direction: 'egress', conn_service: 'http', conn_state: 'SF', conn_history: 'ShADadfF' },
      { ...common, conn_uid: 'C1', flow_direction: 'ingress', conn_service: 'http', conn_state: 'SF', conn_history: 'ShADadfF' },
      { ...common, conn_uid: 'C2', flow_direction: 'ingress', conn_service: null, conn_state: 'S0', conn_history: 'S' },
      {
        ...common,
        conn_uid: 'C3',
        flow_direction: 'egress',
        conn_service: null,
        conn_state: 'OTH',
        conn_history: null,
        icmp_type: 8,
        icmp_code: 0,
      },
      {
        ...common,
        conn_uid: 'C3',
        flow_direction: 'ingress',
        conn_service: null,
        conn_state: 'OTH',
        conn_history: null,
        icmp_type: 8,
        icmp_code: 0,
      },
    ]);
  });

  test('labelled captures, whose labels stand within the last column', async () => {
    const labelled = [http, scan].map(
      (row, i) => `${row.slice(0, -1).join('\t')}\t${i === 0 ? '-   Benign   -' : '(empty)   Malicious   PartOfAHorizontalPortScan'}`,
    );
    const content = `${header([...FIELDS.slice(0, -1), 'tunnel_parents   label   detailed-label'].join('\t'))}\n${labelled.join('\n')}\n`;
    const { rows, totals } = await rowsOf([file(content, 'conn.log.labeled')], 'srcaddr, label, detailed_label');
    expect(totals).toMatchObject({ records: 3, rejectedLines: 0, badValues: 0 });
    expect(rows).toEqual([
      { srcaddr: '192.0.2.10', label: 'Benign', detailed_label: null },
      { srcaddr: '198.51.100.7', label: 'Benign', detailed_label: null },
      { srcaddr: '203.0.113.9', label: 'Malicious', detailed_label: 'PartOfAHorizontalPortScan' },
    ]);
  });

  test('other logs of Zeek are no flow logs', async () => {
    const dns = file(
      `#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\n1\tC\ta\t1\tb\t53\tudp\tx\n`,
      'dns.log',
    );
    await expect(rowsOf([dns])).rejects.toThrow(/dns\.log: no header line/);
  });

  test('broken lines are named', async () => {
    const bad = [...scan];
    bad[0] = 'yesterday';
    bad[16] = 'one';
    const { totals, reasons } = await rowsOf([
      file(`${header()}\n${http.join('\t')}\n${http.slice(0, 9).join('\t')}\n${bad.join('\t')}\n`),
    ]);
    expect(totals).toMatchObject({ lines: 4, records: 3, rejectedLines: 1, badValues: 2 });
    expect(reasons).toEqual([
      '10 too few columns: got 9, expected 21',
      '11 field ts: expected a time such as 2026-01-31T12:00:00Z or Unix seconds, read as NULL',
      '11 field orig_pkts: expected a whole number of at least 0, read as NULL',
    ]);
  });

  test('bytes and packets of both directions are those of the log, in both forms', async () => {
    const count = fc.integer({ min: 0, max: 1e6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ port: fc.integer({ min: 1, max: 4 }), counts: fc.tuple(count, count, count, count) }), { maxLength: 12 }),
        fc.boolean(),
        async (flows, asJson) => {
          const expectedSums = new Map<string, [number, number]>();
          const add = (key: string, bytes: number, packets: number) => {
            const [b, p] = expectedSums.get(key) ?? [0, 0];
            expectedSums.set(key, [b + bytes, p + packets]);
          };
          const rows = flows.map(({ port, counts: [p, b, q, c] }) => {
            add(`192.0.2.10:${port} 198.51.100.7:80`, b, p);
            if (q + c > 0) add(`198.51.100.7:80 192.0.2.10:${port}`, c, q);
            return http.with(3, String(port)).with(16, String(p)).with(17, String(b)).with(18, String(q)).with(19, String(c));
          });
          // A log without a connection has a header only; JSON has nothing then.
          const sums = flows.length === 0 && asJson ? new Map() : await sumsOf([file(asJson ? json(...rows) : tsv(...rows))]);
          expect(sums).toEqual(new Map([...expectedSums].map(([key, [b, p]]) => [key, `${b}/${p}`])));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('nfdump', () => {
  const V16 =
    'ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,svln,dvln,ismc,odmc,idmc,osmc,mpls1,mpls2,mpls3,mpls4,mpls5,mpls6,mpls7,mpls8,mpls9,mpls10,cl,sl,al,ra,eng,exid,tr';
  const old = (values: Readonly<Record<string, string>>) =>
    V16.split(',')
      .map((name) => values[name] ?? '0')
      .join(',');
  const scan = {
    ts: '2026-01-01 00:00:00',
    te: '2026-01-01 00:00:03',
    td: '3.100',
    sa: '203.0.113.9',
    da: '192.0.2.10',
    sp: '50000',
    dp: '22',
    pr: 'TCP',
    flg: '....S.',
    fwd: '64',
    ipkt: '2',
    ibyt: '120',
    in: '4',
    out: '7',
    ra: '198.51.100.1',
  };
  const both = {
    ...scan,
    sp: '50001',
    dp: '443',
    flg: '.AP.SF',
    ipkt: '10',
    ibyt: '2000',
    opkt: '8',
    obyt: '9000',
    sas: '64500',
    das: '4200000000',
  };
  const denied = { ...scan, pr: 'ICMP', sp: '0', dp: '8.0', fwd: '130', flg: '......' };
  const SUMMARY = 'Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n3,2240,14,100,1,160\n';

  test('CSV of version 1.6, with its summary', async () => {
    const { rows, totals, kinds } = await rowsOf(
      [file([V16, old(scan), old(both), old(denied), SUMMARY].join('\n'))],
      `${CONNECTION}, interface_id, exporter, forwarding_status, src_as, icmp_type`,
    );
    expect(kinds).toEqual({ nfdump: 1 });
    expect(totals).toMatchObject({ lines: 4, records: 4, rejectedLines: 0, badValues: 0 });
    const common = {
      srcaddr: '203.0.113.9',
      dstaddr: '192.0.2.10',
      start: '1767225600',
      end: '1767225603',
      exporter: '198.51.100.1',
      interface_id: '4',
    };
    expect(rows).toEqual([
      {
        ...common,
        ...{ srcaddr: '192.0.2.10', dstaddr: '203.0.113.9', srcport: 443, dstport: 50001, protocol: 6, packets: '8', bytes: '9000' },
        ...{ action: 'ACCEPT', tcp_flags: null, interface_id: '7', forwarding_status: 64, src_as: '4200000000', icmp_type: null },
      },
      {
        ...common,
        ...{ srcport: 0, dstport: 0, protocol: 1, packets: '2', bytes: '120', action: 'REJECT', tcp_flags: null },
        ...{ forwarding_status: 130, src_as: '0', icmp_type: 8 },
      },
      {
        ...common,
        ...{ srcport: 50000, dstport: 22, protocol: 6, packets: '2', bytes: '120', action: 'ACCEPT', tcp_flags: 2 },
        ...{ forwarding_status: 64, src_as: '0', icmp_type: null },
      },
      {
        ...common,
        ...{ srcport: 50001, dstport: 443, protocol: 6, packets: '10', bytes: '2000', action: 'ACCEPT', tcp_flags: 3 },
        ...{ forwarding_status: 64, src_as: '64500', icmp_type: null },
      },
    ]);
  });

  const one = {
    srcaddr: '203.0.113.9',
    dstaddr: '192.0.2.10',
    srcport: 50000,
    dstport: 22,
    protocol: 6,
    packets: '2',
    bytes: '120',
    start: '1767225600',
    end: '1767225603',
    action: 'ACCEPT',
    tcp_flags: 2,
  };

  test.each([
    [
      'CSV of version 1.7',
      'firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,bps,bpp,flows,flags\n2026-01-01 00:00:00.500,2.600,TCP,203.0.113.9,50000,192.0.2.10,22,2,120,1,60,1,......S.\n',
    ],
    [
      'fast CSV',
      'cnt,af,firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,dstPort,srcAS,dstAS,input,output,flags,srcTos,packets,bytes\n1,2,1767225600500,1767225603100,6,203.0.113.9,50000,192.0.2.10,22,0,0,0,0,......S.,0,2,120\n',
    ],
    [
      'a format of one’s own',
      'srcAddr,dstAddr,srcPort,dstPort,proto,firstSeen,lastSeen,inPackets,inBytes,flags\n203.0.113.9,192.0.2.10,50000,22,6,1767225600.500,1767225603.100,2,120,0x02\n',
    ],
    [
      'a labelled data set of the long format',
      'Date first seen,Duration,Proto,Src IP Addr,Src Pt,Dst IP Addr,Dst Pt,Packets,Bytes,Flows,Flags,Tos,class\n2026-01-01 00:00:00.500,    2.600,TCP  ,   203.0.113.9, 50000,    192.0.2.10,   22,       2,     120,1,....S.,0,attacker\n',
    ],
    [
      'JSON of version 1.6',
      JSON.stringify(
        [
          {
            type: 'FLOW',
            sampled: 0,
            export_sysid: 1,
            t_first: '2026-01-01T00:00:00.500',
            t_last: '2026-01-01T00:00:03.100',
            proto: 6,
            src4_addr: '203.0.113.9',
            dst4_addr: '192.0.2.10',
            src_port: 50000,
            dst_port: 22,
            fwd_status: 0,
            tcp_flags: '......S.',
            in_packets: 2,
            in_bytes: 120,
          },
        ],
        null,
        1,
      ),
    ],
    [
      'NDJSON of version 1.7',
      lines([
        {
          type: 'FLOW',
          first: '2026-01-01T00:00:00.500',
          last: '2026-01-01T00:00:03.100',
          received: '2026-01-01T00:00:05.000',
          in_packets: 2,
          in_bytes: 120,
          proto: 6,
          tcp_flags: '......S.',
          src_port: 50000,
          dst_port: 22,
          src4_addr: '203.0.113.9',
          dst4_addr: '192.0.2.10',
        },
      ]),
    ],
  ])('%s', async (_, content) => {
    const { rows, totals, kinds } = await rowsOf([file(content)], CONNECTION);
    expect(kinds).toEqual({ nfdump: 1 });
    expect(totals).toMatchObject({ records: 1, rejectedLines: 0, badValues: 0 });
    expect(rows).toEqual([one]);
  });

  test('IPv6, ICMP of JSON, numbers for people, what is wrong', async () => {
    const v6 = {
      first: '2026-01-01T00:00:00.000',
      last: '2026-01-01T00:00:00.000',
      proto: 58,
      icmp_type: 128,
      icmp_code: 0,
      src6_addr: '2001:db8::1',
      dst6_addr: '2001:db8::2',
      in_packets: 1,
      in_bytes: 104,
    };
    const { rows } = await rowsOf([file(lines([v6]))], 'srcaddr, type, protocol, srcport, icmp_type');
    expect(rows).toEqual([{ srcaddr: '2001:db8::1', type: 'IPv6', protocol: 58, srcport: 0, icmp_type: 128 }]);
    const csv = [
      'ts,td,pr,sa,da,sp,dp,ipkt,ibyt',
      '2026-01-01 00:00:00,1,TCP,192.0.2.1,192.0.2.2,1,2,1.5 M,  2.1 G',
      '0000-00-00 00:00:00.000,1,QUIC,192.0.2.1,192.0.2.2,1,2,3,4',
      'x,y',
    ];
    const { rows: sums, totals, reasons } = await rowsOf([file(csv.join('\n'))], 'packets, bytes');
    expect(sums).toEqual([
      { packets: '3', bytes: '4' },
      { packets: '1500000', bytes: '2100000000' },
    ]);
    expect(totals).toMatchObject({ lines: 3, rejectedLines: 1, badValues: 2 });
    expect(reasons).toEqual([
      '3 field first seen: expected a time such as 2026-01-31T12:00:00Z or Unix seconds, read as NULL',
      "3 field protocol: expected a protocol's number or name, read as NULL",
      '4 too few columns: got 2, expected 9',
    ]);
  });

  test('bytes and packets are those of the file', async () => {
    const count = fc.integer({ min: 0, max: 1e6 });
    const flow = fc.record({ port: fc.integer({ min: 1, max: 3 }), counts: fc.tuple(count, count, count, count) });
    await fc.assert(
      fc.asyncProperty(fc.array(flow, { minLength: 1, maxLength: 10 }), fc.boolean(), async (flows, asJson) => {
        const expected = new Map<string, [number, number]>();
        const add = (key: string, bytes: number, packets: number) => {
          const [b, p] = expected.get(key) ?? [0, 0];
          expected.set(key, [b + bytes, p + packets]);
        };
        for (const {
          port,
          counts: [p, b, q, c],
        } of flows) {
          add(`203.0.113.9:50000 192.0.2.10:${port}`, b, p);
          if (q + c > 0) add(`192.0.2.10:${port} 203.0.113.9:50000`, c, q);
        }
        const csv = [
          V16,
          ...flows.map(({ port, counts: [p, b, q, c] }) =>
            old({ ...scan, dp: String(port), ipkt: String(p), ibyt: String(b), opkt: String(q), obyt: String(c) }),
          ),
          SUMMARY,
        ].join('\n');
        const json = JSON.stringify(
          flows.map(({ port, counts: [p, b, q, c] }) => ({
            first: '2026-01-01T00:00:00.000',
            last: '2026-01-01T00:00:01.000',
            proto: 17,
            src4_addr: '203.0.113.9',
            dst4_addr: '192.0.2.10',
            src_port: 50000,
            dst_port: port,
            in_packets: p,
            in_bytes: b,
            out_packets: q,
            out_bytes: c,
          })),
        );
        expect(await sumsOf([file(asJson ? json : csv)])).toEqual(new Map([...expected].map(([key, [b, p]]) => [key, `${b}/${p}`])));
      }),
      { numRuns: 25 },
    );
  });
});
