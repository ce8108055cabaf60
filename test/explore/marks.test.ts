import fc from 'fast-check';
import { SEVERITIES } from '../../lib/analysis/severity';
import { touches } from '../../lib/finding/touches';
import { marksOf } from '../../web/charts/marks';

const plot = [52, 1000] as const;
const at = (time: Date) => 52 + time.getTime() / 1000;
const finding = (from: number, to: number, severity: (typeof SEVERITIES)[number] = 'medium') => ({
  time: new Date(from * 1000).toISOString(),
  until: new Date(to * 1000).toISOString(),
  severity,
});

test('findings of the same window are one mark with the worst severity; others have their own', () => {
  const [a, b, c, d] = [finding(100, 160), finding(100, 160, 'critical'), finding(100, 160, 'low'), finding(500, 503)];
  expect(marksOf([a, b, c, d], at, plot)).toEqual([
    { left: 152, width: 60, severity: 'critical', during: { from: 100, to: 160, lasting: 60 }, findings: [a, b, c] },
    { left: 552, width: 8, severity: 'medium', during: { from: 500, to: 503, lasting: 3 }, findings: [d] },
  ]);
});

const findings = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 1200 }), fc.integer({ min: 1, max: 300 }), fc.constantFrom(...SEVERITIES))
    .map(([from, length, severity]) => finding(from, from + length, severity)),
  { maxLength: 500 },
);

test('no finding that the plot shows is without a mark, and each mark lists at least its own', () => {
  fc.assert(
    fc.property(findings, (all) => {
      const marks = marksOf(all, at, plot);
      const seen = all.filter(({ time }) => at(new Date(time)) < plot[1]);
      expect(marks.flatMap((mark) => mark.findings)).toHaveLength(seen.length);
      expect(new Set(marks.flatMap((mark) => mark.findings))).toEqual(new Set(seen));
      for (const { left, width, during, findings: own } of marks) {
        expect(left).toBeGreaterThanOrEqual(plot[0]);
        expect(left + width).toBeLessThanOrEqual(plot[1] + 8);
        expect(own.every((one) => touches(one, during))).toBe(true);
        expect(own.every(({ time, until }) => (Date.parse(until) - Date.parse(time)) / 1000 >= during.lasting!)).toBe(true);
      }
    }),
  );
});
