import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseFormat } from '../../lib/flow-log/format';
import { linePrinter } from '../../lib/synthetic/capture/lines';
import { readArgus } from '../../eval/convert/argus';
import { readAws } from '../../eval/convert/aws';
import { captured } from '../../eval/convert/capture';
import type { LabelledFlow } from '../../eval/convert/flow';
import { incidentsOf } from '../../eval/convert/incidents';
import { ownNetworks } from '../../eval/convert/own';
import { readZeek } from '../../eval/convert/zeek';
import { temporaryFolder } from '../support/logs';

const folder = temporaryFolder();
const isOwn = ownNetworks('10.0.0.0/8,2001:db8::/32');

const ZEEK_FIELDS =
  '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents   label   detailed-label';
const ZEEK = [
  '#separator \\x09',
  ZEEK_FIELDS,
  '1700000000.5\tCa\t10.0.0.5\t40000\t203.0.113.9\t443\ttcp\tssl\t2.5\t500\t4000\tSF\t8\t820\t9\t4360\t(empty)   Benign   -',
  '1700000060.0\tCb\t10.0.0.5\t40001\t203.0.113.10\t23\ttcp\t-\t-\t-\t-\tS0\t1\t40\t0\t0\t(empty)   Malicious   PartOfAHorizontalPortScan',
  '1700000061.0\tCc\t203.0.113.66\t40002\t10.0.0.5\t22\ttcp\t-\t0.01\t0\t0\tREJ\t1\t44\t1\t40\t(empty)   Malicious   -',
  '1700000062.0\tCd\t10.0.0.5\t5353\t224.0.0.251\t5353\tudp\tdns\t-\t-\t-\tS0\t1\t73\t0\t0\t(empty)   -   -',
  '#close 2023',
].join('\n');
const zeekFlow = (more: Partial<LabelledFlow>): LabelledFlow => ({
  at: 1700000060,
  seconds: 0,
  client: { address: '10.0.0.5', port: 40001 },
  server: { address: '203.0.113.10', port: 23 },
  protocol: 6,
  sent: { packets: 1, bytes: 40 },
  received: { packets: 0, bytes: 0 },
  outcome: 'unanswered',
  label: 'Malicious: PartOfAHorizontalPortScan',
  ...more,
});

test("Zeek's TSV with labels", () => {
  const [answered, attempt, closed, multicast] = [...readZeek(ZEEK, 'conn.log')];
  expect(answered).toMatchObject({
    seconds: 2.5,
    sent: { packets: 8, bytes: 820 },
    received: { packets: 9, bytes: 4360 },
    outcome: 'answered',
    label: undefined,
  });
  expect(attempt).toEqual(zeekFlow({}));
  expect(closed).toMatchObject({ outcome: 'closed', label: 'Malicious', client: { address: '203.0.113.66' } });
  expect(multicast).toMatchObject({ protocol: 17, outcome: 'unanswered', label: undefined });
});

test("Zeek's JSON", () => {
  const json = {
    ts: 1700000060,
    'id.orig_h': '10.0.0.5',
    'id.orig_p': 40001,
    'id.resp_h': '203.0.113.10',
    'id.resp_p': 23,
    proto: 'tcp',
    conn_state: 'S0',
    orig_pkts: 1,
    orig_ip_bytes: 40,
    label: 'Malicious',
    'detailed-label': 'PartOfAHorizontalPortScan',
  };
  expect([...readZeek(`${JSON.stringify(json)}\n`, 'conn.json')]).toEqual([zeekFlow({})]);
});

