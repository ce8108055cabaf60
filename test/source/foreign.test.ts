import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openRecords, type Records } from '../../lib/source/records';
import type { SourceFormat } from '../../lib/source/sniff';
import { temporaryFolder, writeLog } from '../support/logs';

const folder = temporaryFolder();
const FIXTURES = join(__dirname, '..', 'fixtures', 'foreign');

async function withFiles<T>(paths: readonly string[], use: (records: Records) => Promise<T>, source?: SourceFormat): Promise<T> {
  const records = await openRecords(paths, { cache: undefined, threads: 2, memory: '300MB', source });
  try {
    return await use(records);
  } finally {
    await records.close();
  }
}

const rowsOf = (paths: readonly string[], columns = '*', source?: SourceFormat) =>
  withFiles(
    paths,
    async (records) => ({
      rows: await records.db.rows(`SELECT ${columns} FROM flow_records ORDER BY ALL`),
      totals: records.totals,
      samples: records.samples,
    }),
    source,
  );

let serial = 0;
const file = (content: string | Buffer, name = 'x.json') => {
  const path = join(folder, String(++serial), name);
  mkdirSync(dirname(path), { recursive: true });
  return writeLog(dirname(path), name.slice(name.lastIndexOf('/') + 1), content);
};

const flow = (more: object = {}) => ({
  start_time: '2020-07-24T10:00:01Z',
  end_time: '2020-07-24T10:04:59Z',
  connection_start_time: '2020-07-24T09:00:00Z',
  direction: 'O',
  action: 'accepted',
  initiator_ip: '192.0.2.5',
  target_ip: '198.51.100.7',
  initiator_port: 40000,
  target_port: 443,
  transport_protocol: 6,
  ether_type: 'IPv4',
  was_initiated: true,
  was_terminated: false,
  bytes_from_initiator: 1200,
  packets_from_initiator: 12,
  bytes_from_target: 9000,
  packets_from_target: 9,
  cumulative_bytes_from_initiator: 5000,
  cumulative_packets_from_initiator: 50,
  cumulative_bytes_from_target: 70000,
  cumulative_packets_from_target: 70,
  ...more,
});

const object = (flows: readonly unknown[], header: object = {}) => ({
  version: '0.0.1',
  collector_crn: 'crn:v1:bluemix:public:is:us-south:a/abc123::flow-log-collector:r006-1',
  attached_endpoint_type: 'vnic',
  network_interface_id: '0717-nic',
  instance_crn: 'crn:v1:bluemix:public:is:us-south-1:a/abc123::instance:0717-vm',
  vpc_crn: 'crn:v1:bluemix:public:is:us-south:a/abc123::vpc:r006-vpc',
  capture_start_time: '2020-07-24T10:00:00Z',
  capture_end_time: '2020-07-24T10:05:00Z',
  state: 'ok',
  number_of_flow_logs: flows.length,
  flow_logs: flows,
  ...header,
});

const KEY =
  'ibm_vpc_flowlogs_v1/account=abc123/region=us-south/vpc-id=r006-vpc/subnet-id=0717-sub/endpoint-type=vnics/instance-id=crn%3Av1%3Ainstance%3A0717-vm/vnic-id=0717-nic/record-type=all/year=2020/month=07/day=24/hour=10/stream-id=20200724T100000Z/00000000.gz';

const ibm = (objects: readonly object[]) => objects.map((content) => file(gzipSync(JSON.stringify(content)), '00000000.gz'));

