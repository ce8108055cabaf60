import { join } from 'node:path';
import fc from 'fast-check';
import { type Database, openDatabase } from '../../lib/source/duckdb';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';
import { rowsOf } from '../support/rows';

const folder = temporaryFolder();
let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1, memory: '200MB', temporaryFolder: join(folder, 'spill') });
});
afterAll(() => db.close());

let serial = 0;
/** Writes the rows of a SELECT as Parquet, as Security Lake names its objects. */
async function parquet(select: string, name = `${++serial}.gz.parquet`): Promise<string> {
  const path = join(folder, name);
  await db.rows(`COPY (${select}) TO '${path}' (FORMAT parquet, COMPRESSION gzip)`);
  return path;
}

interface Flow {
  version: number;
  src: string;
  dst: string;
  packetSrc: string;
  packetDst: string;
  srcport: number;
  dstport: number;
  protocol: number;
  packets: number;
  bytes: number;
  start: number;
  end: number;
  action: 'ACCEPT' | 'REJECT';
  flags: number;
  direction: 'ingress' | 'egress';
  path: number;
}

const base: Flow = {
  version: 5,
  src: '203.0.113.9',
  dst: '10.0.0.5',
  packetSrc: '203.0.113.9',
  packetDst: '10.0.0.5',
  srcport: 40000,
  dstport: 443,
  protocol: 6,
  packets: 3,
  bytes: 300,
  start: 1767225600,
  end: 1767225659,
  action: 'REJECT',
  flags: 2,
  direction: 'ingress',
  path: 8,
};

/** An event as Security Lake makes it of a flow log: https://github.com/ocsf/examples, AWS, VPC Flowlogs. */
function event(flow: Flow, version: 1 | 2): string {
  const text = (value: string) => `'${value}'`;
  const inward = flow.direction === 'ingress';
  const own = `interface_uid: 'eni-1', vpc_uid: 'vpc-1', subnet_uid: 'subnet-1', instance_uid: 'i-1'`;
  const none = 'interface_uid: NULL::VARCHAR, vpc_uid: NULL::VARCHAR, subnet_uid: NULL::VARCHAR, instance_uid: NULL::VARCHAR';
  const end = (address: string, packet: string, port: number, mine: boolean, service: string) =>
    `{ip: ${text(packet)}, port: ${port}, svc_name: '${service}', ${mine ? own : none}, ` +
    `intermediate_ips: ${address === packet ? 'NULL::VARCHAR[]' : `[${text(address)}]`}}`;
  const accepted = flow.action === 'ACCEPT';
  const common =
    `SELECT {product: {version: '${flow.version}', name: 'Amazon VPC', vendor_name: 'AWS'}, version: '${version === 1 ? '1.0.0-rc.2' : '1.1.0'}'} AS metadata, ` +
    `${end(flow.src, flow.packetSrc, flow.srcport, !inward, '-')} AS src_endpoint, ${end(flow.dst, flow.packetDst, flow.dstport, inward, 'S3')} AS dst_endpoint, ` +
    `{protocol_num: ${flow.protocol}, tcp_flags: ${flow.flags}, protocol_ver: 'IPv4', boundary_id: ${flow.path + 3}, direction_id: ${inward ? 1 : 2}, direction: '${inward ? 'Inbound' : 'Outbound'}'} AS connection_info, ` +
    `{packets: ${flow.packets}::BIGINT, bytes: ${flow.bytes}::BIGINT} AS traffic, 'OK' AS status_code, 4001 AS class_uid, ` +
    `${accepted ? 6 : 5} AS activity_id, '${accepted ? 'Traffic' : 'Refuse'}' AS activity_name, '${accepted ? 'Allowed' : 'Blocked'}' AS disposition, ` +
    `MAP {'sublocation_id': '-', 'sublocation_type': 'outpost', 'reject_reason': 'BPA'} AS unmapped, ${flow.start * 1000}::BIGINT AS "time", `;
  return version === 1
    ? `${common}{account_uid: '123456789012', region: 'us-east-1', zone: 'use1-az1', provider: 'AWS'} AS cloud, ` +
        `${flow.start * 1000}::BIGINT AS start_time, ${flow.end * 1000}::BIGINT AS end_time, ${accepted ? 1 : 2} AS disposition_id`
    : `${common}{account: {uid: '123456789012'}, region: 'us-east-1', zone: 'use1-az1', provider: 'AWS'} AS cloud, ` +
        `make_timestamp(${flow.start}000000) AS start_time_dt, make_timestamp(${flow.end}000000) AS end_time_dt, ` +
        `'${accepted ? 'Allowed' : 'Denied'}' AS action, ${accepted ? 1 : 2} AS action_id, 'us-east-1' AS region, '123456789012' AS accountid`;
}

