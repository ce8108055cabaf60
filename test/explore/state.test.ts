import fc from 'fast-check';
import { bucketBounds, DIMENSIONS, DIMENSION_IDS } from '../../lib/explore/dimensions';
import { decodeState, encodeState, type ExploreState, MEASURES, StateError } from '../../lib/explore/state';
import { domainOf } from '../../lib/explore/steps';

const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
const range = fc.tuple(seconds, fc.integer({ min: 1, max: 10_000_000 })).map(([from, length]) => ({ from, to: from + length }));
const filters = fc.subarray([...DIMENSION_IDS]).chain((ids) =>
  fc.record(
    Object.fromEntries(
      ids.map((id) => [
        id,
        fc.record({
          values:
            DIMENSIONS[id].type === 'integer'
              ? fc.uniqueArray(fc.nat(200), { minLength: 1, maxLength: 40 }).map((list) => [...list].sort((a, b) => a - b))
              : fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }), { minLength: 1, maxLength: 5 }),
          exclude: fc.boolean(),
        }),
      ]),
    ),
  ),
);

test('every state has an address that says it', () => {
  const optional = { range: fc.option(range, { nil: undefined }), brush: fc.option(range, { nil: undefined }) };
  fc.assert(
    fc.property(fc.record({ ...optional, measure: fc.constantFrom(...MEASURES), compare: fc.boolean(), filters }), (state) => {
      expect(decodeState(encodeState(state as ExploreState))).toEqual(JSON.parse(JSON.stringify(state)));
    }),
  );
});

test.each([
  ['range=yesterday', 'range: got "yesterday"'],
  ['range=2026-11-20T00:00:00Z/2026-11-19T00:00:00Z', 'the earlier first'],
  ['brush=a/b/c', 'brush: got "a/b/c"'],
  ['by=money', 'by: got "money"; expected records, bytes, packets'],
  ['compare=next', 'compare: got "next"'],
  ['dstport=ssh', 'dstport: got "ssh"'],
  ['dstport=1-100000000', 'dstport: got'],
  ['srcaddr=', 'srcaddr: got a value of 0 characters'],
  [`srcaddr=${'x'.repeat(300)}`, 'srcaddr: got a value of 300 characters'],
  ['srcaddr=a&not.srcaddr=b', 'expected one of them'],
])('%s is refused with its reason', (text, reason) => {
  expect(() => decodeState(text)).toThrow(StateError);
  expect(() => decodeState(text)).toThrow(reason);
});

test('parameters of others are none of its business', () => {
  expect(decodeState('view=records&utm_source=mail')).toEqual({ measure: 'records', compare: false, filters: {} });
});

test('a domain has at most 300 whole buckets and holds its range', () => {
  fc.assert(
    fc.property(range, ({ from, to }) => {
      const domain = domainOf(from, to);
      expect(domain.from).toBeLessThanOrEqual(from);
      expect(domain.to).toBeGreaterThanOrEqual(to);
      expect(domain.from % domain.step).toBe(0);
      expect((domain.to - domain.from) / domain.step).toBeLessThanOrEqual(302);
    }),
  );
});

test('buckets of sizes leave no gap', () => {
  for (const id of ['bytes_size', 'packets_size'] as const) {
    const { edges = [] } = DIMENSIONS[id];
    for (let bucket = 0; bucket < edges.length; bucket++)
      expect(bucketBounds(DIMENSIONS[id], bucket).to).toBe(bucketBounds(DIMENSIONS[id], bucket + 1).from);
    expect(bucketBounds(DIMENSIONS[id], edges.length).to).toBe(Infinity);
  }
});
