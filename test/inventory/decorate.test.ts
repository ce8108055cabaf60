import fc from 'fast-check';
import { labelled, namingOf, typedByField } from '../../lib/inventory/decorate';
import { NAME_FIELDS } from '../../lib/inventory/known';
import type { Names } from '../../lib/inventory/names';

const names = (fields: Names['fields']): Names => ({
  gives: new Set(fields),
  fields,
  attribution: () => undefined,
  of: (address) => (address.startsWith('8.') ? { owner: 'Example', country: 'NL', asn: 64496 } : undefined),
});

const column = fc.record({
  name: fc.constantFrom('srcaddr', 'dstaddr', 'srcaddr_owner', 'dstaddr_asn', 'n', '__proto__x'),
  type: fc.constantFrom('address' as const, 'string' as const, 'integer' as const),
});
const value = fc.constantFrom('8.8.8.8', '10.0.0.1', 'eni-1', '', null, 7, true);

test('a row has exactly the columns of its naming, in their order, and its own values', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(column, { selector: ({ name }) => name }),
      fc.infiniteStream(value),
      fc.subarray([...NAME_FIELDS]),
      (columns, values, fields) => {
        const row = Object.fromEntries(columns.map(({ name }) => [name, values.next().value ?? null]));
        const naming = namingOf(columns, names(fields));
        const named = naming.row(row);
        expect(Object.keys(named)).toEqual(naming.columns.map(({ name }) => name));
        expect(named).toMatchObject(row);
        for (const { name } of columns.filter(({ type }) => type === 'address'))
          for (const field of fields.filter((one) => !Object.hasOwn(row, `${name}_${one}`)))
            expect(named[`${name}_${field}`]).toBe(
              row[name] === '8.8.8.8'
                ? (({ owner: 'Example', country: 'NL', asn: 64496 } as Record<string, unknown>)[field] ?? null)
                : null,
            );
      },
    ),
  );
});

test('labels begin with the address, and other columns stay', () => {
  const columns = [
    { name: 'srcaddr', type: 'address' },
    { name: 'dstaddr', type: 'string' },
  ] as const;
  expect(labelled({ srcaddr: '8.8.8.8', dstaddr: '8.8.8.8' }, columns, names(['owner', 'country', 'asn']))).toEqual({
    srcaddr: '8.8.8.8 · Example · NL',
    dstaddr: '8.8.8.8',
  });
});

test.each([
  'srcaddr',
  'dstaddr',
  'pkt_srcaddr',
  'pkt_dstaddr',
  'initiator_ip',
  'target_ip',
  'srcAddr',
  'dstAddr',
  'pktSrcAddr',
  'pktDstAddr',
])('a column of a query of one’s own that is called %s holds addresses', (name) => {
  expect(typedByField([{ name, type: 'string' }])).toEqual([{ name, type: 'address' }]);
  expect(typedByField([{ name, type: 'integer' }])).toEqual([{ name, type: 'integer' }]);
});

test.each(['srcport', 'address', 'interface_id'])('%s does not', (name) =>
  expect(typedByField([{ name, type: 'string' }])).toEqual([{ name, type: 'string' }]),
);
