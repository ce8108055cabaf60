import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { builtInQueries, Catalogue } from '../../lib/analysis/catalogue';
import { conditionFields, conditionSql } from '../../lib/analysis/condition';
import { columnsUsed, functionsOf, ALLOWED_FUNCTIONS } from '../../lib/analysis/functions';
import { HELPERS, plainSql } from '../../lib/analysis/helpers';
import { renderSql } from '../../lib/analysis/render';
import {
  parseScope,
  printScope,
  type Scope,
  SCOPE_KINDS,
  scopeArguments,
  scopeFields,
  scopeInsights,
  scopeSql,
} from '../../lib/analysis/scope';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { eventsOfRecords, InsightsLocalEngine } from '../../lib/engine/insights-local/engine';
import { temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();

/** A record as the property knows it; `-` is NULL. */
interface Traffic {
  readonly vpc: string;
  readonly subnet: string;
  readonly eni: string;
  readonly src: string;
  readonly dst: string;
  readonly srcport: string;
  readonly dstport: string;
  readonly protocol: string;
  readonly action: string;
  readonly direction: string;
}

const ADDRESSES = ['-', '10.0.0.1', '10.1.2.3', '192.168.0.9', '203.0.113.9', '8.8.8.8', '2001:db8::1', '2001:db8:1::5', 'fd00::7', '::1'];
const NETWORKS = [
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.0.0.1',
  '0.0.0.0/0',
  '2001:db8::/32',
  '2001:db8:1::/48',
  'fc00::/7',
  '::/0',
  '192.168.0.0/16',
];
const PORTS = ['-', '0', '22', '53', '80', '443', '8080', '8443', '65535'];
const VALUES: Readonly<Record<string, readonly string[]>> = {
  vpc: ['vpc-1', 'vpc-2'],
  subnet: ['subnet-1', 'subnet-2', 'subnet-3'],
  eni: ['eni-0a1', 'eni-0b2'],
  cidr: NETWORKS,
  src: NETWORKS,
  dst: NETWORKS,
  port: ['22', 'ssh', 'https', '80-443', '8000-8999', '65535'],
  srcport: ['22', '443', '0-100'],
  dstport: ['ssh', 'HTTPS', '53', '443-8080'],
  protocol: ['tcp', 'UDP', '1', 'icmpv6'],
  action: ['ACCEPT', 'reject'],
  direction: ['ingress', 'Egress'],
};
const or = (...values: readonly string[]) => fc.constantFrom(...values);
const traffic: fc.Arbitrary<Traffic> = fc.record({
  vpc: or('-', 'vpc-1', 'vpc-2', 'vpc-3'),
  subnet: or('-', 'subnet-1', 'subnet-2', 'subnet-3'),
  eni: or('-', 'eni-0a1', 'eni-0b2', 'eni-0c3'),
  src: or(...ADDRESSES),
  dst: or(...ADDRESSES),
  srcport: or(...PORTS),
  dstport: or(...PORTS),
  protocol: or('-', '1', '6', '17', '58'),
  action: or('-', 'ACCEPT', 'REJECT'),
  direction: or('-', 'ingress', 'egress'),
});
const kinds: fc.Arbitrary<Scope> = fc
  .uniqueArray(fc.constantFrom(...SCOPE_KINDS), { minLength: 1, maxLength: 2 })
  .chain((names) =>
    fc.tuple(...names.map((kind) => fc.tuple(fc.constant(kind), fc.subarray([...(VALUES[kind] ?? [])], { minLength: 1, maxLength: 2 })))),
  )
  .map((parts) => Object.fromEntries(parts));
const { scope } = fc.letrec<{ scope: Scope }>((tie) => ({
  scope: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    kinds,
    fc.tuple(kinds, fc.array(tie('scope'), { minLength: 1, maxLength: 1 })).map(([all, except]) => ({ ...all, except })),
    fc.array(kinds, { minLength: 1, maxLength: 2 }).map((except) => ({ except })),
  ),
}));

const SERVICES: Readonly<Record<string, number>> = { ssh: 22, https: 443 };
const PROTOCOLS: Readonly<Record<string, string>> = { tcp: '6', udp: '17', icmpv6: '58' };

function inNetwork(address: string, network: string): boolean {
  if (address === '-') return false;
  const [base, bits] = network.includes('/')
    ? ipaddr.parseCIDR(network)
    : ([ipaddr.parse(network), network.includes(':') ? 128 : 32] as [ipaddr.IPv4 | ipaddr.IPv6, number]);
  const one = ipaddr.parse(address);
  return one.kind() === base.kind() && one.match([base, bits] as never);
}

function hasPort(port: string, value: string): boolean {
  const [from = '', to = from] = /^\d/.test(value) ? value.split('-') : [String(SERVICES[value.toLowerCase()])];
  return port !== '-' && Number(port) >= Number(from) && Number(port) <= Number(to);
}

