import { Catalogue } from '../../lib/analysis/catalogue';
import type { Row } from '../../lib/analysis/columns';
import { compareSeverity } from '../../lib/analysis/severity';
import fc from 'fast-check';
import { findingsOf, foldRow, type FindingState, stateOfFinding } from '../../lib/finding/finding';
import { toOcsf } from '../../lib/finding/ocsf';
import { findingSchema } from '../../lib/finding/schema';
import { toSecurityHub } from '../../lib/finding/security-hub-format';

const catalogue = new Catalogue();
const scan = catalogue.get('vertical-scan');
const row = (time: string, srcaddr = '203.0.113.1', ports = 25): Row => ({
  time,
  srcaddr,
  dstaddr: '10.0.0.1',
  ports,
  rejected: 12345,
  lowest_port: 1,
  highest_port: 99,
});

test('a row becomes a finding with title, key and evidence', () => {
  expect(findingsOf(scan, [row('2026-11-20T05:00:00Z')])).toEqual([
    {
      detection: 'vertical-scan',
      severity: 'medium',
      title: '203.0.113.1 tried 25 ports of 10.0.0.1, 1 to 99: all refused',
      schemaVersion: '1.0',
      id: 'vertical-scan/203.0.113.1/10.0.0.1@2026-11-20T05:00:00Z',
      key: 'vertical-scan/203.0.113.1/10.0.0.1',
      time: '2026-11-20T05:00:00Z',
      lastTime: '2026-11-20T05:00:00Z',
      until: '2026-11-20T05:15:00Z',
      occurrences: 1,
      measure: 25,
      tags: ['T1046'],
      evidence: row('2026-11-20T05:00:00Z'),
      rows: [row('2026-11-20T05:00:00Z')],
    },
  ]);
});

test('the same key within dedupFor (24h) updates; another key, or later, is a new finding', () => {
  const findings = findingsOf(scan, [
    row('2026-11-20T05:00:00Z'),
    row('2026-11-21T04:59:59Z'),
    row('2026-11-21T05:00:00Z'),
    row('2026-11-20T06:00:00Z', '203.0.113.2'),
  ]);
  expect(findings.map(({ key, time, lastTime, occurrences }) => [key, time, lastTime, occurrences])).toEqual([
    ['vertical-scan/203.0.113.1/10.0.0.1', '2026-11-20T05:00:00Z', '2026-11-21T04:59:59Z', 2],
    ['vertical-scan/203.0.113.2/10.0.0.1', '2026-11-20T06:00:00Z', '2026-11-20T06:00:00Z', 1],
    ['vertical-scan/203.0.113.1/10.0.0.1', '2026-11-21T05:00:00Z', '2026-11-21T05:00:00Z', 1],
  ]);
});

test('order of rows does not matter', () => {
  const rows = [row('2026-11-22T05:00:00Z'), row('2026-11-20T05:00:00Z'), row('2026-11-20T06:00:00Z')];
  expect(findingsOf(scan, rows)).toEqual(findingsOf(scan, [...rows].reverse()));
});

test('a report has no findings', () => {
  expect(findingsOf(catalogue.get('top-talkers'), [{ srcaddr: 'x', bytes: 1, packets: 1, records: 1 }])).toEqual([]);
});

test('severities are ordered', () => {
  expect(['low', 'critical', 'info', 'high', 'medium'].sort((a, b) => compareSeverity(a as 'low', b as 'low'))).toEqual([
    'info',
    'low',
    'medium',
    'high',
    'critical',
  ]);
});

test('a key of an address or network with a slash stays apart from other keys', () => {
  const [finding] = findingsOf(scan, [row('2026-11-20T05:00:00Z', '10.0.0.0/8')]);
  expect(finding?.key).toBe('vertical-scan/10.0.0.0%2F8/10.0.0.1');
});

