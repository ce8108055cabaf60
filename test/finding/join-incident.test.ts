import { ENDED_AFTER_MS, joinIncident, takeEnded } from '../../lib/finding/join-incident';
import type { Finding } from '../../lib/finding/finding';
import type { Pending } from '../../lib/finding/store';
import { MemoryStore } from '../support/memory-store';

const at = (minutes: number) => `${new Date(Date.UTC(2026, 10, 20, 5, minutes)).toISOString().slice(0, 19)}Z`;

const finding = (detection: string, from: number, evidence: Finding['evidence'], severity: Finding['severity'] = 'medium'): Finding => ({
  schemaVersion: '1.0',
  id: `${detection}/${Object.values(evidence).join('/')}@${at(from)}`,
  key: `${detection}/${Object.values(evidence).join('/')}`,
  detection,
  severity,
  title: `${detection} of ${Object.values(evidence).join(', ')}`,
  time: at(from),
  lastTime: at(from),
  until: at(from + 15),
  occurrences: 1,
  measure: 1,
  tags: [],
  evidence,
  rows: [evidence],
});

const SCANNER = { srcaddr: '203.0.113.9' };
const HOST = { interface_id: 'eni-1', srcaddr: '10.0.0.5' };

type Step = readonly [what: Finding, change: Pending, told: boolean];

test.each<[string, Step[], incidents: number]>([
  [
    'another detection of the same actor within an hour is a part',
    [
      [finding('port-scan', 0, SCANNER), 'new', true],
      [finding('repeated-refusals', 60, SCANNER), 'new', false],
      [finding('port-scan', 130, SCANNER), 'new', false],
    ],
    1,
  ],
  [
    'a severer part is told, an equal one is not told after it',
    [
      [finding('port-scan', 0, SCANNER, 'low'), 'new', true],
      [finding('accepted-after-rejected', 5, SCANNER, 'high'), 'new', true],
      [finding('password-guessing', 10, SCANNER, 'high'), 'new', false],
    ],
    1,
  ],
  [
    'a part that doubles is told where it is as severe as the incident, else not',
    [
      [finding('beaconing', 0, HOST, 'high'), 'new', true],
      [finding('port-scan', 5, HOST, 'low'), 'escalated', false],
      [finding('beaconing', 0, HOST, 'high'), 'escalated', true],
    ],
    1,
  ],
  [
    'more than an hour later it is another incident',
    [
      [finding('port-scan', 0, SCANNER), 'new', true],
      [finding('port-scan', 80, SCANNER), 'new', true],
    ],
    2,
  ],
  [
    'interface and address of a host are one actor once a finding names both',
    [
      [finding('unusual-egress', 0, HOST, 'high'), 'new', true],
      [finding('flood', 10, { interface_id: 'eni-1' }), 'new', false],
      [finding('dns-tunnel', 20, { srcaddr: '10.0.0.5' }), 'new', false],
    ],
    1,
  ],
  [
    'two actors are two incidents',
    [
      [finding('port-scan', 0, SCANNER), 'new', true],
      [finding('port-scan', 0, { srcaddr: '203.0.113.10' }), 'new', true],
    ],
    2,
  ],
  [
    'a finding whose message was not sent is told again',
    [
      [finding('port-scan', 0, SCANNER), 'new', true],
      [finding('port-scan', 0, SCANNER), 'new', true],
    ],
    1,
  ],
])('%s', async (_, steps, incidents) => {
  const store = new MemoryStore();
  const ids = new Set<string>();
  for (const [what, change, told] of steps) {
    const joined = await joinIncident(store, what, change, 0);
    expect([what.id, joined.tell]).toEqual([what.id, told]);
    ids.add(joined.incident);
  }
  expect(ids.size).toBe(incidents);
});

test('of runs at once, one tells', async () => {
  const store = new MemoryStore();
  const all = ['port-scan', 'flood', 'mail-burst', 'beaconing'].map((detection) => finding(detection, 0, SCANNER));
  const joined = await Promise.all(all.map((one) => joinIncident(store, one, 'new', 0)));
  expect(joined.filter(({ tell }) => tell)).toHaveLength(1);
  expect(new Set(joined.map(({ incident }) => incident)).size).toBe(1);
});

test('an incident ends once, three hours after it was last added to, with all its parts', async () => {
  const store = new MemoryStore();
  await joinIncident(store, finding('port-scan', 0, HOST), 'new', 0);
  await joinIncident(store, finding('mail-burst', 10, HOST, 'high'), 'new', 60_000);
  expect(await takeEnded(store, ENDED_AFTER_MS)).toEqual([]);
  const [ended, ...more] = (await Promise.all([0, 1].map(() => takeEnded(store, 60_001 + ENDED_AFTER_MS)))).flat();
  expect(more).toEqual([]);
  expect(ended).toMatchObject({
    severity: 'high',
    time: at(0),
    until: at(25),
    parts: { length: 2 },
    title: 'port-scan of eni-1, 10.0.0.5',
  });
});
