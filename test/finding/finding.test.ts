import { Catalogue } from '../../lib/analysis/catalogue';
import type { Row } from '../../lib/analysis/columns';
import { compareSeverity } from '../../lib/analysis/severity';
import { findingsOf } from '../../lib/finding/finding';

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
      title: '203.0.113.1 tried 25 ports of 10.0.0.1',
      key: '203.0.113.1 10.0.0.1',
      time: '2026-11-20T05:00:00Z',
      lastTime: '2026-11-20T05:00:00Z',
      occurrences: 1,
      tags: ['T1046'],
      evidence: row('2026-11-20T05:00:00Z'),
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
    ['203.0.113.1 10.0.0.1', '2026-11-20T05:00:00Z', '2026-11-21T04:59:59Z', 2],
    ['203.0.113.2 10.0.0.1', '2026-11-20T06:00:00Z', '2026-11-20T06:00:00Z', 1],
    ['203.0.113.1 10.0.0.1', '2026-11-21T05:00:00Z', '2026-11-21T05:00:00Z', 1],
  ]);
});

test('order of rows does not matter', () => {
  const rows = [row('2026-11-22T05:00:00Z'), row('2026-11-20T05:00:00Z'), row('2026-11-20T06:00:00Z')];
  expect(findingsOf(scan, rows)).toEqual(findingsOf(scan, [...rows].reverse()));
});

test('amounts in titles carry their unit', () => {
  const egress = catalogue.get('unusual-egress');
  const [finding] = findingsOf(egress, [
    {
      time: '2026-11-20T05:00:00Z',
      interface_id: 'eni-1',
      bytes: 5_000_000_000,
      baseline: 10_000_000,
      ratio: 500,
      score: 9,
      destinations: 1,
      ports: 1,
      past_buckets: 30,
    },
  ]);
  expect(finding?.title).toBe('eni-1 sent 5.0 GB to 1 public addresses (baseline 10.0 MB)');
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