describe('IBM Cloud flow logs', () => {
  test('each direction that carried packets is a record, seen from the interface', async () => {
    const path = join(folder, KEY);
    mkdirSync(dirname(path), { recursive: true });
    writeLog(
      dirname(path),
      '00000000.gz',
      gzipSync(JSON.stringify(object([flow(), flow({ packets_from_target: 0, bytes_from_target: 0 })]))),
    );
    const { rows } = await rowsOf([path]);
    const common = {
      version: 5,
      account_id: 'abc123',
      interface_id: '0717-nic',
      protocol: 6,
      start: '1595584801',
      end: '1595585099',
      action: 'ACCEPT',
      log_status: 'OK',
      vpc_id: 'r006-vpc',
      subnet_id: '0717-sub',
      instance_id: '0717-vm',
      type: 'IPv4',
      region: 'us-south',
      initiator_ip: '192.0.2.5',
      was_initiated: 'true',
      was_terminated: 'false',
      connection_start: '1595581200',
      collector_crn: 'crn:v1:bluemix:public:is:us-south:a/abc123::flow-log-collector:r006-1',
      instance_crn: 'crn:v1:bluemix:public:is:us-south-1:a/abc123::instance:0717-vm',
      vpc_crn: 'crn:v1:bluemix:public:is:us-south:a/abc123::vpc:r006-vpc',
      record_type: 'all',
    };
    const out = {
      ...common,
      srcaddr: '192.0.2.5',
      dstaddr: '198.51.100.7',
      srcport: 40000,
      dstport: 443,
      packets: '12',
      bytes: '1200',
      flow_direction: 'egress',
      cumulative_packets: '50',
      cumulative_bytes: '5000',
    };
    const back = {
      ...common,
      srcaddr: '198.51.100.7',
      dstaddr: '192.0.2.5',
      srcport: 443,
      dstport: 40000,
      packets: '9',
      bytes: '9000',
      flow_direction: 'ingress',
      cumulative_packets: '70',
      cumulative_bytes: '70000',
    };
    expect(rows).toEqual([out, out, back]);
  });

  test.each([
    ['I', 'A', 'ACCEPT', 'ingress'],
    ['inbound', 'rejected', 'REJECT', 'ingress'],
    ['Outbound', 'R', 'REJECT', 'egress'],
  ])('direction %s and action %s', async (direction, action, ours, flowDirection) => {
    const paths = ibm([object([flow({ direction, action, packets_from_target: 0, bytes_from_target: 0 })])]);
    expect((await rowsOf(paths, 'action, flow_direction')).rows).toEqual([{ action: ours, flow_direction: flowDirection }]);
  });

  test('lost data is SKIPDATA, no traffic NODATA, and neither hides flows', async () => {
    const paths = ibm([object([]), object([], { state: 'skip data' }), object([flow()], { state: 'Skip Data' })]);
    const grouped = await withFiles(paths, (records) =>
      records.db.rows('SELECT log_status, count(*) AS n, sum(bytes)::BIGINT AS bytes FROM flow_records GROUP BY 1 ORDER BY 1'),
    );
    expect(grouped).toEqual([
      { log_status: 'NODATA', n: '1', bytes: null },
      { log_status: 'OK', n: '2', bytes: '10200' },
      { log_status: 'SKIPDATA', n: '2', bytes: null },
    ]);
  });

  test("the documentation's own example is rejected with the line of its first mistake", async () => {
    const { rows, totals, samples } = await rowsOf([join(FIXTURES, 'ibm-documentation.json')]);
    expect(rows).toEqual([]);
    expect(totals).toMatchObject({ records: 0, rejectedLines: 1, lines: 1 });
    expect(samples[0]).toMatchObject({ line: 8, reason: expect.stringContaining('line 8, column 9') });
  });

  test('with its commas mended it is read: times without zone are UTC, an end before the start is counted', async () => {
    const text = readFileSync(join(FIXTURES, 'ibm-documentation.json'), 'utf8')
      .replace('"vpc_crn": "crn"', '"vpc_crn": "crn",')
      .replace('"packets_from_target": 3232', '"packets_from_target": 3232,')
      .replace(/,(\s*[}\]])/g, '$1');
    const { rows, samples } = await rowsOf([file(text)], 'srcaddr, packets, bytes, "start", "end"');
    expect(rows).toEqual([
      { srcaddr: '1.2.3.4', packets: '2212', bytes: '12000', start: '1221493980', end: '1221493200' },
      { srcaddr: '5.6.7.8', packets: '3232', bytes: '323232', start: '1221493980', end: '1221493200' },
    ]);
    expect(samples.map(({ reason }) => reason)).toEqual(['field end_time: before start_time 2008-09-15T15:53:00']);
  });

  test('broken objects among sound ones are named and counted; nothing else is lost', async () => {
    const sound = JSON.stringify(object([flow()]));
    const place = join(folder, 'many');
    mkdirSync(place);
    for (let i = 0; i < 40; i++) {
      const body = i === 7 ? Buffer.from(sound.slice(0, 300)) : gzipSync(sound);
      writeLog(place, `${String(i).padStart(8, '0')}.gz`, i === 9 ? body.subarray(0, body.length - 40) : body);
    }
    writeLog(place, '00000100.gz', gzipSync(JSON.stringify(object([flow()], { version: '7.0.0' }))));
    writeLog(place, '00000101.gz', gzipSync(JSON.stringify(object([flow({ initiator_port: 'http', bytes_from_target: -4 }), 17]))));
    const { rows, totals, samples } = await rowsOf([place], 'bytes');
    expect(totals).toMatchObject({ files: 42, records: rows.length, rejectedLines: 4, badValues: 2 });
    expect(rows.filter(({ bytes }) => bytes === '1200')).toHaveLength(39);
    expect(samples.map(({ file: name, reason }) => `${name.slice(-6, -3)} ${reason}`)).toEqual([
      '007 not valid JSON: Unterminated string at line 1, column 301',
      '009 truncated gzip member: 415 bytes from byte 0 of the file on are damaged',
      '100 version: got "7.0.0", expected 0.x or 1.x; flows of another version may have another meaning',
      '101 field initiator_port: expected a whole number of at least 0, read as NULL',
      '101 field bytes_from_target: expected a whole number of at least 0, read as NULL',
      '101 flow_logs[1]: expected an object',
    ]);
  });

  const count = fc.integer({ min: 0, max: 2 ** 40 });
  const arbitraryFlow = fc
    .record({
      a: fc.integer({ min: 1, max: 30 }),
      b: fc.integer({ min: 1, max: 30 }),
      bi: count,
      pi: count,
      bt: count,
      pt: count,
      O: fc.boolean(),
    })
    .map(({ a, b, bi, pi, bt, pt, O }) =>
      flow({
        initiator_ip: `192.0.2.${a}`,
        target_ip: `198.51.100.${b}`,
        direction: O ? 'O' : 'I',
        bytes_from_initiator: bi,
        packets_from_initiator: pi,
        bytes_from_target: bt,
        packets_from_target: pt,
      }),
    );

  test('bytes and packets of every connection are conserved, however the objects are read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(arbitraryFlow, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (objects, odd) => {
          const expected = new Map<string, [bigint, bigint]>();
          const add = (key: string, bytes: number, packets: number) => {
            const [b, p] = expected.get(key) ?? [0n, 0n];
            expected.set(key, [b + BigInt(bytes), p + BigInt(packets)]);
          };
          for (const f of objects.flat()) {
            add(`${f.initiator_ip} ${f.target_ip}`, f.bytes_from_initiator, f.packets_from_initiator);
            if (f.bytes_from_target + f.packets_from_target > 0)
              add(`${f.target_ip} ${f.initiator_ip}`, f.bytes_from_target, f.packets_from_target);
          }
          const paths = ibm(objects.map((flows) => object(flows)));
          // A file that is no flow log sends its unit to the slow reader.
          if (odd) paths.push(file('{"flow_logs": 1', '00000000.gz'));
          const place = dirname(paths[0]!);
          const rows = await withFiles([place, ...paths.slice(1)], (records) =>
            records.db.rows(
              `SELECT srcaddr || ' ' || dstaddr AS pair, sum(bytes) AS bytes, sum(packets) AS packets FROM flow_records WHERE log_status = 'OK' GROUP BY 1`,
            ),
          );
          expect(new Map(rows.map(({ pair, bytes, packets }) => [pair, [BigInt(bytes as string), BigInt(packets as string)]]))).toEqual(
            expected,
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  test('the flat view has a row per flow log, with the header and the parts of the key', async () => {
    const rows = await withFiles([join(folder, KEY)], (records) =>
      records.db.rows(
        'SELECT instance_id, vnic_id, stream_id, hour, action, direction, packets_from_target, capture_start_time FROM flow_flat ORDER BY packets_from_target',
      ),
    );
    const common = {
      instance_id: 'crn:v1:instance:0717-vm',
      vnic_id: '0717-nic',
      stream_id: '20200724T100000Z',
      hour: '10',
      action: 'accepted',
      direction: 'O',
      capture_start_time: '2020-07-24 10:00:00',
    };
    expect(rows).toEqual([
      { ...common, packets_from_target: '0' },
      { ...common, packets_from_target: '9' },
    ]);
  });
});

