import { Catalogue } from '../../lib/analysis/catalogue';
import { type Asking, checksOf } from '../../lib/finding/checks';
import { type Finding, findingsOf } from '../../lib/finding/finding';

const catalogue = new Catalogue();
const detections = catalogue.all().filter(({ kind }) => kind === 'detection');
const HERE: Asking = { where: ['my logs/', 'b.log'], reading: ['--queries', 'q'] };
const STACK: Asking = { where: ['--engine', 'athena', '--stack', 'Net'], reading: [] };

const finding = (evidence: Finding['evidence'] = {}, part: Partial<Finding> = {}): Finding => ({
  ...{
    schemaVersion: '1.0',
    id: 'x@t',
    key: 'port-scan/203.0.113.9',
    detection: 'port-scan',
    severity: 'medium',
    title: 'x',
    measure: null,
    tags: [],
    rows: [],
  },
  ...{ time: '2026-11-20T05:00:00Z', lastTime: '2026-11-20T05:00:00Z', until: '2026-11-20T05:15:00Z', occurrences: 1 },
  ...part,
  evidence: { srcaddr: '203.0.113.9', dstaddr: '10.0.1.10', dstport: 22, interface_id: 'eni-0a1', ...evidence },
});
const commands = (check: string, of: Finding, asking: Asking) =>
  checksOf({ checks: [check] }, of, asking)
    .flat()
    .filter(({ kind }) => kind === 'command');

const QUERY = 'See: `flowlogs query traffic-from-address --engine athena --stack STACK --from FROM --to TO --param address=SOURCE`.';

test.each([
  [
    'files',
    HERE,
    "flowlogs query traffic-from-address 'my logs/' b.log --from 2026-11-20T05:00:00Z --to 2026-11-20T05:15:00Z --param address=203.0.113.9 --queries q",
  ],
  [
    'a stack',
    STACK,
    'flowlogs query traffic-from-address --engine athena --stack Net --from 2026-11-20T05:00:00Z --to 2026-11-20T05:15:00Z --param address=203.0.113.9',
  ],
])('a command asks %s', (_, asking, text) => {
  expect(commands(QUERY, finding(), asking)).toEqual([{ kind: 'command', text }]);
});

test.each([
  [
    'a time before now is one before the finding',
    'Days: `flowlogs query address-connections --engine athena --stack STACK --from -7d --param address=SOURCE`',
    {},
    'flowlogs query address-connections --engine athena --stack Net --from 2026-11-13T05:15:00Z --param address=203.0.113.9',
  ],
  [
    'a network of one address fits its family',
    'x: `flowlogs query pair-bytes --engine athena --stack STACK --scope cidr=SOURCE/32`',
    { srcaddr: '2001:db8::9' },
    'flowlogs query pair-bytes --engine athena --stack Net --scope cidr=2001:db8::9/128',
  ],
  [
    'and so does a filter of AWS',
    'x: `aws ec2 describe-network-interfaces --filters Name=addresses.private-ip-address,Values=SOURCE`',
    { srcaddr: '2001:db8::9' },
    'aws ec2 describe-network-interfaces --filters Name=ipv6-addresses.ipv6-address,Values=2001:db8::9',
  ],
  [
    'who is no one in particular is no scope',
    'x: `flowlogs query pair-bytes --engine athena --stack STACK --scope eni=ENI`',
    { interface_id: 'all' },
    'flowlogs query pair-bytes --engine athena --stack Net',
  ],
  [
    'the actor of a spike is its interface',
    'x: `flowlogs query pair-bytes --engine athena --stack STACK --scope eni=ENI`',
    { interface_id: null, actor: 'eni-7' },
    'flowlogs query pair-bytes --engine athena --stack Net --scope eni=eni-7',
  ],
  ['quotes stay', "x: `ss -tnp '( dport = :25 )'`", {}, "ss -tnp '( dport = :25 )'"],
  ['words after a pipe are filled too', 'x: `ss -tnp | grep DESTINATION`', {}, 'ss -tnp | grep 10.0.1.10'],
])('%s', (_, check, evidence, text) => {
  expect(commands(check, finding(evidence), STACK)).toEqual([{ kind: 'command', text }]);
});

