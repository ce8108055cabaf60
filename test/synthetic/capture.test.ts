import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseFormat } from '../../lib/flow-log/format';
import { Capture } from '../../lib/synthetic/capture/capture';
import type { Connection, Outcome } from '../../lib/synthetic/capture/connection';
import type { NetworkInterface } from '../../lib/synthetic/capture/interface';
import { linePrinter, writeLog } from '../../lib/synthetic/capture/lines';
import type { CaptureRecord } from '../../lib/synthetic/capture/record';
import { temporaryFolder } from '../support/logs';

const folder = temporaryFolder();
const FROM = 1566848820;
const instance = (id: string, ...addresses: string[]): NetworkInterface => ({ id, kind: 'instance', addresses, instanceId: `i-of-${id}` });
const connection = (more: Partial<Connection>): Connection => ({
  at: FROM + 5,
  seconds: 10,
  client: { address: '10.0.1.5', port: 43416 },
  server: { address: '203.0.113.5', port: 443 },
  protocol: 6,
  sent: { packets: 8, bytes: 800 },
  received: { packets: 6, bytes: 6000 },
  outcome: 'answered',
  ...more,
});
const lines = (capture: Capture, format: string) => {
  const print = linePrinter({ format: parseFormat(format), account: '123456789010', region: 'us-east-1' });
  return capture.sorted().map(print);
};
const captureOf = (...interfaces: NetworkInterface[]) => {
  const capture = new Capture({ from: FROM, to: FROM + 86_400, noData: 'none' });
  for (const one of interfaces) capture.add(one);
  return capture;
};

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html */
describe('what AWS documents', () => {
  const ADDRESSES = 'instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr';

  test('traffic through a NAT gateway', () => {
    const nat: NetworkInterface = { id: 'eni-1235b8ca123456789', kind: 'nat-gateway', addresses: ['10.0.0.220'] };
    const capture = captureOf(nat, instance('eni-1111aaaa2222bbbb3', '10.0.1.5'));
    capture.connect(connection({ via: [{ interfaceId: nat.id, client: { address: '10.0.0.220', port: 1024 } }] }));
    expect(lines(capture, ADDRESSES).sort()).toEqual(
      [
        '- eni-1235b8ca123456789 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5',
        '- eni-1235b8ca123456789 10.0.0.220 203.0.113.5 10.0.0.220 203.0.113.5',
        '- eni-1235b8ca123456789 203.0.113.5 10.0.0.220 203.0.113.5 10.0.0.220',
        '- eni-1235b8ca123456789 10.0.0.220 10.0.1.5 203.0.113.5 10.0.1.5',
        'i-of-eni-1111aaaa2222bbbb3 eni-1111aaaa2222bbbb3 10.0.1.5 203.0.113.5 10.0.1.5 203.0.113.5',
        'i-of-eni-1111aaaa2222bbbb3 eni-1111aaaa2222bbbb3 203.0.113.5 10.0.1.5 203.0.113.5 10.0.1.5',
      ].sort(),
    );
  });

  test('traffic through a transit gateway: each attachment writes the side of its VPC, with its own address', () => {
    const capture = captureOf(
      { id: 'eni-11111111111111111', kind: 'transit-gateway', addresses: ['10.40.1.175'] },
      { id: 'eni-22222222222222222', kind: 'transit-gateway', addresses: ['10.40.2.31'] },
      instance('eni-33333333333333333', '10.40.2.236'),
    );
    const ends = { client: { address: '10.20.33.164', port: 39812 }, server: { address: '10.40.2.236', port: 80 } };
    // Of the two ways through the gateway, the request's and the answer's, the page shows one line each.
    capture.connect(connection({ ...ends, via: [{ interfaceId: 'eni-11111111111111111', sides: 'server' }] }));
    expect(lines(capture, 'interface-id srcaddr dstaddr srcport dstport protocol tcp-flags pkt-srcaddr pkt-dstaddr action').sort()).toEqual(
      [
        'eni-11111111111111111 10.40.1.175 10.40.2.236 39812 80 6 3 10.20.33.164 10.40.2.236 ACCEPT',
        'eni-11111111111111111 10.40.2.236 10.40.1.175 80 39812 6 19 10.40.2.236 10.20.33.164 ACCEPT',
        'eni-33333333333333333 10.20.33.164 10.40.2.236 39812 80 6 3 10.20.33.164 10.40.2.236 ACCEPT',
        'eni-33333333333333333 10.40.2.236 10.20.33.164 80 39812 6 19 10.40.2.236 10.20.33.164 ACCEPT',
      ],
    );
  });

  test('TCP flags: SYN and SYN-ACK in the first interval, FIN in the last, OR-ed in one', () => {
    const capture = captureOf(instance('eni-1235b8ca123456789', '10.0.0.62'));
    const client = { address: '52.213.180.42', port: 43418 };
    const server = { address: '10.0.0.62', port: 5001 };
    capture.connect(
      connection({
        client,
        server,
        at: FROM + 55,
        seconds: 100,
        sent: { packets: 101, bytes: 10_100 },
        received: { packets: 101, bytes: 10_100 },
      }),
    );
    capture.connect(connection({ client: { ...client, port: 43638 }, server, at: FROM + 300, seconds: 4 }));
    const flags = lines(capture, 'srcport dstport tcp-flags start');
    expect(flags).toEqual([
      '43418 5001 2 1566848875',
      '5001 43418 18 1566848875',
      '43418 5001 0 1566848880',
      '5001 43418 0 1566848880',
      '43418 5001 1 1566848940',
      '5001 43418 1 1566848940',
      '43638 5001 3 1566849120',
      '5001 43638 19 1566849120',
    ]);
  });

  test('a ping that the group does not admit is one REJECT; an admitted one is two ACCEPT', () => {
    const ping = {
      client: { address: '203.0.113.12', port: 0 },
      server: { address: '172.31.16.139', port: 0 },
      protocol: 1,
      sent: { packets: 4, bytes: 336 },
      received: { packets: 4, bytes: 336 },
    };
    const of = (outcome: Outcome) => {
      const capture = captureOf(instance('eni-1235b8ca123456789', '172.31.16.139'));
      capture.connect(connection({ ...ping, outcome }));
      return lines(capture, 'srcaddr dstaddr srcport dstport protocol packets bytes action');
    };
    expect(of('refused')).toEqual(['203.0.113.12 172.31.16.139 0 0 1 4 336 REJECT']);
    expect(of('answered')).toEqual(['203.0.113.12 172.31.16.139 0 0 1 4 336 ACCEPT', '172.31.16.139 203.0.113.12 0 0 1 4 336 ACCEPT']);
  });

  test('an interval without traffic is NODATA, one above capacity SKIPDATA, in the default format', () => {
    const of = instance('eni-1235b8ca123456789', '10.0.0.62');
    const capture = new Capture({ from: FROM, to: FROM + 180, noData: 'every' });
    capture.add(of);
    capture.connect(
      connection({ client: { address: '203.0.113.9', port: 5 }, server: { address: '10.0.0.62', port: 22 }, at: FROM + 61, seconds: 1 }),
    );
    capture.lose(FROM + 60, FROM + 120, 'SKIPDATA');
    expect(lines(capture, 'default')).toEqual([
      `2 123456789010 eni-1235b8ca123456789 - - - - - - - ${FROM} ${FROM + 58} - NODATA`,
      `2 123456789010 eni-1235b8ca123456789 - - - - - - - ${FROM + 60} ${FROM + 118} - SKIPDATA`,
      `2 123456789010 eni-1235b8ca123456789 - - - - - - - ${FROM + 120} ${FROM + 178} - NODATA`,
    ]);
  });

  test("a pod's address is in the packet's fields only, and whole at the other end", () => {
    const capture = captureOf({ ...instance('eni-node', '10.0.4.1', '10.0.4.77'), kind: 'node' }, instance('eni-db', '10.0.9.9'));
    capture.connect(connection({ client: { address: '10.0.4.77', port: 40_000 }, server: { address: '10.0.9.9', port: 5432 } }));
    expect(lines(capture, 'interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr flow-direction').sort()).toEqual([
      'eni-db 10.0.4.77 10.0.9.9 10.0.4.77 10.0.9.9 ingress',
      'eni-db 10.0.9.9 10.0.4.77 10.0.9.9 10.0.4.77 egress',
      'eni-node 10.0.4.1 10.0.9.9 10.0.4.77 10.0.9.9 egress',
      'eni-node 10.0.9.9 10.0.4.1 10.0.9.9 10.0.4.77 ingress',
    ]);
  });

  test.each([
    ["the VPC's resolver", { server: { address: '10.0.0.2', port: 53 }, protocol: 17 }],
    ['instance metadata', { server: { address: '169.254.169.254', port: 80 } }],
    ['the time service', { server: { address: '169.254.169.123', port: 123 }, protocol: 17 }],
    ['DHCP', { server: { address: '10.0.1.1', port: 67 }, protocol: 17 }],
  ])('%s is not logged', (_, more) => {
    const capture = new Capture({ from: FROM, to: FROM + 3600, noData: 'none', reserved: ['10.0.0.2'] });
    capture.add(instance('eni-a', '10.0.1.5'));
    capture.connect(connection(more));
    expect(capture.sorted()).toEqual([]);
  });
});

