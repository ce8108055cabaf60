import { Catalogue } from '../../lib/analysis/catalogue';
import { notJudgedLines } from '../../lib/finding/not-judged';
import { warmingUp, warmUpSeconds } from '../../lib/finding/warm-up';

const catalogue = new Catalogue();
const HOUR = 3600;
const AT = Date.parse('2026-11-20T00:00:00Z') / 1000;
const held = (hours: number) => ({ from: AT, to: AT + hours * HOUR });

test.each([
  ['unusual-egress', {}, 72],
  ['unusual-egress', { bucket_minutes: 120 }, 144],
  ['rejection-spike', { warm_up_buckets: 24 }, 24],
  ['first-contact', { warm_up_hours: 48 }, 48],
  ['slow-exfiltration', { warm_up_days: 5 }, 120],
  ['logging-gap', {}, 72],
  ['port-scan', {}, 0],
])('%s with %j needs %d hours', (id, parameters, hours) => {
  expect(warmUpSeconds(catalogue.get(id), parameters) / HOUR).toBe(hours);
});

test.each<[string, number, { from: number; to: number }, string | undefined, number | undefined]>([
  ['too little', 48, held(48), '72 hours of history are needed, there are 48: 24 hours lacking. Meanwhile', 24],
  ['an hour too little', 71, held(71), 'there are 71: 1 hour lacking', 1],
  ['enough for the end', 96, held(96), 'nothing before 2026-11-23T00:00:00Z, for lack of 72 hours of history', undefined],
  ['enough for the whole window', 96, { from: AT + 72 * HOUR, to: AT + 96 * HOUR }, undefined, undefined],
  ['no record in the window', 96, { from: AT + 200 * HOUR, to: AT + 201 * HOUR }, undefined, undefined],
])('%s', (_, hours, window, reason, lackingHours) => {
  const open = warmingUp(catalogue.get('unusual-egress'), {}, held(hours), window);
  expect(open?.lackingHours).toBe(lackingHours);
  if (reason === undefined) expect(open).toBeUndefined();
  else expect(open?.reason).toContain(reason);
});

test('absolute limits are named where a detection has one', () => {
  const reason = (id: string) => warmingUp(catalogue.get(id), {}, held(48), held(48))?.reason ?? '';
  expect(reason('unusual-ingress')).toContain('Meanwhile 20.0 GB in 1 hour are reported, from the seventh hour on (absolute_limit)');
  expect(reason('rejection-spike')).not.toContain('absolute_limit');
});

test('those with one reason are one line', () => {
  const open = ['a', 'b'].map((detection) => ({ detection, why: 'fields' as const, reason: 'these logs lack bytes' }));
  expect(notJudgedLines([...open, { detection: 'c', why: 'fields', reason: 'these logs lack action' }])).toEqual([
    'Not judged: a, b: these logs lack bytes.',
    'Not judged: c: these logs lack action.',
  ]);
});