test("argus: CTU-13's binetflow with totals only", () => {
  const text = [
    'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label',
    '2011/08/10 09:46:53.047277,3550.182373,udp,212.50.71.179,39678,  <->,147.32.84.229,13363,CON,0,0,12,875,413,flow=Background-UDP-Established',
    '2011/08/10 11:06:43.210000,0.000000,tcp,147.32.84.165,1039,   ->,60.190.222.139,65520,S_,0,,1,62,62,flow=From-Botnet-V42-TCP-Attempt',
    '2011/08/10 11:06:44.000000,0.010000,tcp,147.32.84.165,1040,   ->,60.190.222.139,0x0016,S_RA,0,0,2,122,62,flow=From-Botnet-V42-TCP-Attempt',
    '2011/08/10 11:06:45.000000,0.000000,arp,147.32.84.165,,who,147.32.84.1,,INT,,,1,60,60,flow=Background',
  ].join('\n');
  const flows = [...readArgus(text, 'a.binetflow')];
  expect(flows).toHaveLength(3);
  expect(flows[0]).toMatchObject({
    at: Date.UTC(2011, 7, 10, 9, 46, 53, 47) / 1000,
    protocol: 17,
    outcome: 'answered',
    label: undefined,
    sent: { packets: 6, bytes: 413 },
    received: { packets: 6, bytes: 462 },
  });
  expect(flows[1]).toMatchObject({ outcome: 'unanswered', label: 'flow=From-Botnet-V42-TCP-Attempt', sent: { packets: 1, bytes: 62 } });
  expect(flows[2]).toMatchObject({ outcome: 'closed', server: { port: 22 }, received: { packets: 1, bytes: 60 } });
});

test("argus: UNSW-NB15's columns", () => {
  const text = [
    'srcip,sport,dstip,dsport,proto,state,dur,sbytes,dbytes,Spkts,Dpkts,Stime,Ltime,attack_cat,Label',
    '175.45.176.0,13284,149.171.126.16,80,tcp,FIN,2.390390,1362,268,14,6,1421927416,1421927419, Reconnaissance ,1',
    '59.166.0.0,1390,149.171.126.6,53,udp,CON,0.001055,132,164,2,2,1421927414,1421927414,,0',
  ].join('\n');
  const [attack, normal] = [...readArgus(text, 'UNSW-NB15_1.csv')];
  expect(attack).toMatchObject({
    at: 1421927416,
    label: 'Reconnaissance',
    sent: { packets: 14, bytes: 1362 },
    received: { packets: 6, bytes: 268 },
    outcome: 'answered',
  });
  expect(normal).toMatchObject({ label: undefined, protocol: 17 });
});

describe('AWS text with a truth column', () => {
  const header = 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status truth';
  const line = (truth: string) => `2 123456789012 eni-a 203.0.113.66 10.0.0.5 40000 22 6 1 44 1700000000 1700000010 REJECT OK ${truth}`;

  test('the column is taken away and becomes the truth', () => {
    const { text, happenings } = readAws(`${header}\n${line('scan')}\n${line('Benign')}\n`, 'a.log');
    expect(text).toBe(`${header.replace(' truth', '')}\n${line('scan').replace(' scan', '')}\n${line('Benign').replace(' Benign', '')}\n`);
    expect(happenings).toEqual([
      { label: 'scan', source: '203.0.113.66', target: '10.0.0.5', interfaces: ['eni-a'], from: 1700000000, to: 1700000010 },
    ]);
  });

  test.each([
    ['no truth', header.replace(' truth', ''), 'a.log:1: no column truth or label among version account-id'],
    ['no action', header.replace(' action', ''), 'a.log:1: no action: expected at least the fields of the default format'],
    ['a short line', `${header}\n${line('x').replace(' OK', '')}`, 'a.log:2: 14 columns, expected the 15 of the header'],
  ])('%s', (_, text, message) => {
    expect(() => readAws(text, 'a.log')).toThrow(message);
  });
});