describe('JCS flow logs', () => {
  test("the guide's sample, which no JSON parser takes", async () => {
    const { rows, totals } = await rowsOf([join(FIXTURES, 'jcs-documentation.txt')]);
    expect(totals).toMatchObject({ records: 1, rejectedLines: 0, badValues: 0 });
    expect(rows).toEqual([
      {
        version: 5,
        account_id: null,
        interface_id: null,
        srcaddr: '10.140.213.62',
        dstaddr: '10.140.216.121',
        srcport: 44568,
        dstport: 443,
        protocol: 6,
        packets: '4',
        bytes: '842',
        start: '1478172458',
        end: '1478172644',
        action: 'ACCEPT',
        log_status: 'OK',
        type: 'IPv4',
        flow_direction: 'egress',
        sg_rule_uuid: 'bc5b4e1a-6403-4cf7-9b8a-c3e7d105dcf2',
        nw_ace_uuid: '00000000-0000-0000-0000-000000000001',
        sourcevn: 'default-domain:services:public',
        destvn: 'default-domain:services:public',
        uuid_key: '00025d0b-60d6-4d6b-b3dd-5878d6af8b18',
        underlay_proto: 1,
        underlay_source_port: 0,
      },
    ]);
  });

  const item = (more: object = {}) => ({
    action: 'dropped',
    sourceip: '192.0.2.1',
    destip: '198.51.100.1',
    sport: '1',
    dport: '22',
    protocol: '6',
    'agg-bytes': '60',
    'agg-packets': '1',
    setupTime: '1478172458053492',
    teardownTime: '0',
    directionIng: '0',
    sgRuleUuid: 'r',
    uuidKey: 'u',
    ...more,
  });
  const answer = (items: readonly unknown[]) =>
    JSON.stringify({ DescribeFlowLogResponse: { requestId: 'req-1', value: { item: items } } }, null, 2);

  test('several answers in one file, an empty one among them', async () => {
    const { rows } = await rowsOf(
      [file(answer([item()]) + answer([]) + '\n' + answer([item(), item({ action: 'pass' })]))],
      'action, flow_direction, "end"',
    );
    expect(rows).toEqual([
      { action: 'ACCEPT', flow_direction: 'ingress', end: null },
      { action: 'REJECT', flow_direction: 'ingress', end: null },
      { action: 'REJECT', flow_direction: 'ingress', end: null },
    ]);
  });

  test('a broken item on a line of its own costs no other', async () => {
    const lines = [item(), item(), item()].map((one) => JSON.stringify(one));
    lines[1] = lines[1]!.replace('"uuidKey":"u"', '"uuidKey":"u');
    const { totals, samples } = await rowsOf([file(`{"DescribeFlowLogResponse":{"value":{"item":[\n${lines.join(',\n')}\n]}}}`)]);
    expect(totals).toMatchObject({ records: 2, rejectedLines: 1 });
    expect(samples[0]).toMatchObject({ line: 3 });
  });

  test('broken items are named with their line; the others stay', async () => {
    const text = answer([item(), item({ uuidKey: 'broken' }), item({ action: 'maybe', setupTime: 'soon' }), item()]);
    const { rows, totals, samples } = await rowsOf([file(text.replace('"uuidKey": "broken"', '"uuidKey": "broken'))], 'action');
    expect(totals).toMatchObject({ records: 3, rejectedLines: 1, badValues: 2 });
    expect(rows).toEqual([{ action: 'REJECT' }, { action: 'REJECT' }, { action: null }]);
    expect(samples.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      '21 not valid JSON: a string is not closed',
      '36 field setupTime: expected microseconds since 1970, read as NULL',
      '36 field action: expected pass or dropped or drop, read as NULL',
    ]);
  });
});