/** What a scope means, record by record, without any SQL. */
function keeps(one: Traffic, wanted: Scope): boolean {
  const meets: Record<(typeof SCOPE_KINDS)[number], (value: string) => boolean> = {
    vpc: (value) => one.vpc === value,
    subnet: (value) => one.subnet === value,
    eni: (value) => one.eni === value,
    src: (value) => inNetwork(one.src, value),
    dst: (value) => inNetwork(one.dst, value),
    cidr: (value) => inNetwork(one.src, value) || inNetwork(one.dst, value),
    srcport: (value) => hasPort(one.srcport, value),
    dstport: (value) => hasPort(one.dstport, value),
    port: (value) => hasPort(one.srcport, value) || hasPort(one.dstport, value),
    protocol: (value) => one.protocol === (PROTOCOLS[value.toLowerCase()] ?? value),
    action: (value) => one.action === value.toUpperCase(),
    direction: (value) => one.direction === value.toLowerCase(),
  };
  return (
    SCOPE_KINDS.every((kind) => wanted[kind] === undefined || wanted[kind].some(meets[kind])) &&
    (wanted.except ?? []).every((part) => !keeps(one, part))
  );
}

const FIELDS = 'vpc-id subnet-id interface-id srcaddr dstaddr srcport dstport protocol action flow-direction packets start end';
const textOf = (records: readonly Traffic[]) =>
  `${FIELDS}\n${records
    .map(({ vpc, subnet, eni, src, dst, srcport, dstport, protocol, action, direction }, i) =>
      [vpc, subnet, eni, src, dst, srcport, dstport, protocol, action, direction, i, 1790000000, 1790000060].join(' '),
    )
    .join('\n')}\n`;

test('a scope and its negation part all records, as a predicate does without SQL; in Logs Insights too', async () => {
  const records = fc.sample(traffic, 400);
  // Few: DuckDB takes long to plan networks, which are macros in macros.
  const scopes = [...SCOPE_KINDS.map((kind) => ({ [kind]: VALUES[kind]?.slice(0, 2) })), ...fc.sample(scope, 25)];
  await withLogs([writeLog(folder, 'scopes.log', textOf(records))], async (read) => {
    const engine = await DuckDbEngine.over(read);
    const insights = {
      value: new InsightsLocalEngine(engine, await eventsOfRecords(read)),
      run: async (one: Scope) => {
        const { rows } = await insights.value.run(`fields packets ${scopeInsights(one)} | limit 10000`);
        return rows.map((row) => Number(row['packets'])).sort((a, b) => a - b);
      },
    };
    const sql = async (one: Scope) =>
      (await engine.run(`SELECT packets AS n FROM flow_records WHERE ${scopeSql(one)} ORDER BY n`)).rows.map((row) => Number(row['n']));
    for (const [i, one] of scopes.entries()) {
      const expected = records.flatMap((record, n) => (keeps(record, one) ? [n] : []));
      const rest = records.flatMap((record, n) => (keeps(record, one) ? [] : [n]));
      const name = printScope(one).join(' ');
      expect([name, await sql(one)]).toEqual([name, expected]);
      expect([name, await sql({ except: [one] })]).toEqual([name, rest]);
      expect([name, await sql(parseScope(printScope(one)))]).toEqual([name, expected]);
      if (i % 5 === 0) {
        expect([name, await insights.run(one)]).toEqual([name, expected]);
        expect([name, await insights.run({ except: [one] })]).toEqual([name, rest]);
      }
    }
  });
});

test.each<[text: string, Scope]>([
  ['src=10.0.0.0/8,192.168.0.0/16', { src: ['10.0.0.0/8', '192.168.0.0/16'] }],
  ['!src=10.0.0.0/8,192.168.0.0/16', { except: [{ src: ['10.0.0.0/8', '192.168.0.0/16'] }] }],
  ['src=10.0.0.0/8, !10.1.0.0/16, !10.2.0.0/16', { src: ['10.0.0.0/8'], except: [{ src: ['10.1.0.0/16', '10.2.0.0/16'] }] }],
  ['action=REJECT,dstport=22,ssh', { action: ['REJECT'], dstport: ['22', 'ssh'] }],
  ['dstport=22,!src=10.0.0.0/8', { dstport: ['22'], except: [{ src: ['10.0.0.0/8'] }] }],
  ['!(vpc=vpc-1,subnet=subnet-1,subnet-2)', { except: [{ vpc: ['vpc-1'], subnet: ['subnet-1', 'subnet-2'] }] }],
  ['!(src=::/0,!dst=::1)', { except: [{ src: ['::/0'], except: [{ dst: ['::1'] }] }] }],
])('%s', (text, expected) => {
  expect(parseScope([text])).toEqual(expected);
  expect(parseScope(printScope(expected))).toEqual(expected);
});

