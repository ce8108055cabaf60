import fc from 'fast-check';
import { FIELDS } from '../../lib/flow-log/fields';
import { formatOf, NAMED_FORMATS, parseFormat, printFormat, printHeader, unknownNames } from '../../lib/flow-log/format';

const known = fc.constantFrom(...FIELDS.map((f) => f.name));
const unknown = fc.stringMatching(/^[a-z][a-z0-9]{2,8}-[a-z0-9]{2,8}x$/);
const formats = fc
  .uniqueArray(fc.oneof({ weight: 4, arbitrary: known }, unknown), {
    minLength: 1,
    maxLength: 40,
    selector: (name) => name.replaceAll('-', '_'),
  })
  .map(formatOf);

test('a format survives being printed and parsed', () => {
  fc.assert(
    fc.property(formats, (format) => {
      expect(parseFormat(printFormat(format))).toEqual(format);
    }),
  );
});

test('a header line of two fields or more survives too', () => {
  fc.assert(
    fc.property(
      formats.filter(({ names }) => names.length > 1),
      (format) => {
        expect(parseFormat(printHeader(format))).toEqual(format);
      },
    ),
  );
});

test('named formats', () => {
  expect(parseFormat('default').names).toHaveLength(14);
  expect(parseFormat('all').names).toHaveLength(54);
  expect(parseFormat('recommended').names).toEqual([...parseFormat('all').names.slice(0, 29), 'reject-reason']);
  expect(NAMED_FORMATS['transit-gateway']().names).toHaveLength(36);
  expect(parseFormat('srcaddr, dstaddr').names).toEqual(['srcaddr', 'dstaddr']);
});

test('unknown names are kept and told', () => {
  expect(unknownNames(parseFormat('version srcaddr new-field-2027'))).toEqual(['new-field-2027']);
});

test.each([
  ['nonsense', /unknown format "nonsense": expected default, recommended, all/],
  ['${version} account-id', /got "account-id", expected \$\{field-name\}/],
  ['srcaddr dstaddr srcaddr', /"srcaddr" and "srcaddr" both map to column "srcaddr"/],
  ['pkt-srcaddr pkt_srcaddr', /both map to column "pkt_srcaddr"/],
  ['end End start', /both map to column "end"/],
  ['', /at least one field/],
])('%j is refused: %s', (text, message) => {
  expect(() => parseFormat(text)).toThrow(message);
});