const record = (flow: Flow) => ({
  version: flow.version,
  account_id: '123456789012',
  interface_id: 'eni-1',
  srcaddr: flow.src,
  dstaddr: flow.dst,
  srcport: flow.srcport,
  dstport: flow.dstport,
  protocol: flow.protocol,
  packets: String(flow.packets),
  bytes: String(flow.bytes),
  start: String(flow.start),
  end: String(flow.end),
  action: flow.action,
  log_status: 'OK',
  vpc_id: 'vpc-1',
  subnet_id: 'subnet-1',
  instance_id: 'i-1',
  tcp_flags: flow.flags,
  type: 'IPv4',
  pkt_srcaddr: flow.packetSrc,
  pkt_dstaddr: flow.packetDst,
  region: 'us-east-1',
  az_id: 'use1-az1',
  sublocation_type: 'outpost',
  sublocation_id: null,
  pkt_src_aws_service: null,
  pkt_dst_aws_service: 'S3',
  flow_direction: flow.direction,
  traffic_path: flow.path,
  reject_reason: 'BPA',
  disposition: flow.action === 'ACCEPT' ? 'Allowed' : 'Blocked',
  activity_name: flow.action === 'ACCEPT' ? 'Traffic' : 'Refuse',
});

test('records are again what the events were made of, in both versions of the source', async () => {
  const port = fc.integer({ min: 0, max: 65535 });
  const address = fc.constantFrom('203.0.113.9', '10.0.0.5', '10.0.0.6', '192.0.2.77');
  const flow: fc.Arbitrary<Flow> = fc.record({
    version: fc.constantFrom(2, 5, 8),
    src: address,
    dst: address,
    packetSrc: address,
    packetDst: address,
    srcport: port,
    dstport: port,
    protocol: fc.constantFrom(1, 6, 17),
    packets: fc.integer({ min: 1, max: 1e9 }),
    bytes: fc.integer({ min: 1, max: 1e12 }),
    start: fc.integer({ min: 1.6e9, max: 1.8e9 }),
    end: fc.integer({ min: 1.6e9, max: 1.8e9 }),
    action: fc.constantFrom('ACCEPT', 'REJECT'),
    flags: fc.integer({ min: 0, max: 63 }),
    direction: fc.constantFrom('ingress', 'egress'),
    path: fc.integer({ min: 1, max: 8 }),
  });
  const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();
  await fc.assert(
    fc.asyncProperty(fc.array(flow, { minLength: 1, maxLength: 5 }), fc.array(flow, { maxLength: 5 }), async (first, second) => {
      const paths = [
        await parquet(first.map((one) => event(one, 1)).join(' UNION ALL ')),
        ...(second.length === 0 ? [] : [await parquet(second.map((one) => event(one, 2)).join(' UNION ALL '))]),
      ];
      const { rows, totals, kinds } = await rowsOf(paths);
      expect(totals).toMatchObject({ records: first.length + second.length, rejectedLines: 0, badValues: 0 });
      expect(kinds).toEqual({ 'security-lake': paths.length });
      expect(sorted(rows)).toEqual(sorted([...first, ...second].map(record)));
    }),
    { numRuns: 15 },
  );
});