test('values of one kind in several options are alternatives', () => {
  expect(parseScope(['port=22', 'port=3389', '!eni=eni-1', '!eni=eni-2'])).toEqual({
    port: ['22', '3389'],
    except: [{ eni: ['eni-1'] }, { eni: ['eni-2'] }],
  });
});

test.each(['source=10.0.0.0/8', 'src=', '10.0.0.0/8', 'src=a,,b', '!', '!(', ',', 'src', 'src=10.0.0.0/8,nonsense=1', '!(src=1.1.1.1'])(
  'scope %j is refused with what is expected',
  (text) => {
    expect(() => parseScope([text])).toThrow(/^scope ".*": expected vpc=ID, subnet=ID/);
  },
);

test.each([
  ['port=70000', /scope port: expected a port such as 443, ssh or 8000-8999, got "70000"/],
  ['port=90-80', /scope port: expected a port/],
  ['dstport=sssh', /scope dstport: expected a port/],
  ['protocol=tpc', /scope protocol: expected a protocol such as tcp, udp, icmp or 6, got "tpc"/],
  ['protocol=256', /scope protocol: expected a protocol/],
  ['action=DENY', /scope action: expected ACCEPT or REJECT, got "DENY"/],
  ['direction=in', /scope direction: expected ingress or egress, got "in"/],
  ['src=10.0.0.0/33', /scope src: expected a network such as 10\.0\.0\.0\/8/],
  ['dst=host', /scope dst: expected a network/],
])('%s', (text, message) => {
  expect(() => scopeSql(parseScope([text]))).toThrow(message);
  expect(() => scopeInsights(parseScope([text]))).toThrow(message);
});

describe('connections', () => {
  const catalogue = new Catalogue([builtInQueries()]);
  const WINDOW = { from: 1790000000, to: 1790003600 };
  const made = (text: string) => renderSql(catalogue, catalogue.get('port-scan'), { window: WINDOW, scope: parseScope([text]) });

  test('are made of both directions, then narrowed by the end that began', () => {
    const sql = made('src=10.0.0.0/8');
    expect(sql).toContain(`AND true AND srcaddr IS NOT NULL`);
    expect(sql).toContain(`AS made WHERE contains('10.0.0.0/8', TRY_CAST(srcaddr AS IPADDRESS))`);
  });

  test('have one port', () => {
    expect(made('!port=443')).toContain('AS made WHERE NOT coalesce(dstport IN (443), false)');
  });

  test('are narrowed before where both directions agree', () => {
    expect(made('cidr=10.0.0.0/8')).not.toContain('AS made WHERE');
  });

  test.each(['action=REJECT', 'direction=egress', 'srcport=53', '!action=ACCEPT'])('are not cut by %s', (text) => {
    expect(() => made(text)).toThrow(/reads both directions of each: (action|direction|srcport) would cut them in two/);
  });
});