describe('Skydive flows', () => {
  const skydive = (more: object = {}) => ({
    UUID: 'f1',
    TrackingID: 't1',
    LayersPath: 'Ethernet/IPv4/TCP',
    Application: 'TCP',
    NodeTID: 'node-1',
    Network: { Protocol: 'IPV4', A: '192.0.2.1', B: '198.51.100.2' },
    Transport: { Protocol: 'TCP', A: '40000', B: '22' },
    LastUpdateMetric: { ABPackets: 5, ABBytes: 490, BAPackets: 4, BABytes: 300, Start: 1551199625889, Last: 1551199655889 },
    Metric: { ABPackets: 5, ABBytes: 490, BAPackets: 4, BABytes: 300 },
    TCPMetric: { ABSynStart: 1551199625889, BASynStart: 1551199625890, BAFinStart: 1551199655889 },
    ...more,
  });
  const COLUMNS = 'srcaddr, srcport, dstport, packets, "start", "end", log_status, tcp_flags';

  test('each direction is a record of its own, from an array as from lines', async () => {
    const expected = [
      {
        srcaddr: '192.0.2.1',
        srcport: 40000,
        dstport: 22,
        packets: '5',
        start: '1551199625',
        end: '1551199655',
        log_status: 'OK',
        tcp_flags: 2,
      },
      {
        srcaddr: '198.51.100.2',
        srcport: 22,
        dstport: 40000,
        packets: '4',
        start: '1551199625',
        end: '1551199655',
        log_status: 'OK',
        tcp_flags: 19,
      },
    ];
    expect((await rowsOf([file(JSON.stringify([skydive()], null, 2))], COLUMNS)).rows).toEqual(expected);
    expect((await rowsOf([file(`${JSON.stringify(skydive())}\n`)], COLUMNS)).rows).toEqual(expected);
  });

  test('idle interfaces are NODATA, lost updates SKIPDATA, what is no IP traffic is counted', async () => {
    const idle = (more: object) =>
      skydive({ UUID: 'f2', LastUpdateMetric: { ABPackets: 0, Start: 1551199625000, Last: 1551199655000 }, ...more });
    const later = (packets: number, total: number, start: number) =>
      skydive({
        LastUpdateMetric: { ABPackets: packets, ABBytes: 1, Start: start, Last: start + 30000 },
        Metric: { ABPackets: total, ABBytes: 500, BAPackets: 4, BABytes: 300 },
      });
    const arp = { UUID: 'f3', LayersPath: 'Ethernet/ARP', Metric: { ABPackets: 1 }, NodeTID: 'node-1' };
    const flows = [skydive(), idle({}), idle({ NodeTID: 'node-2' }), arp, later(2, 9, 1551199715889)];
    const { rows, totals, samples } = await rowsOf(
      [file(flows.map((one) => JSON.stringify(one)).join('\n'))],
      'interface_id, log_status, "start", "end"',
    );
    expect(rows).toEqual([
      { interface_id: 'node-1', log_status: 'OK', start: '1551199625', end: '1551199655' },
      { interface_id: 'node-1', log_status: 'OK', start: '1551199625', end: '1551199655' },
      { interface_id: 'node-1', log_status: 'OK', start: '1551199715', end: '1551199745' },
      { interface_id: 'node-1', log_status: 'SKIPDATA', start: '1551199655', end: '1551199715' },
      { interface_id: 'node-2', log_status: 'NODATA', start: '1551199625', end: '1551199655' },
    ]);
    expect(totals).toMatchObject({ records: 5, rejectedLines: 1 });
    expect(samples[0]).toMatchObject({ line: 4, reason: 'no IP layer (Ethernet/ARP): flow logs hold IP traffic only' });
  });
});

