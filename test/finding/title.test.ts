import { Catalogue } from '../../lib/analysis/catalogue';
import type { Row } from '../../lib/analysis/columns';
import { titleOf } from '../../lib/finding/title';

const catalogue = new Catalogue();
const detections = catalogue.all().filter(({ kind }) => kind === 'detection');
const sweep = (row: Row) => ({ srcaddr: '203.0.113.51', destinations: 30, ...row });
const egress = (row: Row) => ({ who: '10.0.1.10', bytes: 5e9, baseline: 1e7, dstaddr: '198.51.100.7', dstport: 443, ...row });

test.each<[string, string, Row, string]>([
  ['a port', 'horizontal-scan', sweep({ dstport: 22, protocol: 6 }), '203.0.113.51 tried port 22 on 30 hosts: all refused'],
  ['a ping sweep has no port', 'horizontal-scan', sweep({ dstport: 0, protocol: 1 }), '203.0.113.51 tried ICMP on 30 hosts: all refused'],
  ['nor has IPv6 ping', 'horizontal-scan', sweep({ dstport: 0, protocol: 58 }), '203.0.113.51 tried ICMPv6 on 30 hosts: all refused'],
  ['port 0 of TCP is one', 'horizontal-scan', sweep({ dstport: 0, protocol: 6 }), '203.0.113.51 tried port 0 on 30 hosts: all refused'],
  [
    'one is singular',
    'horizontal-scan',
    sweep({ dstport: 22, protocol: 6, destinations: 1 }),
    '203.0.113.51 tried port 22 on 1 host: all refused',
  ],
  [
    'thousands',
    'horizontal-scan',
    sweep({ dstport: 50000, protocol: 17, destinations: 1234 }),
    '203.0.113.51 tried port 50000 on 1,234 hosts: all refused',
  ],
  ['amounts have units', 'unusual-egress', egress({}), '10.0.1.10 sent 5.0 GB to the internet, most to 198.51.100.7:443 (usual: 10.0 MB)'],
  [
    'IPv6 and a port are told apart',
    'unusual-egress',
    egress({ dstaddr: '2001:db8::7' }),
    '10.0.1.10 sent 5.0 GB to the internet, most to [2001:db8::7]:443 (usual: 10.0 MB)',
  ],
  [
    'a crowd has no one target',
    'unusual-egress',
    egress({ who: '8 interfaces', dstaddr: null, dstport: null }),
    '8 interfaces sent 5.0 GB to the internet (usual: 10.0 MB)',
  ],
  [
    'a protocol has a name',
    'unexpected-protocol',
    { interface_id: 'eni-1', protocol: 47, records: 1, sources: 1, destinations: 2 },
    'eni-1 accepted GRE: 1 record, 1 source, 2 destinations',
  ],
  [
    'or a number',
    'unexpected-protocol',
    { interface_id: 'eni-1', protocol: 200, records: 3, sources: 1, destinations: 2 },
    'eni-1 accepted protocol 200: 3 records, 1 source, 2 destinations',
  ],
  [
    'a refusal of ping is one of no port',
    'repeated-refusals',
    { who: '203.0.113.9', refused: 1, packets: 90, dstaddr: '10.0.1.10', dstport: 0 },
    '203.0.113.9 was refused 1 time in a day (90 packets), most on 10.0.1.10',
  ],
])('%s', (_, id, row, title) => {
  expect(titleOf(catalogue.get(id), row)).toBe(title);
});

test.each(detections.map((analysis) => ({ id: analysis.id, analysis })))(
  'the title of $id says who or where, and leaves no brace open',
  ({ analysis }) => {
    const row = Object.fromEntries(
      analysis.columns.map(({ name, type }) => [name, type === 'integer' || type === 'number' ? 7 : `<${name}>`]),
    );
    const title = titleOf(analysis, row);
    expect(title).not.toMatch(/[{}]|\[[^\]]*$|undefined|(^|\s)-(\s|$)/);
    expect(title).toMatch(/<(srcaddr|dstaddr|interface_id|who|actor|own_address)>/);
  },
);

test('values are never taken for a template', () => {
  expect(titleOf(catalogue.get('unusual-egress'), egress({ who: '{bytes} [x]' }))).toMatch(/^\{bytes\} \[x\] sent 5\.0 GB/);
});

describe('with names', () => {
  const spoken = (address: string, endpoint: string) =>
    address.startsWith('10.') ? `db (${endpoint})` : `${endpoint} (Example Hosting, NL)`;

  test.each<[string, string, Row, string]>([
    [
      'an address and an endpoint',
      'unusual-egress',
      egress({ srcaddr: '10.0.1.10' }),
      'db (10.0.1.10) sent 5.0 GB to the internet, most to 198.51.100.7:443 (Example Hosting, NL) (usual: 10.0 MB)',
    ],
    [
      'an address within a text for people',
      'port-scan',
      { srcaddr: '203.0.113.9', dstaddr: '10.0.1.10', what: '25 ports of 10.0.1.10', outcome: 'all refused' },
      '203.0.113.9 (Example Hosting, NL) tried 25 ports of db (10.0.1.10): all refused',
    ],
    [
      'no address of another row, nor a part of one',
      'port-scan',
      { srcaddr: '203.0.113.9', dstaddr: '10.0.1.1', what: '25 ports of 10.0.1.10', outcome: 'all refused' },
      '203.0.113.9 (Example Hosting, NL) tried 25 ports of 10.0.1.10: all refused',
    ],
    [
      'IPv6',
      'port-scan',
      { srcaddr: '2001:db8::9', dstaddr: null, what: 'port 22 of 30 hosts', outcome: 'all refused' },
      '2001:db8::9 (Example Hosting, NL) tried port 22 of 30 hosts: all refused',
    ],
  ])('%s', (_, id, row, title) => expect(titleOf(catalogue.get(id), row, spoken)).toBe(title));

  test('a name is no part of the template', () => {
    const row = { srcaddr: '203.0.113.9', dstaddr: '10.0.1.10', what: '25 ports of 10.0.1.10', outcome: 'all refused' };
    expect(titleOf(catalogue.get('port-scan'), row, (address) => `{what}$&10.0.1.10 ${address}`)).toBe(
      '{what}$&10.0.1.10 203.0.113.9 tried 25 ports of {what}$&10.0.1.10 10.0.1.10: all refused',
    );
  });
});