test('a key is quoted for the shell', () => {
  const [command] = commands(
    'x: `flowlogs explain KEY --engine athena --stack STACK`',
    finding({}, { key: "first-contact/10.0.1.0%2F24/25/of the internet's" }),
    HERE,
  );
  expect(command?.text).toBe("flowlogs explain 'first-contact/10.0.1.0%2F24/25/of the internet'\\''s' 'my logs/' b.log --queries q");
});

test.each([
  ['none', { srcaddr: null }],
  ['what no address holds', { srcaddr: '1.2.3.4; rm -rf /' }],
  ['a control character', { srcaddr: '1.2.3.4\u001b[2J' }],
])('without a value the word stays, and it is said: %s', (_, evidence) => {
  const [command] = commands('x: `whois SOURCE`', finding(evidence), HERE);
  expect(command).toEqual({ kind: 'command', text: 'whois SOURCE', note: 'SOURCE: the finding has none, or several' });
});

test('prose is told apart from commands, filled in, and a word in backticks belongs to it', () => {
  const check = 'Who began: direction `to` in the evidence. On DESTINATION, `last -i` and `journalctl -u ssh | grep SOURCE`; close it.';
  expect(checksOf({ checks: [check] }, finding(), HERE)).toEqual([
    [
      { kind: 'text', text: 'Who began: direction `to` in the evidence. On 10.0.1.10,' },
      { kind: 'command', text: 'last -i' },
      { kind: 'text', text: 'and' },
      { kind: 'command', text: 'journalctl -u ssh | grep 203.0.113.9' },
      { kind: 'text', text: 'close it.' },
    ],
  ]);
});

test('a question that the engine cannot answer says why', () => {
  const asking: Asking = {
    where: ['--engine', 'insights'],
    reading: [],
    unable: (id) => (id === 'traffic-from-address' ? 'no joins' : undefined),
  };
  expect(commands(QUERY, finding(), asking)[0]?.note).toBe('not available: no joins');
});

const known = detections.flatMap(({ id, checks = [] }) =>
  [...checks.join('\n').matchAll(/`(flowlogs\s[^`]*)`/g)].map((match) => ({ id, command: (match[1] ?? '').replace(/\s+/g, ' ') })),
);

test.each(known)('a check of $id can be run: $command', ({ command }) => {
  const [, verb, what = ''] = command.split(' ');
  expect(command).toContain('--engine athena --stack STACK');
  expect(['query', 'detect', 'explain']).toContain(verb);
  const parameters = [...command.matchAll(/--param (\w+)=/g)].map((match) => match[1]);
  if (verb === 'query') expect(Object.keys(catalogue.get(what).parameters)).toEqual(expect.arrayContaining(parameters));
  if (verb === 'explain') expect(what).toBe('KEY');
  for (const only of /--only (\S+)/.exec(command)?.[1]?.split(',') ?? []) expect(catalogue.get(only).kind).toBe('detection');
});

test.each(detections.map((analysis) => ({ id: analysis.id, analysis })))(
  'nothing of the checks of $id stays open where a row names all',
  ({ analysis }) => {
    const values: Finding['evidence'] = {
      own_address: '10.0.1.10',
      listed_address: '198.51.100.7',
      srcaddr: '203.0.113.9',
      dstaddr: '10.0.1.10',
      interface_id: 'eni-0a1',
      actor_type: 'interface',
      actor: 'eni-0a1',
    };
    const [found] = findingsOf(analysis, [
      {
        ...Object.fromEntries(analysis.columns.map(({ name, type }) => [name, type === 'integer' ? 1 : '-'])),
        time: '2026-11-20T05:00:00Z',
        ...values,
      },
    ]);
    const parts = checksOf(analysis, found!, HERE).flat();
    expect(parts.filter(({ kind }) => kind === 'command').length).toBeGreaterThan(0);
    expect(
      parts.filter(({ text, note }) => note !== undefined || /\b(SOURCE|DESTINATION|ENI|FROM|TO|KEY|STACK|PORT|OWN|LISTED)\b/.test(text)),
    ).toEqual([]);
  },
);