test.each([
  [
    'jcs',
    (i: number) => ({
      action: 'pass',
      sourceip: '192.0.2.1',
      destip: `198.51.100.${i % 250}`,
      setupTime: `14781724${String(i).padStart(8, '0')}`,
      directionIng: '1',
      uuidKey: String(Math.sin(i)),
    }),
  ],
  [
    'skydive',
    (i: number) => ({
      UUID: String(Math.sin(i)),
      NodeTID: 'n',
      LayersPath: 'Ethernet/IPv4/UDP',
      Network: { A: '192.0.2.1', B: `198.51.100.${i % 250}` },
      Metric: { ABPackets: 1, ABBytes: i, Start: 1551199625889 + i, Last: 1551199655889 },
    }),
  ],
] as const)('of %s in two gzip members, the second truncated, the first is read and nothing of the second', async (source, item) => {
  const items = Array.from({ length: 3000 }, (_, i) => item(i));
  const text =
    source === 'jcs'
      ? JSON.stringify({ DescribeFlowLogResponse: { value: { item: items } } })
      : items.map((one) => JSON.stringify(one)).join('\n');
  const middle = text.indexOf(JSON.stringify(items[1000]));
  const second = gzipSync(text.slice(middle));
  const stored = Buffer.concat([gzipSync(text.slice(0, middle)), second.subarray(0, Math.floor(second.length / 2))]);
  const { rows, totals, samples } = await rowsOf([file(stored, 'x.gz')], 'dstaddr');
  expect(rows).toHaveLength(1000);
  expect(totals).toMatchObject({ records: 1000, rejectedLines: 1 });
  expect(samples[0]?.reason).toMatch(/^truncated gzip member: \d+ bytes from byte \d+ of the file on are damaged$/);
});

test('a source that cannot be told by its content is read once it is named', async () => {
  const path = file(
    JSON.stringify({ events: [{ sourceip: '192.0.2.1', destip: '198.51.100.1', action: 'pass', setupTime: '1478172458053492' }] }),
  );
  await expect(rowsOf([path])).rejects.toThrow('event 1: expected {"message":');
  expect((await rowsOf([path], 'srcaddr, "start"', 'jcs')).rows).toEqual([{ srcaddr: '192.0.2.1', start: '1478172458' }]);
});
