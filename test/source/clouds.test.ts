import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { temporaryFolder, writeLog } from '../support/logs';
import { rowsOf, sumsOf } from '../support/rows';

const folder = temporaryFolder();
const FIXTURES = join(__dirname, '..', 'fixtures', 'foreign');
const CONNECTION = 'srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes, "start", "end", action, log_status';

let serial = 0;
const file = (content: string | Buffer, name = `${++serial}.json`) => writeLog(folder, name, content);
const lines = (values: readonly unknown[]) => `${values.map((value) => JSON.stringify(value)).join('\n')}\n`;

describe('Google Cloud', () => {
  const entry = (flow: object = {}, connection: object = {}) => ({
    insertId: 'a1',
    jsonPayload: {
      reporter: 'SRC',
      connection: { src_ip: '10.0.0.1', src_port: 40000, dest_ip: '10.0.1.2', dest_port: 443, protocol: 6, ...connection },
      bytes_sent: '1000',
      packets_sent: '10',
      start_time: '2026-01-01T00:00:00.500000000Z',
      end_time: '2026-01-01T00:00:04.900000000Z',
      src_instance: { project_id: 'p1', region: 'us-east1', zone: 'us-east1-b', vm_name: 'web' },
      src_vpc: { project_id: 'p1', vpc_name: 'main', subnetwork_name: 'front' },
      dest_instance: { project_id: 'p1', region: 'us-east1', zone: 'us-east1-c', vm_name: 'db' },
      dest_vpc: { project_id: 'p1', vpc_name: 'main', subnetwork_name: 'back' },
      ...flow,
    },
    logName: 'projects/p1/logs/compute.googleapis.com%2Fvpc_flows',
    resource: { type: 'gce_subnetwork', labels: { project_id: 'p1', subnetwork_name: 'front' } },
  });

  test('a real export of Cloud Logging', async () => {
    const { rows, totals, kinds } = await rowsOf(
      [join(FIXTURES, 'gcp-otel.ndjson')],
      `${CONNECTION}, account_id, instance_id, vpc_id, subnet_id, region, az_id, flow_direction, reporter, src_google_service, dest_google_service`,
    );
    expect(totals).toMatchObject({ records: 2, rejectedLines: 0, badValues: 0 });
    expect(kinds).toEqual({ gcp: 1 });
    const common = {
      protocol: 6,
      action: 'ACCEPT',
      log_status: 'OK',
      account_id: 'elastic-logstash',
      instance_id: 'andrewvc-flowfixtures-vm-2qhb',
      vpc_id: 'andrewvc-flowfixtures-network',
      subnet_id: 'andrewvc-flowfixtures-subnet',
      region: 'us-central1',
      az_id: 'us-central1-f',
    };
    expect(rows).toEqual([
      {
        ...common,
        srcaddr: '10.10.0.3',
        dstaddr: '142.251.183.95',
        srcport: 57046,
        dstport: 443,
        packets: '72',
        bytes: '38144',
        start: '1762550267',
        end: '1762550327',
        flow_direction: 'egress',
        reporter: 'SRC',
        src_google_service: null,
        dest_google_service: 'logging.googleapis.com',
      },
      {
        ...common,
        srcaddr: '64.233.179.95',
        dstaddr: '10.10.0.3',
        srcport: 443,
        dstport: 52900,
        packets: '32',
        bytes: '1968',
        start: '1762550380',
        end: '1762550380',
        flow_direction: 'ingress',
        reporter: 'DEST',
        src_google_service: 'agentcommunication.googleapis.com',
        dest_google_service: null,
      },
    ]);
  });

  test.each([
    ['lines', lines([entry()])],
    ['an array of `gcloud logging read`', JSON.stringify([entry()], null, 2)],
    ['an answer of entries.list', JSON.stringify({ entries: [entry()], nextPageToken: 'x' })],
    [
      'rows of BigQuery',
      lines([entry({ start_time: '2026-01-01 00:00:00.5 UTC' }, { src_port: 40000.0, dest_port: '443.0', protocol: '6.0' })]),
    ],
    ['rows of Log Analytics', lines([{ json_payload: entry().jsonPayload, log_name: 'x' }])],
    ['gzip', gzipSync(lines([entry()]))],
  ])('%s', async (_, content) => {
    const { rows, totals } = await rowsOf([file(content)], CONNECTION);
    expect(totals).toMatchObject({ records: 1, rejectedLines: 0, badValues: 0 });
    expect(rows).toEqual([
      {
        srcaddr: '10.0.0.1',
        dstaddr: '10.0.1.2',
        srcport: 40000,
        dstport: 443,
        protocol: 6,
        packets: '10',
        bytes: '1000',
        start: '1767225600',
        end: '1767225604',
        action: 'ACCEPT',
        log_status: 'OK',
      },
    ]);
  });

  const other = { reporter: 'DEST', start_time: '2026-01-01T00:00:00.502Z', end_time: '2026-01-01T00:00:04.905Z' };

  test('a flow that both sides report is counted once, whichever files the reports lie in', async () => {
    const alone = entry({ ...other, start_time: '2026-01-01T00:10:00Z', end_time: '2026-01-01T00:10:04Z' });
    const incoming = entry({ ...other, src_instance: undefined, src_vpc: undefined }, { src_ip: '203.0.113.9' });
    const gateway = entry({ ...other, reporter: 'DEST_GATEWAY', dest_gateway: { name: 'vpn' } });
    const paths = [file(lines([entry(other), alone, gateway])), file(lines([entry(), incoming]), 'elsewhere.json')];
    for (const order of [paths, [...paths].reverse()]) {
      const { rows, totals, ignored } = await rowsOf(order, 'srcaddr, reporter, "start", instance_id');
      expect(rows).toEqual([
        { srcaddr: '10.0.0.1', reporter: 'DEST', start: '1767226200', instance_id: 'db' },
        { srcaddr: '10.0.0.1', reporter: 'SRC', start: '1767225600', instance_id: 'web' },
        { srcaddr: '203.0.113.9', reporter: 'DEST', start: '1767225600', instance_id: 'db' },
      ]);
      expect(totals).toMatchObject({ lines: 3, records: 3, rejectedLines: 0 });
      expect(ignored).toEqual({ 'other-side': 2 });
    }
  });

  test('bytes and packets of a flow are what its source saw, however the reports are spread over files', async () => {
    const interval = fc.record({
      at: fc.integer({ min: 0, max: 50 }),
      bytes: fc.integer({ min: 1, max: 1e6 }),
      sides: fc.constantFrom('both', 'SRC', 'DEST'),
    });
    const flow = fc.record({
      port: fc.integer({ min: 1024, max: 1030 }),
      intervals: fc.uniqueArray(interval, { selector: ({ at }) => at, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(flow, { selector: ({ port }) => port, minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 3 }),
        async (flows, n) => {
          const expected = new Map<string, string>();
          const entries: unknown[] = [];
          for (const { port, intervals } of flows) {
            let [bytes, packets] = [0, 0];
            for (const { at, bytes: sent, sides } of intervals) {
              // Intervals of 10 s with a gap: what one side alone saw must not be taken for the other's.
              const time = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + (at * 10 + seconds) * 1000).toISOString();
              for (const reporter of sides === 'both' ? ['SRC', 'DEST'] : [sides])
                entries.push(
                  entry(
                    { reporter, bytes_sent: String(sent), packets_sent: '2', start_time: time(0), end_time: time(5) },
                    { src_port: port },
                  ),
                );
              bytes += sent;
              packets += 2;
            }
            if (intervals.length > 0) expected.set(`10.0.0.1:${port} 10.0.1.2:443`, `${bytes}/${packets}`);
          }
          const paths = Array.from({ length: n }, (_, i) => file(lines(entries.filter((_entry, j) => j % n === i))));
          expect(await sumsOf(paths)).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('what is wrong is named with its line', async () => {
    const content = [
      JSON.stringify(entry()),
      JSON.stringify(entry({ reporter: 'BOTH', bytes_sent: '-5', start_time: 'soon' }, { protocol: 'carrier pigeon' })),
      '{"jsonPayload": {"connection": {"src_ip": "10.0.0.1"',
      JSON.stringify({ jsonPayload: { disposition: 'ALLOWED' } }),
      JSON.stringify(entry()),
    ].join('\n');
    const { totals, reasons } = await rowsOf([file(content)]);
    expect(totals).toMatchObject({ lines: 5, records: 3, rejectedLines: 2, badValues: 4 });
    expect(reasons).toEqual([
      '2 field reporter: expected src or dest or src_gateway or dest_gateway in any case, read as NULL',
      "2 field protocol: expected a protocol's number or name, read as NULL",
      '2 field bytes_sent: expected a whole number of at least 0, read as NULL',
      '2 field start_time: expected a time such as 2026-01-31T12:00:00Z or Unix seconds, read as NULL',
      expect.stringMatching(/^3 not valid JSON/),
      '4 not a VPC flow: expected jsonPayload.connection with src_ip and dest_ip',
    ]);
  });
});

describe('Azure', () => {
  test('a real flow log of a network security group, version 2', async () => {
    const { rows, totals, kinds } = await rowsOf(
      [join(FIXTURES, 'azure-nsg-v2.json')],
      'srcaddr, dstaddr, dstport, protocol, packets, bytes, "start", action, flow_direction, flow_state, acl_rule',
    );
    expect(totals).toMatchObject({ records: 9, rejectedLines: 0, badValues: 0 });
    expect(kinds).toEqual({ azure: 1 });
    expect(rows).toContainEqual({
      srcaddr: '94.102.49.190',
      dstaddr: '10.5.16.4',
      dstport: 443,
      protocol: 17,
      packets: null,
      bytes: null,
      start: '1542110402',
      action: 'REJECT',
      flow_direction: 'ingress',
      flow_state: 'B',
      acl_rule: 'DefaultRule_DenyAllInBound',
    });
    const ongoing = { protocol: 6, start: '1542110379', action: 'ACCEPT', flow_state: 'C', acl_rule: 'DefaultRule_AllowInternetOutBound' };
    const [here, there] = [
      { srcaddr: '10.5.16.4', dstaddr: '13.67.143.115' },
      { srcaddr: '13.67.143.115', dstaddr: '10.5.16.4' },
    ];
    expect(rows).toContainEqual({ ...ongoing, ...here, dstport: 443, packets: '30', bytes: '16978', flow_direction: 'egress' });
    expect(rows).toContainEqual({ ...ongoing, ...there, dstport: 44931, packets: '24', bytes: '14008', flow_direction: 'ingress' });
  });

  /** After https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview */
  const network = (tuples: readonly string[], record: object = {}) => ({
    time: '2022-09-14T09:00:52.5625085Z',
    flowLogVersion: 4,
    flowLogGUID: '66aa66aa-bb77-cc88-dd99-00ee00ee00ee',
    macAddress: '112233445566',
    category: 'FlowLogFlowEvent',
    flowLogResourceID:
      '/SUBSCRIPTIONS/AAAA0A0A/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NETWORKWATCHER_EASTUS2/FLOWLOGS/LOG',
    targetResourceID: '/subscriptions/aaaa0a0a/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/myVNet/subnets/front',
    operationName: 'FlowLogFlowEvent',
    flowRecords: { flows: [{ aclID: 'acl-1', flowGroups: [{ rule: 'DefaultRule_AllowInternetOutBound', flowTuples: tuples }] }] },
    ...record,
  });

  test('virtual networks: milliseconds, protocol numbers, encryption, denials', async () => {
    const tuples = [
      '1663146003599,10.0.0.6,192.0.2.180,23956,443,6,O,B,NX,0,0,0,0',
      '1663146003606,10.0.0.6,192.0.2.180,23956,443,6,O,E,NX,3,767,2,1580',
      '1663145998065,203.0.113.7,10.0.0.6,55188,22,6,I,D,X,0,0,0,0',
    ];
    const { rows, totals } = await rowsOf([file(JSON.stringify({ records: [network(tuples)] }))]);
    expect(totals).toMatchObject({ records: 4, rejectedLines: 0, badValues: 0 });
    expect(rows).toContainEqual({
      version: 5,
      account_id: 'aaaa0a0a',
      interface_id: '112233445566',
      srcaddr: '192.0.2.180',
      dstaddr: '10.0.0.6',
      srcport: 443,
      dstport: 23956,
      protocol: 6,
      packets: '2',
      bytes: '1580',
      start: '1663146003',
      end: '1663146003',
      action: 'ACCEPT',
      log_status: 'OK',
      vpc_id: 'myVNet',
      subnet_id: 'front',
      type: 'IPv4',
      region: 'eastus2',
      flow_direction: 'ingress',
      acl_rule: 'DefaultRule_AllowInternetOutBound',
      acl_id: 'acl-1',
      flow_state: 'E',
      flow_encryption: 'NX',
      target_resource: 'front',
    });
    expect(rows).toContainEqual(
      expect.objectContaining({ srcaddr: '203.0.113.7', action: 'REJECT', flow_state: 'D', packets: '0', flow_encryption: 'X' }),
    );
  });

  const group = (flows: readonly unknown[], version: unknown) => ({
    category: 'NetworkSecurityGroupFlowEvent',
    resourceId: '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG1',
    properties: { Version: version, flows: [{ rule: 'UserRule_rdp', flows }] },
  });

  test.each([
    [
      'one event of version 1, as the guide shows it',
      group([{ mac: '000D3A170C69', flowTuples: ['1525186745,192.168.1.4,10.0.0.4,55960,3389,T,I,A'] }], 1),
    ],
    [
      'an event of Azure Stack HCI',
      { records: [group([{ portId: '9', flowTuples: ['1525186745,192.168.1.4,10.0.0.4,55960,3389,T,I,A'] }], '1.0')] },
    ],
  ])('%s', async (_, content) => {
    const { rows, totals } = await rowsOf([file(JSON.stringify(content, null, 2))], `${CONNECTION}, acl_id, flow_state`);
    expect(totals).toMatchObject({ records: 1, badValues: 0 });
    expect(rows).toEqual([
      {
        srcaddr: '192.168.1.4',
        dstaddr: '10.0.0.4',
        srcport: 55960,
        dstport: 3389,
        protocol: 6,
        packets: null,
        bytes: null,
        start: '1525186745',
        end: '1525186745',
        action: 'ACCEPT',
        log_status: 'OK',
        acl_id: 'NSG1',
        flow_state: null,
      },
    ]);
  });

  test('PT1H.json while it grows: what is there is read, that its end is missing is said', async () => {
    const tuple = (port: number) => `1663146003606,10.0.0.6,192.0.2.180,${port},443,6,O,E,NX,3,767,2,1580`;
    const whole = JSON.stringify({ records: Array.from({ length: 30 }, (_, i) => network([tuple(1024 + i)])) });
    const path = file(whole.slice(0, Math.floor(whole.length / 2)), 'PT1H.json');
    const early = await rowsOf([path]);
    expect(early.totals.records).toBeGreaterThan(20);
    expect(early.totals.rejectedLines).toBe(1);
    writeLog(folder, 'PT1H.json', whole);
    expect((await rowsOf([path])).totals).toMatchObject({ records: 60, rejectedLines: 0 });
  });

  test('a broken tuple is named by its place and costs no other', async () => {
    const { totals, reasons } = await rowsOf([
      file(
        JSON.stringify(
          { records: [network(['1663146003606,10.0.0.6', '1663146003606,10.0.0.6,192.0.2.1,1,2,6,Q,E,NX,x,7,0,0'])] },
          null,
          1,
        ),
      ),
    ]);
    expect(totals).toMatchObject({ lines: 2, records: 1, rejectedLines: 1, badValues: 2 });
    expect(reasons).toEqual([
      '3 flowRecords.flows[0].flowGroups[0].flowTuples[0]: expected 13 values between commas',
      '3 field direction: expected i or o in any case, read as NULL',
      '3 field packets sent: expected a whole number of at least 0, read as NULL',
    ]);
  });

  test('bytes and packets of every direction are those of the tuples', async () => {
    const count = fc.integer({ min: 0, max: 1e9 });
    const tuple = fc.record({
      port: fc.integer({ min: 1, max: 4 }),
      state: fc.constantFrom('B', 'C', 'E'),
      counts: fc.tuple(count, count, count, count),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(tuple, { maxLength: 6 }), { minLength: 1, maxLength: 4 }), fc.boolean(), async (records, old) => {
        const expected = new Map<string, [number, number]>();
        const add = (key: string, bytes: number, packets: number) => {
          const [b, p] = expected.get(key) ?? [0, 0];
          expected.set(key, [b + bytes, p + packets]);
        };
        const events = records.map((tuples) => {
          const texts = tuples.map(({ port, state, counts: [p, b, q, c] }) => {
            const begins = state === 'B';
            add(`10.0.0.6:${port} 192.0.2.1:443`, begins ? 0 : b, begins ? 0 : p);
            if (!begins && c + q > 0) add(`192.0.2.1:443 10.0.0.6:${port}`, c, q);
            const carried = begins ? (old ? ',,,' : '0,0,0,0') : `${p},${b},${q},${c}`;
            const base = `10.0.0.6,192.0.2.1,${port},443`;
            return old ? `1663146003,${base},T,O,A,${state},${carried}` : `1663146003606,${base},6,O,${state},NX,${carried}`;
          });
          return old ? group([{ mac: 'm', flowTuples: texts }], 2) : network(texts);
        });
        const sums = await sumsOf([file(JSON.stringify({ records: events }))]);
        expect(sums).toEqual(new Map([...expected].map(([key, [b, p]]) => [key, `${b}/${p}`])));
      }),
      { numRuns: 25 },
    );
  });
});

describe('Oracle Cloud', () => {
  const event = (data: object = {}, more: object = {}) => ({
    data: {
      action: 'REJECT',
      bytesOut: 120,
      destinationAddress: '10.0.0.5',
      destinationPort: 22,
      endTime: 1767225660,
      flowid: 'f1',
      packets: 2,
      protocol: 6,
      protocolName: 'TCP',
      sourceAddress: '203.0.113.4',
      sourcePort: 50000,
      startTime: 1767225600,
      status: 'OK',
      version: '2',
      ...data,
    },
    id: 'i1',
    oracle: { tenantid: 'ocid1.tenancy.oc1..t', vnicocid: 'ocid1.vnic.oc1.phx.v', vnicsubnetocid: 'ocid1.subnet.oc1.phx.s' },
    specversion: '1.0',
    type: 'com.oraclecloud.vcn.flowlogs.DataEvent',
    ...more,
  });

  test("Oracle's own sample", async () => {
    const { rows, totals, kinds } = await rowsOf([join(FIXTURES, 'oci-oracle-samples.json')], `${CONNECTION}, region, flow_id`);
    expect(totals).toMatchObject({ records: 1, rejectedLines: 0, badValues: 0 });
    expect(kinds).toEqual({ oci: 1 });
    expect(rows).toEqual([
      {
        srcaddr: '10.0.0.219',
        dstaddr: '147.154.101.151',
        srcport: 60830,
        dstport: 443,
        protocol: 6,
        packets: '9',
        bytes: '4132',
        start: '1689108090',
        end: '1689108091',
        action: 'ACCEPT',
        log_status: 'OK',
        region: 'phx',
        flow_id: '75d72a74',
      },
    ]);
  });

  test.each([
    ['lines of a connector', gzipSync(lines([event(), event()]))],
    [
      'events within what a search adds',
      lines([
        { datetime: 1, logContent: event() },
        { datetime: 2, logContent: event() },
      ]),
    ],
    [
      'an answer of `oci logging-search`',
      JSON.stringify({ data: { results: [{ data: { logContent: event() } }, { data: { logContent: event() } }], summary: {} } }, null, 2),
    ],
    ['an array', JSON.stringify([event(), event()])],
  ])('%s', async (_, content) => {
    const { rows, totals } = await rowsOf([file(content)], 'srcaddr, bytes, action, interface_id');
    expect(totals).toMatchObject({ records: 2, rejectedLines: 0, badValues: 0 });
    expect(rows[0]).toEqual({ srcaddr: '203.0.113.4', bytes: '120', action: 'REJECT', interface_id: 'ocid1.vnic.oc1.phx.v' });
  });

  test('windows without data, and what is wrong', async () => {
    const idle = { ...event(), data: { status: 'NODATA', startTime: 1767225600, endTime: 1767225660, version: '2' } };
    const lost = event({}, { data: { startTime: 1767225600 }, type: 'com.oraclecloud.vcn.flowlogs.QualityEvent.SkipData' });
    const content = lines([
      idle,
      lost,
      event({ action: 'MAYBE', packets: null }),
      { type: 'com.oraclecloud.objectstorage.getobject', data: {} },
    ]);
    const { rows, totals, reasons } = await rowsOf([file(content)], 'log_status, srcaddr, srcport, action');
    expect(rows).toEqual([
      { log_status: 'NODATA', srcaddr: null, srcport: null, action: null },
      { log_status: 'OK', srcaddr: '203.0.113.4', srcport: 50000, action: null },
      { log_status: 'SKIPDATA', srcaddr: null, srcport: null, action: null },
    ]);
    expect(totals).toMatchObject({ records: 3, rejectedLines: 1, badValues: 2 });
    expect(reasons).toEqual([
      '3 field packets: missing, read as NULL',
      '3 field action: expected accept or reject in any case, read as NULL',
      '4 not a VCN flow: expected type com.oraclecloud.vcn.flowlogs.… and data with sourceAddress',
    ]);
  });
});

describe('Alibaba Cloud', () => {
  const flow = {
    version: '1',
    'account-id': '1234',
    'eni-id': 'eni-bp1',
    'vm-id': 'i-bp1',
    'vswitch-id': 'vsw-bp1',
    'vpc-id': 'vpc-bp1',
    region: 'cn-hangzhou',
    srcaddr: '10.0.0.8',
    srcport: '3389',
    dstaddr: '203.0.113.5',
    dstport: '50500',
    protocol: '6',
    direction: 'out',
    packets: '7',
    bytes: '840',
    start: '1767225600',
    end: '1767225660',
    'log-status': 'OK',
    action: 'ACCEPT',
    'tcp-flags': '18',
    traffic_path: 'ipv4Gateway',
  };
  const idle = {
    ...flow,
    srcaddr: '-',
    dstaddr: '-',
    srcport: '-',
    dstport: '-',
    protocol: '-',
    packets: '-',
    bytes: '-',
    direction: '-',
    action: '-',
    'log-status': 'NODATA',
    'tcp-flags': '-',
  };
  const csv = (rows: readonly object[], quote: string) =>
    [Object.keys(flow), ...rows.map((row) => Object.values(row) as string[])]
      .map((row) => row.map((cell) => `${quote}${cell}${quote}`).join(','))
      .join('\n');

  test.each([
    ['lines of JSON as shipped to OSS', lines([{ __topic__: 'flow_log', __time__: 1767225660, ...flow }, idle])],
    ['logs of a consumer', lines([{ contents: flow }, { contents: idle }])],
    ['CSV', csv([flow, idle], '')],
    ['CSV with quotes', csv([flow, idle], '"')],
    ['keys with underscores', lines([flow, idle]).replaceAll(/([a-z])-(id|status|flags)"/g, '$1_$2"')],
  ])('%s', async (_, content) => {
    const { rows, totals, kinds } = await rowsOf([file(content, `${++serial}`)]);
    expect(totals).toMatchObject({ records: 2, rejectedLines: 0, badValues: 0 });
    expect(kinds).toEqual({ alibaba: 1 });
    expect(rows).toContainEqual({
      version: 5,
      account_id: '1234',
      interface_id: 'eni-bp1',
      srcaddr: '10.0.0.8',
      dstaddr: '203.0.113.5',
      srcport: 3389,
      dstport: 50500,
      protocol: 6,
      packets: '7',
      bytes: '840',
      start: '1767225600',
      end: '1767225660',
      action: 'ACCEPT',
      log_status: 'OK',
      vpc_id: 'vpc-bp1',
      subnet_id: 'vsw-bp1',
      instance_id: 'i-bp1',
      tcp_flags: 18,
      type: 'IPv4',
      region: 'cn-hangzhou',
      flow_direction: 'egress',
      sampling_path: 'ipv4Gateway',
      srctype: null,
      dsttype: null,
    });
    expect(rows).toContainEqual(expect.objectContaining({ log_status: 'NODATA', srcaddr: null, packets: null, action: null }));
  });

  test('broken rows are counted with their line', async () => {
    const { totals, reasons } = await rowsOf([
      file(
        `${csv([flow], '')}\na,b\n"${csv([flow], '').split('\n')[1] ?? ''}\n${csv([{ ...flow, action: 'DENY' }], '').split('\n')[1] ?? ''}`,
      ),
    ]);
    expect(totals).toMatchObject({ lines: 4, records: 2, rejectedLines: 2, badValues: 1 });
    expect(reasons).toEqual([
      '3 too few columns: got 2, expected 21',
      '4 a quote is not closed',
      '5 field action: expected accept or reject in any case, read as NULL',
    ]);
  });
});
