import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { eventsOfRecords, InsightsLocalEngine } from '../../lib/engine/insights-local/engine';
import { parseFormat } from '../../lib/flow-log/format';
import { temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const LINES = [
  '2 123456789012 eni-0a1 192.0.2.1 10.0.1.9 40000 443 6 10 1000 1790000000 1790000060 ACCEPT OK',
  '2 123456789012 eni-0a1 192.0.2.1 10.0.1.9 40000 443 6 30 3000 1790000300 1790000360 ACCEPT OK',
  '2 123456789012 eni-0a1 192.0.2.2 10.0.1.9 40001 22 6 1 40 1790000310 1790000360 REJECT OK',
  '2 123456789012 eni-0b2 10.0.1.9 192.0.2.1 443 40000 6 8 9000 1790003600 1790003660 ACCEPT OK',
  '2 123456789012 eni-0b2 10.0.1.9 10.0.0.2 33000 53 17 2 150 1790003700 1790003760 ACCEPT OK',
  '2 123456789012 eni-0b2 - - - - - - - 1790003800 1790003860 - NODATA',
  '2 123456789012 eni-0b2 - - - - - - - 1790007400 1790007460 - SKIPDATA',
];

async function rowsOf(query: string): Promise<Record<string, unknown>[]> {
  const file = writeLog(folder, 'events.log', `${parseFormat('default').names.join(' ')}\n${LINES.join('\n')}\n`);
  return withLogs([file], async (records) => {
    const engine = new InsightsLocalEngine(await DuckDbEngine.over(records), await eventsOfRecords(records));
    return [...(await engine.run(query)).rows];
  });
}

/** Questions about flow logs as AWS's documentation and console ask them, and what they must answer here. */
test.each<[string, string, Record<string, unknown>[]]>([
  [
    'top packet pairs',
    'stats sum(packets) as packetsTransferred by srcAddr, dstAddr | sort packetsTransferred desc | limit 2',
    [
      { srcAddr: '192.0.2.1', dstAddr: '10.0.1.9', packetsTransferred: 40 },
      { srcAddr: '10.0.1.9', dstAddr: '192.0.2.1', packetsTransferred: 8 },
    ],
  ],
  [
    'top bytes on a subnet',
    'filter isIpv4InSubnet(srcAddr, "192.0.2.0/24") | stats sum(bytes) as bytesTransferred by dstAddr | sort bytesTransferred desc | limit 15',
    [{ dstAddr: '10.0.1.9', bytesTransferred: 4040 }],
  ],
  [
    'UDP talkers',
    'filter protocol=17 | stats sum(bytes) as bytesTransferred by srcAddr, dstPort | sort bytesTransferred desc',
    [{ srcAddr: '10.0.1.9', dstPort: '53', bytesTransferred: 150 }],
  ],
  [
    'SKIPDATA per hour',
    'filter logStatus="SKIPDATA" | stats count(*) by bin(1h) as t | sort t',
    [{ t: '2026-09-21T16:00:00Z', 'count(*)': 1 }],
  ],
  [
    'one record per connection, the newest',
    'fields @timestamp, srcAddr, dstAddr, srcPort, dstPort, protocol, bytes | filter logStatus = "OK" | sort @timestamp desc | limit 2 | dedup srcAddr, dstAddr, srcPort, dstPort, protocol',
    [
      {
        '@timestamp': '2026-09-21T15:15:00Z',
        srcAddr: '10.0.1.9',
        dstAddr: '10.0.0.2',
        srcPort: '33000',
        dstPort: '53',
        protocol: '17',
        bytes: '150',
      },
      {
        '@timestamp': '2026-09-21T15:13:20Z',
        srcAddr: '10.0.1.9',
        dstAddr: '192.0.2.1',
        srcPort: '443',
        dstPort: '40000',
        protocol: '6',
        bytes: '9000',
      },
    ],
  ],
  [
    'average, least and greatest bytes of a pair',
    'filter srcAddr = "192.0.2.1" | stats avg(bytes), min(bytes), max(bytes) by srcAddr, dstAddr',
    [{ srcAddr: '192.0.2.1', dstAddr: '10.0.1.9', 'avg(bytes)': 2000, 'min(bytes)': 1000, 'max(bytes)': 3000 }],
  ],
  [
    'top rejected sources',
    'filter action="REJECT" | stats count(*) as numRejections by srcAddr | sort numRejections desc | limit 20',
    [{ srcAddr: '192.0.2.2', numRejections: 1 }],
  ],
  [
    'a custom format, parsed first',
    'parse @message "* * * * * * * * * * * * * *" as version, accountId, interfaceId, srcAddr, dstAddr, srcPort, dstPort, protocol, packets, bytes, startTime, endTime, action, logStatus | stats count(*) as n by action | sort n desc',
    [
      { action: 'ACCEPT', n: 4 },
      { action: '-', n: 2 },
      { action: 'REJECT', n: 1 },
    ],
  ],
  [
    'a regular expression with names',
    'parse @message /(?<eni>eni-[0-9a-z]+) / | stats count(*) as n by eni | sort eni',
    [
      { eni: 'eni-0a1', n: 3 },
      { eni: 'eni-0b2', n: 4 },
    ],
  ],
  [
    'several stats in a row',
    'stats sum(bytes) as b by srcAddr, bin(1h) as h | stats max(b) as most by h | sort h | limit 2',
    [
      { h: '2026-09-21T14:00:00Z', most: 4000 },
      { h: '2026-09-21T15:00:00Z', most: 9150 },
    ],
  ],
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html: seconds are capped at 60
  [
    'bin(300s) acts as bin(60s)',
    'filter srcAddr = "192.0.2.1" | stats count(*) as n by bin(300s) as t | sort t',
    [
      { t: '2026-09-21T14:13:00Z', n: 1 },
      { t: '2026-09-21T14:18:00Z', n: 1 },
    ],
  ],
  ['no rows: an aggregate without groups counts 0', 'filter srcAddr = "nobody" | stats count(*) as n', [{ n: 0 }]],
  [
    'in, not, like, case',
    'filter dstPort in [22, 53] and srcAddr not like /^192/ | fields case(protocol = 6, "tcp", protocol = 17, "udp", "other") as p | display p',
    [{ p: 'udp' }],
  ],
  [
    'a comment, backquotes, arithmetic',
    'filter bytes > 2000 # big ones\n| fields bytes / packets as `per packet`, 2 ^ 3 as eight | sort `per packet` | limit 1 | display `per packet`, eight',
    [{ 'per packet': 100, eight: 8 }],
  ],
])('%s', async (_, query, rows) => {
  expect(await rowsOf(query)).toEqual(rows);
});

test.each([
  ['abs(0 - 3)', 3],
  ['floor(7 / 2)', 3],
  ['10 % 3', 1],
  ['greatest(1, 5, 2)', 5],
  ['strlen("abc")', 3],
  ['substr("xyZfooxyZ", 3, 3)', 'foo'],
  ['replace("foo", "o", "0")', 'f00'],
  ['ltrim("xyZfooxyZ", "xyZ")', 'fooxyZ'],
  ['concat("a", "b")', 'ab'],
  ['strcontains("hello", "ell")', 1],
  ['tolower("ABC")', 'abc'],
  ['if(isIpInSubnet("10.1.2.3", "10.0.0.0/8"), "in", "out")', 'in'],
  ['if(isIpInSubnet("2001:db8::1", "10.0.0.0/8"), "in", "out")', 'out'],
  ['isIpInSubnet("10.255.255.255", "10.0.0.0/8")', true],
  ['isIpInSubnet("11.0.0.0", "10.0.0.0/8")', false],
  ['isIpInSubnet("192.0.2.129", "192.0.2.128/31")', true],
  ['isIpInSubnet("192.0.2.130", "192.0.2.128/31")', false],
  ['isIpInSubnet("::ffff:10.1.2.3", "10.0.0.0/8")', true],
  ['isIpInSubnet("203.0.113.9", "0.0.0.0/0")', true],
  ['isIpInSubnet("2001:db8:ffff::", "2001:db8::/32")', true],
  ['isIpInSubnet("2001:db9::", "2001:db8::/32")', false],
  ['isIpInSubnet("10.0.0.1", "::/0")', false],
  ['isIpInSubnet("no address", "0.0.0.0/0")', false],
  ['isIpInSubnet("10.0.0.1", "no network")', false],
  ['isIpv4InSubnet("2001:db8::1", "2001:db8::/32")', false],
  ['isIpv6InSubnet("2001:db8::1", "2001:db8::/32")', true],
  ['isIpInSubnet("10.1.2.3", concat("10.0.0.0", "/8"))', true],
  ['isIpInSubnet("10.0.0.1", "11.0.0.0/8") or isIpInSubnet("12.0.0.1", "12.0.0.0/8")', true],
  ['isIpInSubnet("10.0.0.1", "10.0.0.0/8") and isIpInSubnet("10.0.0.1", "10.1.0.0/16")', false],
  ['isIpInSubnet("10.0.0.1", "10.0.0.0/8") or strcontains("a", "b") = 1', true],
  ['isIpInSubnet("10.0.0.1", "11.0.0.0/8") or not isIpInSubnet("10.0.0.1", "10.0.0.0/8")', false],
  ['isValidIpV6("2001:db8::1")', true],
  ['isValidIpV4("300.1.1.1")', false],
  ['coalesce(nothing, "there")', 'there'],
  ['ispresent(nothing)', false],
  ['datefloor(@timestamp, 1h)', '2026-09-21T14:00:00Z'],
  ['formatDate(@timestamp, "yyyy-MM-dd HH")', '2026-09-21 14'],
])('%s', async (expression, value) => {
  expect(await rowsOf(`sort @timestamp asc | limit 1 | fields ${expression} as x | display x`)).toEqual([{ x: value }]);
});

test.each([
  ['10.0.0.1', true],
  ['11.0.0.1', false],
  ['192.0.2.129', true],
  ['fd00::1', true],
  ['fe00::1', false],
  ['no address', false],
])('whether %s is in one of several networks: %s', async (address, inside) => {
  const test = (name: string, network: string) => `${name}("${address}", "${network}")`;
  const any = [
    test('isIpInSubnet', '10.0.0.0/8'),
    test('isIpInSubnet', '192.0.2.128/31'),
    test('isIpv6InSubnet', 'fc00::/7'),
    test('isIpv4InSubnet', 'fe00::/7'),
  ].join(' or ');
  expect(await rowsOf(`sort @timestamp asc | limit 1 | fields ${any} as x | display x`)).toEqual([{ x: inside }]);
});

test.each([
  ['pattern @message', /the command "pattern" is not supported by this implementation; expected fields, display, filter/],
  ['filter action = ', /line 1, column \d+: Expected/],
  ['fields nosuch(bytes)', /the function "nosuch" is not supported by this implementation/],
  ['stats sum(bytes) | sort bytes | stats count(*)', /stats: got it after sort or limit/],
  [Array.from({ length: 11 }, () => 'stats count(*) as n').join(' | '), /more than 10/],
  ['limit 1000000', /limit: got 1000000, expected 1 to 100000/],
  ['parse @message "* *" as a', /parse: got 1 names for 2 parts/],
  ['stats bytes by srcAddr', /expected aggregates/],
  ['stats count(*) by bin(1mo)', /expected a period/],
  ['fields floor(1, 2)', /floor got 2 arguments, expected 1/],
])('%s is refused, not ignored', async (query, message) => {
  await expect(rowsOf(query)).rejects.toThrow(message);
});
