import type { Incident } from '../../eval/attacks/attack';
import { f1, found, median, medianDelay, perIncident, precision, recall, score, together } from '../../eval/score';
import type { Told } from '../../eval/told';

const incident = (more: Partial<Incident> = {}): Incident => ({
  id: 'i',
  kind: 'scan',
  actors: ['198.51.100.7', '10.0.0.5', 'eni-a'],
  need: ['198.51.100.7'],
  from: 1000,
  to: 2000,
  ...more,
});
const told = (names: readonly string[], more: Partial<Told> = {}): Told => ({
  rule: 'vertical-scan',
  severity: 'medium',
  names: new Set(names),
  from: 900,
  until: 1800,
  tellable: 1800,
  event: names.join(),
  title: names.join(),
  ...more,
});

test.each<[string, Told, { found: number; right: number; wrong: number }]>([
  ['names what is needed at the time', told(['198.51.100.7', '10.0.0.5']), { found: 1, right: 1, wrong: 0 }],
  ['names only the victim: not seen, not wrong', told(['eni-a']), { found: 0, right: 1, wrong: 0 }],
  ['names somebody else', told(['203.0.113.9']), { found: 0, right: 0, wrong: 1 }],
  ['is over before it began', told(['198.51.100.7'], { from: 0, until: 999 }), { found: 0, right: 0, wrong: 1 }],
  ['begins after it', told(['198.51.100.7'], { from: 2001, until: 3000 }), { found: 0, right: 0, wrong: 1 }],
  ['touches its last second', told(['198.51.100.7'], { from: 2000, until: 2900 }), { found: 1, right: 1, wrong: 0 }],
])('a finding that %s', (_, one, wanted) => {
  const result = score([one], [incident()]);
  expect({ found: found(result).length, right: result.right.length, wrong: result.wrong.length }).toEqual(wanted);
});

test('rules of others need to concern it only', () => {
  expect(found(score([told(['eni-a'])], [incident()], true))).toHaveLength(1);
});

test('an incident without a need is seen by whoever names an actor', () => {
  expect(found(score([told(['eni-a'])], [incident({ need: [] })]))).toHaveLength(1);
});

test('recall, precision, findings per incident, delay', () => {
  const result = score(
    [
      told(['198.51.100.7', '10.0.0.5'], { tellable: 1900 }),
      told(['198.51.100.7', 'eni-a'], { rule: 'rejection-spike', tellable: 1600 }),
      told(['203.0.113.9']),
      told(['203.0.113.10'], { severity: 'info' }),
    ],
    [incident(), incident({ id: 'missed', actors: ['192.0.2.1'], need: ['192.0.2.1'] })],
  );
  expect(recall(result)).toBe(0.5);
  // What is info is not wrong.
  expect(precision(result)).toBeCloseTo(2 / 3);
  expect(f1(result)).toBeCloseTo((2 * 0.5 * (2 / 3)) / (0.5 + 2 / 3));
  expect(perIncident(result)).toBe(2);
  expect(medianDelay(result)).toBe(10);
});

test('parts of one event are told once', () => {
  const parts = [told(['198.51.100.7', '10.0.0.5'], { event: 'e' }), told(['198.51.100.7', 'eni-a'], { event: 'e' })];
  expect(perIncident(score(parts, [incident()]))).toBe(1);
  expect(perIncident(together([score(parts, [incident()]), score(parts, [incident()])]))).toBe(1);
});

test('without incidents everything that is told is wrong', () => {
  const result = score([told(['198.51.100.7'])], []);
  expect([recall(result), precision(result), f1(result), perIncident(result), medianDelay(result)]).toEqual([0, 0, 0, 0, undefined]);
});

test('median', () => {
  expect([median([3, 1, 2]), median([]), median([4])]).toEqual([2, undefined, 4]);
});
