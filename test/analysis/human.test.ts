import fc from 'fast-check';
import { humanNumber, humanValue, visibleJson, visibleText } from '../../lib/analysis/human';
import { UNITS } from '../../lib/analysis/schema';

test.each([
  [0.002, '0.002'],
  [0.0000123, '0.000012'],
  [-0.004, '-0.004'],
  [0.25, '0.25'],
  [1.005, '1.01'],
  [1234.5678, '1,234.57'],
  [0, '0'],
])('%d reads as %s', (value, text) => {
  expect(humanNumber(value)).toBe(text);
  expect(humanValue(value, undefined)).toBe(text);
});

test.each([
  [0.04, 'percent', '0.04%'],
  [12.345, 'percent', '12.3%'],
  [0, 'percent', '0.0%'],
  [0.003, 'score', '0.003'],
  [0.2, 'seconds', '0.2s'],
  [1 / 3, 'bytes', '0.33 B'],
] as const)('%d %s reads as %s', (value, unit, text) => {
  expect(humanValue(value, unit)).toBe(text);
});

test('in no unit does anything but zero read as zero', () => {
  const small = fc
    .double({ min: -1e9, max: 1e9, noNaN: true, noDefaultInfinity: true })
    .filter((value) => value !== 0 && Math.abs(value) > 1e-90);
  const numeric = UNITS.filter((unit) => !['protocol', 'port', 'tcp-flags', 'traffic-path', 'weekday'].includes(unit));
  fc.assert(
    fc.property(small, fc.constantFrom(undefined, ...numeric), (value, unit) => {
      expect(humanValue(value, unit)).toMatch(/[1-9]/);
    }),
  );
});

const ODD = ['\u001b[31m', '\u009b31m', '\u007f', '\u202eabc\u202c', '\u2066x', '\u200f', '\u061c', '\u2028', '\r', '\u0000'];

test.each(ODD)('%j never reaches a terminal as it is', (text) => {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const control = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
  expect(visibleText(`a${text}b`)).not.toMatch(control);
  expect(humanValue(`a${text}b`, undefined)).not.toMatch(control);
  const json = visibleJson(JSON.stringify({ [text]: text }));
  expect(json).not.toMatch(control);
  expect(JSON.parse(json)).toEqual({ [text]: text });
});