describe('rows put to states that are known', () => {
  const first = row('2026-11-20T05:00:00Z');
  const { state } = foldRow(scan, [], first);

  test.each([
    ['the same row', first, 'repeated'],
    ['a later row, not much worse', row('2026-11-20T06:00:00Z', '203.0.113.1', 40), 'updated'],
    ['a later row, twice as bad', row('2026-11-20T06:00:00Z', '203.0.113.1', 50), 'escalated'],
    ['the same time, twice as bad: late objects', row('2026-11-20T05:00:00Z', '203.0.113.1', 60), 'escalated'],
    ['an earlier row, out of order', row('2026-11-20T02:00:00Z'), 'updated'],
    ['a row after dedupFor', row('2026-11-21T05:00:00Z'), 'new'],
  ])('%s', (_, next, change) => {
    expect(foldRow(scan, [state], next).change).toBe(change);
  });

  test('an escalation is measured against what was told last', () => {
    const worse = foldRow(scan, [state], row('2026-11-20T06:00:00Z', '203.0.113.1', 50)).state;
    expect(foldRow(scan, [worse], row('2026-11-20T07:00:00Z', '203.0.113.1', 90)).change).toBe('updated');
    expect(foldRow(scan, [worse], row('2026-11-20T07:00:00Z', '203.0.113.1', 100)).change).toBe('escalated');
  });

  test('a run that sees rows again, in any order and split anyhow, ends with the same states', () => {
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(hours, fc.infiniteStream(fc.nat()), (times, order) => {
        const rows = times.map((hour) => row(`2026-11-20T${String(hour).padStart(2, '0')}:00:00Z`, '203.0.113.1', 20 + hour));
        const ranks = new Map([...rows, ...rows].map((one) => [one, Number(order.next().value)]));
        const shuffled = [...rows, ...rows].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
        let known: FindingState[] = [];
        for (const one of shuffled) {
          const next = foldRow(scan, known, one).state;
          known = [...known.filter(({ id }) => id !== next.id), next];
        }
        expect(known).toHaveLength(1);
        expect(known[0]?.times).toEqual(
          [...times].sort((a, b) => a - b).map((hour) => `2026-11-20T${String(hour).padStart(2, '0')}:00:00Z`),
        );
        expect(known[0]?.measure).toBe(20 + Math.max(...times));
      }),
    );
  });
});

test('a baseline of an earlier run leaves out what adds nothing to it', () => {
  const rows = [row('2026-11-20T05:00:00Z'), row('2026-11-20T06:00:00Z', '203.0.113.2')];
  const earlier = findingsOf(scan, rows).map(stateOfFinding);
  expect(findingsOf(scan, rows, {}, earlier)).toEqual([]);
  const more = [...rows, row('2026-11-20T07:00:00Z', '203.0.113.2', 100), row('2026-11-20T07:00:00Z', '203.0.113.3')];
  expect(findingsOf(scan, more, {}, earlier).map(({ key }) => key)).toEqual([
    'vertical-scan/203.0.113.2/10.0.0.1',
    'vertical-scan/203.0.113.3/10.0.0.1',
  ]);
});

test('the published schema accepts what is made, and nothing else', () => {
  const [finding] = findingsOf(scan, [row('2026-11-20T05:00:00Z')]);
  expect(findingSchema.parse(finding)).toEqual(finding);
  expect(findingSchema.safeParse({ ...finding, extra: 1 }).success).toBe(false);
});

test('as OCSF: class, severity, times in milliseconds, technique and both ends', () => {
  const [finding] = findingsOf(scan, [row('2026-11-20T05:00:00Z')]);
  expect(toOcsf(finding!, { productVersion: '1.2.3', account: '123456789012', region: 'eu-central-1' })).toMatchObject({
    class_uid: 2004,
    type_uid: 200401,
    severity_id: 3,
    start_time: Date.UTC(2026, 10, 20, 5),
    end_time: Date.UTC(2026, 10, 20, 5, 15),
    metadata: { version: '1.3.0', product: { version: '1.2.3' }, uid: finding!.id },
    cloud: { provider: 'AWS', account: { uid: '123456789012' }, region: 'eu-central-1' },
    finding_info: { uid: finding!.id, attacks: [{ technique: { uid: 'T1046' } }] },
    evidences: [{ src_endpoint: { ip: '203.0.113.1' }, dst_endpoint: { ip: '10.0.0.1' }, data: finding!.evidence }],
  });
  expect(toOcsf(finding!, { productVersion: '1', update: true })).toMatchObject({ activity_id: 2, type_uid: 200402 });
});

test('for Security Hub: identity, severity label, the interface as the resource', () => {
  const egress = catalogue.get('unusual-egress');
  const [finding] = findingsOf(egress, [
    {
      time: '2026-11-20T05:00:00Z',
      interface_id: 'eni-1',
      bytes: 5e9,
      baseline: 1e7,
      ratio: 500,
      score: 99,
      destinations: 2,
      ports: 1,
      past_buckets: 30,
    },
  ]);
  expect(toSecurityHub(finding!, { account: '123456789012', region: 'eu-central-1', partition: 'aws' })).toMatchObject({
    SchemaVersion: '2018-10-08',
    Id: 'unusual-egress/eni-1@2026-11-20T05:00:00Z',
    ProductArn: 'arn:aws:securityhub:eu-central-1:123456789012:product/123456789012/default',
    Severity: { Label: 'HIGH' },
    Resources: [{ Type: 'AwsEc2NetworkInterface', Id: 'arn:aws:ec2:eu-central-1:123456789012:network-interface/eni-1' }],
  });
});