test('beside flow logs nothing is counted twice, and columns are those of the files', async () => {
  const events = await parquet(event(base, 2));
  const log = writeLog(folder, 'a.log', `${HEADER}\n${line()}\n`);
  const { rows, totals } = await rowsOf([events, log], 'srcaddr, bytes, action');
  expect(totals).toMatchObject({ files: 2, lines: 2, records: 2 });
  expect(rows).toEqual([
    { srcaddr: '192.0.2.1', bytes: '40', action: 'REJECT' },
    { srcaddr: '203.0.113.9', bytes: '300', action: 'REJECT' },
  ]);
  const few = await parquet(
    "SELECT {version: '1.1.0'} AS metadata, 4001 AS class_uid, {ip: '192.0.2.1'} AS src_endpoint, 1767225600000 AS \"time\"",
  );
  expect((await rowsOf([few])).rows).toEqual([{ srcaddr: '192.0.2.1', start: '1767225600', pkt_srcaddr: '192.0.2.1' }]);
});

test('a producer that tells both directions apart gives a record for each', async () => {
  const both = await parquet(
    "SELECT {version: '1.3.0'} AS metadata, 4001 AS class_uid, {ip: '192.0.2.1', port: 1000} AS src_endpoint, {ip: '192.0.2.2', port: 80} AS dst_endpoint, " +
      '{bytes: 30::BIGINT, bytes_out: 10::BIGINT, bytes_in: 20::BIGINT, packets: 3::BIGINT, packets_out: 1::BIGINT, packets_in: 2::BIGINT} AS traffic, ' +
      "{direction: 'Outbound', protocol_num: 6} AS connection_info, 'Allowed' AS action, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS time_dt",
  );
  const { rows, totals } = await rowsOf([both], 'srcaddr, dstport, bytes, packets, flow_direction, action, "start"');
  expect(totals).toMatchObject({ records: 2 });
  expect(rows).toEqual([
    { srcaddr: '192.0.2.1', dstport: 80, bytes: '10', packets: '1', flow_direction: 'egress', action: 'ACCEPT', start: '1767225600' },
    { srcaddr: '192.0.2.2', dstport: 1000, bytes: '20', packets: '2', flow_direction: 'ingress', action: 'ACCEPT', start: '1767225600' },
  ]);
});

test('events of other classes: their files are skipped, their rows rejected with file and row', async () => {
  const dns = "SELECT {version: '1.1.0'} AS metadata, 4003 AS class_uid, 'Allowed' AS action, 'us-east-1' AS region";
  const path = await parquet(dns, 'route53.parquet');
  await expect(rowsOf([path])).rejects.toThrow(/route53\.parquet: OCSF events of class 4003: expected class 4001, Network Activity/);
  const mixed = await parquet(
    `${event(base, 2)} UNION ALL BY NAME SELECT {product: {version: '', name: '', vendor_name: ''}, version: ''} AS metadata, 4003 AS class_uid`,
    'mixed.parquet',
  );
  const { totals, reasons } = await rowsOf([mixed]);
  expect(totals).toMatchObject({ lines: 2, records: 1, rejectedLines: 1 });
  expect(reasons).toEqual(['2 no network activity: got OCSF class 4003, expected 4001']);
});

test('an event with text that is no UTF-8 is rejected, with file and row', async () => {
  const { rows, totals, reasons } = await rowsOf(
    [join(__dirname, '..', 'fixtures', 'no-utf8-security-lake.parquet')],
    'version, srcaddr, pkt_srcaddr, action, log_status, reject_reason',
  );
  expect(totals).toMatchObject({ lines: 3, records: 2, rejectedLines: 1, badValues: 1 });
  const common = { srcaddr: '192.0.2.1', action: 'ACCEPT', log_status: 'OK', reject_reason: 'BPA' };
  expect(rows).toEqual([
    { ...common, version: 5, pkt_srcaddr: '203.0.113.9' },
    { ...common, version: null, pkt_srcaddr: '203.0.113.7' },
  ]);
  expect(reasons).toEqual(['2 not valid UTF-8', '3 field version: expected a 32-bit integer or -, read as NULL']);
});

test('text that is said to be of Security Lake is refused', async () => {
  await expect(rowsOf([writeLog(folder, 'b.log', 'x y\n')], '*', { source: 'security-lake' })).rejects.toThrow(
    /b\.log: text, but --source-format security-lake is Parquet/,
  );
});
