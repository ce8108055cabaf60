import fc from 'fast-check';
import type { Row } from '../../lib/analysis/columns';
import type { Severity } from '../../lib/analysis/severity';
import type { Finding } from '../../lib/finding/finding';
import { actorsOf, incidentsOf, withIncidents } from '../../lib/finding/incident';

const DAY = Date.UTC(2026, 10, 20);
const at = (minute: number) => `${new Date(DAY + minute * 60_000).toISOString().slice(0, 19)}Z`;

interface Parts {
  detection?: string;
  severity?: Severity;
  /** Minutes of the day. */
  from?: number;
  until?: number;
  evidence?: Row;
}

const finding = ({
  detection = 'port-scan',
  severity = 'medium',
  from = 0,
  until = from + 15,
  evidence = { srcaddr: '8.8.4.7' },
}: Parts = {}): Finding => {
  const key = `${detection}/${Object.values(evidence).join('/')}`;
  return {
    schemaVersion: '1.0',
    id: `${key}@${at(from)}`,
    key,
    detection,
    severity,
    title: key,
    time: at(from),
    lastTime: at(from),
    until: at(until),
    occurrences: 1,
    measure: null,
    tags: [],
    evidence,
    rows: [evidence],
  };
};

const keysOf = (findings: readonly Finding[]) => incidentsOf(findings).map(({ findings: parts }) => parts.map(({ key }) => key));

test.each<{ name: string; findings: Parts[]; together: number[][] }>([
  { name: 'one actor, two detections', findings: [{}, { detection: 'unusual-egress' }], together: [[0, 1]] },
  {
    name: 'one actor, two targets',
    findings: [{ evidence: { srcaddr: 'a', dstaddr: 'x' } }, { evidence: { srcaddr: 'a', dstaddr: 'y' } }],
    together: [[0, 1]],
  },
  {
    name: 'two actors at the same time on one target',
    findings: [{ evidence: { srcaddr: 'a', dstaddr: 'x' } }, { evidence: { srcaddr: 'b', dstaddr: 'x' } }],
    together: [[0], [1]],
  },
  { name: 'an hour after the first has ended', findings: [{ until: 15 }, { detection: 'flood', from: 75 }], together: [[0, 1]] },
  { name: 'more than an hour later', findings: [{ until: 15 }, { detection: 'flood', from: 76 }], together: [[0], [1]] },
  {
    name: 'a chain of hours',
    findings: [{ until: 60 }, { detection: 'flood', from: 110, until: 170 }, { detection: 'beaconing', from: 225 }],
    together: [[0, 1, 2]],
  },
  { name: 'within a long one that began hours before', findings: [{ until: 600 }, { detection: 'flood', from: 400 }], together: [[0, 1]] },
  {
    name: 'an address and an interface, joined by a finding with both',
    findings: [
      { evidence: { srcaddr: 'a' } },
      { detection: 'unusual-egress', evidence: { interface_id: 'eni-1', srcaddr: 'a' } },
      { detection: 'unusual-ingress', evidence: { interface_id: 'eni-1' } },
    ],
    together: [[0, 1, 2]],
  },
  {
    name: 'a flood of strangers is of its target',
    findings: [
      { detection: 'flood', evidence: { srcaddr: null, dstaddr: 'x' } },
      { detection: 'unexpected-protocol', evidence: { dstaddr: 'x', protocol: 47 } },
    ],
    together: [[0, 1]],
  },
  {
    name: 'about nothing in common',
    findings: [
      { detection: 'a', evidence: {} },
      { detection: 'b', evidence: {} },
    ],
    together: [[0], [1]],
  },
])('$name', ({ findings, together }) => {
  const all = findings.map(finding);
  expect(keysOf(all)).toEqual(together.map((group) => group.map((i) => all[i]?.key)));
});

test('an incident has the worst severity, the time of its first part, the end of its last, and all parts', () => {
  const [incident, ...others] = incidentsOf([
    finding({ detection: 'late', severity: 'low', from: 50, until: 65 }),
    finding({ detection: 'first', severity: 'info', from: 0, until: 90 }),
    finding({ detection: 'worst', severity: 'high', from: 20, until: 35 }),
    finding({ detection: 'as-bad', severity: 'high', from: 30, until: 45 }),
  ]);
  expect(others).toEqual([]);
  expect(incident).toMatchObject({
    id: 'first/8.8.4.7@2026-11-20T00:00:00Z',
    severity: 'high',
    time: at(0),
    until: at(90),
    worst: { detection: 'worst' },
  });
  expect(incident?.findings.map(({ detection }) => detection)).toEqual(['first', 'worst', 'as-bad', 'late']);
});

test.each<[Row, string[]]>([
  [{ srcaddr: 'a', dstaddr: 'x' }, ['a']],
  [{ srcaddr: 'a', interface_id: 'eni-1' }, ['a', 'eni-1']],
  [{ srcaddr: null, dstaddr: 'x' }, ['x']],
  [{ actor_type: 'network', actor: 'all' }, ['all']],
  [{ subject: '10.0.9.9:5432' }, ['10.0.9.9:5432']],
  [{ rejected: 5 }, ['key']],
])('%j is of %j', (evidence, actors) => {
  expect(actorsOf({ evidence, key: 'key' })).toEqual(actors);
});

const findingArbitrary = fc
  .record({
    actor: fc.integer({ min: 0, max: 3 }),
    other: fc.integer({ min: 0, max: 3 }),
    from: fc.integer({ min: 0, max: 1400 }),
    length: fc.integer({ min: 1, max: 120 }),
    detection: fc.constantFrom('p', 'q'),
  })
  .map(({ actor, other, from, length, detection }) =>
    finding({ detection, from, until: from + length, evidence: { srcaddr: `a${actor}`, interface_id: `e${other}` } }),
  );

test('each finding is in one incident; those of different incidents with an actor in common are more than an hour apart; order does not matter', () => {
  fc.assert(
    fc.property(fc.uniqueArray(findingArbitrary, { maxLength: 14, selector: ({ id }) => id }), (findings) => {
      const told = withIncidents(findings);
      expect(told.map(({ id }) => id).sort()).toEqual(findings.map(({ id }) => id).sort());
      expect(
        withIncidents([...findings].reverse())
          .map(({ id, incident }) => [id, incident])
          .sort(),
      ).toEqual(told.map(({ id, incident }) => [id, incident]).sort());
      for (const a of told)
        for (const b of told)
          if (a.incident !== b.incident && actorsOf(a).some((actor) => actorsOf(b).includes(actor)))
            expect(Math.max(Date.parse(a.time) - Date.parse(b.until), Date.parse(b.time) - Date.parse(a.until))).toBeGreaterThan(3_600_000);
    }),
  );
});