describe('--where', () => {
  test.each([
    ['dstport = 22', ['dstport']],
    ['bytes > 1e6 and not is_private(dstaddr)', ['bytes', 'dstaddr']],
    ["port_name(dstport) = 'ssh' OR protocol IN (6, 17)", ['dstport', 'protocol']],
    ['"end" - "start" > 60', ['end', 'start']],
    ["CASE WHEN action = 'a)b; -- ' THEN true ELSE pkt_srcaddr IS NULL END", ['action', 'pkt-srcaddr']],
    ['CAST(bytes AS double) / packets BETWEEN 40 AND 60', ['bytes', 'packets']],
    ['hour(from_unixtime("start")) >= 22', ['start']],
    ['SRCADDR IS DISTINCT FROM dstaddr', ['srcaddr', 'dstaddr']],
  ])('%s', (text, fields) => {
    expect(conditionFields(text)).toEqual(fields);
    expect(scopeFields({ where: [text] })).toEqual(fields);
  });

  test.each([
    ['dst_port = 22', 'no column dst_port; did you mean dstport?'],
    ['"dst port" = 22', 'no column "dst port"'],
    ['end > 5', 'write "end" in double quotes'],
    ['dstport = 22; DROP VIEW flow_records', 'expected one condition, got "; DROP'],
    ['1 = 1) OR (1 = 1', 'got ) without ('],
    ['(1 = 1', 'got ( without )'],
    ["action = 'REJECT' -- and more", 'without comments'],
    ['bytes > 1 /* x */', 'without comments'],
    ['srcaddr IN (SELECT srcaddr FROM flow_records)', 'got SELECT'],
    ['bytes > 1 GROUP BY srcaddr', 'got GROUP'],
    ['sum(bytes) > 1', 'sum(…) is no function of a condition on one record; expected is_private'],
    ["read_text('/etc/passwd') IS NULL", 'read_text(…) is no function'],
    ['dstport = 22, 23', 'join them with AND or OR'],
    ["action = 'REJECT", 'expected one condition, got "\'REJECT"'],
    ['bytes::text = 1', 'expected one condition'],
    ['a.b = 1', 'no column a'],
    ['{{records}}', 'expected one condition'],
    ['', 'expected a condition such as'],
    ["in_network(srcaddr, '10.0.0.0/40')", "expected a network such as '10.0.0.0/8'"],
    ['is_private(srcaddr, dstaddr)', 'is_private: expected is_private(address), got is_private(srcaddr, dstaddr)'],
    ['is_private()', 'expected is_private(address)'],
  ])('%j is refused', (text, message) => {
    expect(() => conditionSql(text)).toThrow(message);
  });

  test('no text leaves the parentheses that it is put in', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '(',
        ')',
        "'",
        '"',
        '--',
        '/*',
        '*/',
        ';',
        ' OR ',
        ' 1=1 ',
        'dstport',
        ',',
        'SELECT',
        ' AND ',
        '=',
        '22',
        '\n',
        '\\',
        "''",
      ),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        let sql: string;
        try {
          sql = conditionSql(pieces.join(''));
        } catch {
          return;
        }
        const bare = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, 'x');
        expect(bare).not.toMatch(/['";]|--|\/\*|\bselect\b/i);
        let depth = 0;
        for (const [i, sign] of bare.split('').entries()) {
          depth += sign === '(' ? 1 : sign === ')' ? -1 : 0;
          expect(depth > 0 || i === bare.length - 1).toBe(true);
        }
        expect(depth).toBe(0);
      }),
    );
  });

  test('is part of the options that a printed command repeats', () => {
    expect(scopeArguments({ src: ['10.0.0.0/8'], where: ['bytes > 1'] })).toEqual(['--scope', 'src=10.0.0.0/8', '--where', 'bytes > 1']);
  });

  test('is no Logs Insights, and cuts connections', () => {
    expect(() => scopeInsights({ where: ['bytes > 1'] })).toThrow(/--where is SQL/);
    const catalogue = new Catalogue([builtInQueries()]);
    const render = () =>
      renderSql(catalogue, catalogue.get('port-scan'), { window: { from: 0, to: 3600 }, scope: { where: ['bytes > 1'] } });
    expect(render).toThrow(/--where would cut them in two/);
  });
});

describe('functions for people', () => {
  test.each(Object.keys(HELPERS))('%s in plain SQL uses functions of both engines only', (name) => {
    const sql = HELPERS[name]?.sql(...HELPERS[name].parameters.map(() => 'srcaddr')) ?? '';
    expect(functionsOf(sql).filter((one) => !ALLOWED_FUNCTIONS.has(one))).toEqual([]);
    expect([...(columnsUsed(sql, ['srcaddr', 'dstaddr']) ?? [])]).toEqual(['srcaddr']);
  });

  test.each([
    ["SELECT 'is_private(x)' AS a -- is_private(", "SELECT 'is_private(x)' AS a -- is_private("],
    ["in_network(a, '10.0.0.0/8')", "contains('10.0.0.0/8', TRY_CAST(a AS IPADDRESS))"],
    ["IN_NETWORK(coalesce(a, 'x,)'), '::/0')", "contains('::/0', TRY_CAST((coalesce(a, 'x,)')) AS IPADDRESS))"],
  ])('%s', (sql, expected) => {
    expect(plainSql(sql)).toBe(expected);
  });

  test('a call that never ends is an error', () => {
    expect(() => plainSql('is_private(a')).toThrow('is_private(: the parenthesis is never closed');
  });

  test('DuckDB knows them, with the same values as the plain SQL', async () => {
    const cases: readonly [string, unknown][] = [
      ["is_private('10.0.0.1')", true],
      ["is_private('172.32.0.1')", false],
      ["is_private('fd00::1')", true],
      ["is_private('2a00::1')", false],
      ['is_private(NULL)', null],
      ["in_network('10.1.2.3', '10.0.0.0/8')", true],
      ["in_network('2001:db8::1', '10.0.0.0/8')", false],
      ["in_network('2001:db8::1', '2001:db8::/32')", true],
      ['port_name(22)', 'ssh'],
      ['port_name(27017)', 'mongodb'],
      ['port_name(4)', null],
    ];
    await withLogs([writeLog(folder, 'one.log', textOf(fc.sample(traffic, 1)))], async (read) => {
      const engine = await DuckDbEngine.over(read);
      for (const [call, value] of cases)
        for (const sql of [call, plainSql(call)])
          expect([call, (await engine.run(`SELECT ${sql} AS v`)).rows[0]?.['v']]).toEqual([call, value]);
    });
  });
});
