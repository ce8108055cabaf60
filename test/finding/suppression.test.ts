import type { Finding } from '../../lib/finding/finding';
import { inForce, suppressedBy, type Suppression, suppressionsSchema } from '../../lib/finding/suppression';

const finding = (evidence: Finding['evidence']): Finding => ({
  schemaVersion: '1.0',
  id: 'vertical-scan/203.0.113.9/10.0.1.10@2026-11-20T05:00:00Z',
  key: 'vertical-scan/203.0.113.9/10.0.1.10',
  detection: 'vertical-scan',
  severity: 'medium',
  title: 'x',
  time: '2026-11-20T05:00:00Z',
  lastTime: '2026-11-20T05:00:00Z',
  until: '2026-11-20T06:00:00Z',
  occurrences: 1,
  measure: 1,
  tags: [],
  evidence,
  rows: [evidence],
});
const scan = finding({ srcaddr: '203.0.113.9', dstaddr: '10.0.1.10', dstport: 22, interface_id: 'eni-1' });
const rule = (part: Partial<Suppression>): Suppression => ({ until: '2027-01-31', why: 'test', ...part });

test.each<[string, Partial<Suppression>, boolean]>([
  ['its address', { address: '203.0.113.9' }, true],
  ['a network around it', { address: '203.0.113.0/24' }, true],
  ['another network', { address: '198.51.100.0/24' }, false],
  ['the same digits in the other family', { address: '::cb00:7109' }, false],
  ['its port', { port: 22 }, true],
  ['another port', { port: 23 }, false],
  ['its interface', { interface: 'eni-1' }, true],
  ['its key', { key: 'vertical-scan/203.0.113.9/10.0.1.10' }, true],
  ['all that is named must hold', { address: '203.0.113.9', port: 23 }, false],
  ['another detection', { detection: 'horizontal-scan', address: '203.0.113.9' }, false],
])('%s', (_, part, silent) => {
  expect(suppressedBy([rule(part)], scan) !== undefined).toBe(silent);
});

test('the actor of a rejection spike counts as address and as interface', () => {
  expect(suppressedBy([rule({ address: '2001:db8::/32' })], finding({ actor: '2001:db8::1' }))).toBeDefined();
  expect(suppressedBy([rule({ interface: 'eni-7' })], finding({ actor: 'eni-7' }))).toBeDefined();
});

test('until is the last day, in UTC', () => {
  const rules = [rule({ until: '2026-11-25' })];
  expect(inForce(rules, new Date('2026-11-25T23:59:59Z'))).toEqual(rules);
  expect(inForce(rules, new Date('2026-11-26T00:00:00Z'))).toEqual([]);
});

test.each([
  [
    'nothing but a detection',
    [{ detection: 'vertical-scan', until: '2027-01-31', why: 'x' }],
    /at least one of key, address, port, interface/,
  ],
  ['no end', [{ address: '10.0.0.1', why: 'x' }], /a suppression needs an end date/],
  ['no reason', [{ address: '10.0.0.1', until: '2027-01-31' }], /why/],
  ['no address', [{ address: 'ten', until: '2027-01-31', why: 'x' }], /expected an address or a network/],
])('refuses %s', (_, input, message) => {
  expect(JSON.stringify(suppressionsSchema.safeParse(input).error?.issues)).toMatch(message);
});