/** `eni-app` asks `eni-db`; what each writes: direction, action, packets, flags. */
test.each<[Outcome, string[]]>([
  ['answered', ['app egress ACCEPT 8 3', 'app ingress ACCEPT 6 19', 'db ingress ACCEPT 8 3', 'db egress ACCEPT 6 19']],
  ['closed', ['app egress ACCEPT 1 2', 'app ingress ACCEPT 1 4', 'db ingress ACCEPT 1 2', 'db egress ACCEPT 1 4']],
  ['unanswered', ['app egress ACCEPT 8 2', 'db ingress ACCEPT 8 2']],
  ['refused', ['app egress ACCEPT 8 2', 'db ingress REJECT 8 2']],
  ['blocked', ['app egress REJECT 8 2']],
])('%s', (outcome, wanted) => {
  const capture = captureOf(instance('app', '10.0.1.5'), instance('db', '10.0.2.9'));
  capture.connect(connection({ server: { address: '10.0.2.9', port: 5432 }, outcome }));
  expect(lines(capture, 'interface-id flow-direction action packets tcp-flags').sort()).toEqual([...wanted].sort());
});

test('a packet after the end is refused where it arrives', () => {
  const capture = captureOf(instance('app', '10.0.1.5'), instance('db', '10.0.2.9'));
  const late = { by: 'server' as const, packets: 1, bytes: 40, afterSeconds: 30 };
  capture.connect(connection({ server: { address: '10.0.2.9', port: 5432 }, late }));
  expect(lines(capture, 'interface-id flow-direction action packets srcport').filter((line) => line.includes('REJECT'))).toEqual([
    'app ingress REJECT 1 5432',
  ]);
});