test.each([
  ['a record before the header', '1700000000.5\tCa', /^conn\.log:1: a record before any #fields line/],
  ['a line with too few columns', `${ZEEK_FIELDS}\n1700000000.5\tCa`, /^conn\.log:2: 2 columns, expected the 19 of #fields/],
  ['no JSON', '{"ts": 1', /^conn\.log:1: not JSON/],
  ['another log', '#fields\tts\tquery\n1.0\tx', /^conn\.log:2: no id\.orig_h, id\.orig_p.*expected the columns of Zeek's conn\.log/],
  ['a time that is none', ZEEK.replace('1700000060.0', 'yesterday'), /^conn\.log:4: ts "yesterday": expected a number/],
])('Zeek: %s', (_, text, message) => {
  expect(() => [...readZeek(text, 'conn.log')]).toThrow(message);
});

test.each([
  ['no header', '1.0,2', /^x\.csv:1: no column starttime or stime, proto.*expected a CSV with a header/],
  ['a time that is none', 'stime,proto,saddr,daddr,state\nlater,tcp,10.0.0.1,10.0.0.2,S_', /^x\.csv:2: time "later"/],
])('argus: %s', (_, text, message) => {
  expect(() => [...readArgus(text, 'x.csv')]).toThrow(message);
});

test('what nobody answered is REJECT at an own receiver with closed groups, and let out', () => {
  const flows = [
    zeekFlow({}),
    zeekFlow({ client: { address: '203.0.113.66', port: 5 }, server: { address: '10.0.0.5', port: 22 }, outcome: 'closed' }),
  ];
  const lines = (groups: 'closed' | 'open') =>
    captured(flows, isOwn, groups).records.map(linePrinter({ format: parseFormat('srcaddr dstaddr action'), account: '1', region: 'x' }));
  expect(lines('closed')).toEqual(['10.0.0.5 203.0.113.10 ACCEPT', '203.0.113.66 10.0.0.5 REJECT']);
  expect(lines('open')).toEqual(['10.0.0.5 203.0.113.10 ACCEPT', '203.0.113.66 10.0.0.5 ACCEPT', '10.0.0.5 203.0.113.66 ACCEPT']);
});

test('incidents: one a source and label, apart after a pause, with the interfaces that were touched', () => {
  const { happenings } = captured(
    [zeekFlow({}), zeekFlow({ at: 1700000100 }), zeekFlow({ at: 1700010000 }), zeekFlow({ at: 1700000090, label: undefined })],
    isOwn,
    'closed',
  );
  const incidents = incidentsOf(happenings, 'x', { gapSeconds: 3600, least: 1 });
  expect(incidents.map(({ n, from, to, need, actors }) => ({ n, from, to, need, actors }))).toEqual([
    { n: 2, from: 1700000060, to: 1700000100, need: ['10.0.0.5'], actors: ['10.0.0.5', 'eni-10-0-0-5', '203.0.113.10'] },
    { n: 1, from: 1700010000, to: 1700010000, need: ['10.0.0.5'], actors: ['10.0.0.5', 'eni-10-0-0-5', '203.0.113.10'] },
  ]);
  expect(incidentsOf(happenings, 'x', { gapSeconds: 3600, least: 2 })).toHaveLength(1);
});

test('own networks: IPv4 and IPv6, and what is none', () => {
  expect(['10.1.2.3', '11.0.0.1', '2001:db8::1', 'nobody'].map(isOwn)).toEqual([true, false, true, false]);
  expect(() => ownNetworks('10.0.0.0/33')).toThrow('--own 10.0.0.0/33: expected networks like');
});

test('the command writes a log and its incidents, and names what is wrong', () => {
  const run = (...args: string[]) =>
    execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'eval/convert/run.ts', ...args], { encoding: 'utf8', stdio: 'pipe' });
  const file = join(folder, 'conn.log');
  writeFileSync(file, ZEEK);
  expect(run('zeek', file, '--out', join(folder, 'one'))).toContain('2 incidents');
  const log = gunzipSync(readFileSync(join(folder, 'one.log.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  expect(log[0]).toBe(parseFormat('default').names.join(' '));
  expect(log).toContain('2 123456789012 eni-10-0-0-5 203.0.113.66 10.0.0.5 40002 22 6 1 44 1700000061 1700000061 REJECT OK');
  expect(JSON.parse(readFileSync(join(folder, 'one.incidents.json'), 'utf8'))).toMatchObject([
    { need: ['10.0.0.5'] },
    { need: ['203.0.113.66'] },
  ]);
  expect(() => run('zeek', file, '--out', join(folder, 'two'), '--own', '192.0.2.0/24')).toThrow(
    /no flow touches 192\.0\.2\.0\/24; name the own networks with --own/,
  );
});