test('what stays within a host passes no interface', () => {
  const capture = captureOf({ ...instance('eni-node', '10.0.4.1', '10.0.4.77'), kind: 'node' });
  capture.connect(connection({ client: { address: '10.0.4.77', port: 1 }, server: { address: '10.0.4.1', port: 53 } }));
  expect(capture.sorted()).toEqual([]);
});

const arbitrary = fc.record({
  at: fc.double({ min: FROM, max: FROM + 20_000, noNaN: true }),
  seconds: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 9000, noNaN: true })),
  port: fc.integer({ min: 1, max: 4 }),
  packets: fc.integer({ min: 1, max: 400 }),
  bytes: fc.integer({ min: 28, max: 500_000 }),
  answer: fc.integer({ min: 1, max: 400 }),
});

test('packets and bytes are conserved at each interface and direction, one record a 5-tuple and interval', () => {
  fc.assert(
    fc.property(fc.array(arbitrary, { minLength: 1, maxLength: 12 }), fc.constantFrom<60 | 600>(60, 600), (drawn, aggregationSeconds) => {
      const capture = captureOf({ ...instance('app', '10.0.1.5'), aggregationSeconds }, instance('db', '10.0.2.9'));
      for (const { at, seconds, port, packets, bytes, answer } of drawn)
        capture.connect(
          connection({
            at,
            seconds,
            client: { address: '10.0.1.5', port },
            server: { address: '10.0.2.9', port: 5432 },
            sent: { packets, bytes },
            received: { packets: answer, bytes: answer * 40 },
          }),
        );
      const records = capture.sorted();
      const sum = (id: string, ingress: boolean, what: 'packets' | 'bytes') =>
        records.filter((r) => r.of.id === id && r.ingress === ingress).reduce((total, r) => total + r[what], 0);
      const sent = (what: 'packets' | 'bytes') => drawn.reduce((total, one) => total + one[what], 0);
      const answered = drawn.reduce((total, one) => total + one.answer, 0);
      for (const [id, ingress] of [
        ['app', false],
        ['db', true],
      ] as const) {
        expect(sum(id, ingress, 'packets')).toBe(sent('packets'));
        expect(sum(id, ingress, 'bytes')).toBe(sent('bytes'));
        expect(sum(id, !ingress, 'packets')).toBe(answered);
        expect(sum(id, !ingress, 'bytes')).toBe(answered * 40);
      }
      const phases = new Map([
        ['app', 0],
        ['db', 7919 % 60],
      ]);
      const interval = (r: CaptureRecord) => {
        const seconds = r.of.aggregationSeconds ?? 60;
        return Math.floor((r.start - (phases.get(r.of.id) ?? 0)) / seconds);
      };
      const keys = records.map((r) => `${r.of.id} ${r.ingress} ${r.srcPort} ${r.dstPort} ${interval(r)}`);
      expect(new Set(keys).size).toBe(keys.length);
      const odd = records.filter((r) => r.end < r.start || r.end - r.start >= (r.of.aggregationSeconds ?? 60) || r.packets < 1);
      expect(odd).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('a log is gzipped text with a header line', async () => {
  const capture = captureOf(instance('eni-a', '10.0.1.5'));
  capture.connect(connection({}));
  const path = join(folder, 'one.log.gz');
  await writeLog(path, capture.sorted(), { format: parseFormat('default'), account: '123456789010', region: 'us-east-1' });
  const [header, ...rest] = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  expect(header).toBe(parseFormat('default').names.join(' '));
  expect(rest).toEqual([
    `2 123456789010 eni-a 10.0.1.5 203.0.113.5 43416 443 6 8 800 ${FROM + 5} ${FROM + 15} ACCEPT OK`,
    `2 123456789010 eni-a 203.0.113.5 10.0.1.5 443 43416 6 6 6000 ${FROM + 5} ${FROM + 15} ACCEPT OK`,
  ]);
});
