import { existsSync, readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { addressNumber, type AddressRange, networkRange, readAddress } from '../../lib/inventory/address';
import { openOwners, packOwners } from '../../lib/inventory/owners-file';
import { RangeTable, type ValuedRange } from '../../lib/inventory/range-table';

const family = fc.constantFrom(4 as const, 6 as const);
const width = { 4: 32, 6: 128 } as const;

function textOf({ family: of, bits }: { family: 4 | 6; bits: bigint }): string {
  const parts = Array.from({ length: width[of] / 8 }, (_, i) => Number((bits >> BigInt(width[of] - 8 * (i + 1))) & 255n));
  return ipaddr.fromByteArray(parts).toString();
}

/** Addresses that lie close together, so that ranges of them overlap, touch and nest. */
const bitsOf = (of: 4 | 6) =>
  fc.oneof(
    fc.bigInt({ min: 0n, max: 40n }),
    fc.bigInt({ min: (1n << BigInt(width[of])) - 40n, max: (1n << BigInt(width[of])) - 1n }),
    // IPv6: neighbours over the edge of a word, and IPv4 addresses in IPv6 left out.
    fc.bigInt({ min: 0n, max: 8n }).map((bits) => (of === 4 ? bits : (1n << 96n) - 4n + bits)),
  );

const rangesOf = fc.array(
  family.chain((of) =>
    fc
      .tuple(bitsOf(of), bitsOf(of), fc.integer({ min: 1, max: 3 }))
      .map(([a, b, value]): ValuedRange => ({ family: of, from: a < b ? a : b, to: a < b ? b : a, value })),
  ),
  { maxLength: 12 },
);

/** Of the ranges that hold an address, the one that begins last, then the shortest, then the last. */
function linear(ranges: readonly ValuedRange[], of: 4 | 6, bits: bigint): number {
  let best: ValuedRange | undefined;
  for (const range of ranges)
    if (range.family === of && range.from <= bits && bits <= range.to)
      if (best === undefined || range.from > best.from || (range.from === best.from && range.to <= best.to)) best = range;
  return best?.value ?? 0;
}

const aroundEdges = (ranges: readonly AddressRange[]) =>
  ranges.flatMap((range) =>
    [range.from - 1n, range.from, range.to, range.to + 1n]
      .filter((bits) => bits >= 0n && bits < 1n << BigInt(width[range.family]))
      .map((bits) => ({ family: range.family, bits })),
  );

describe('a table of ranges', () => {
  test('equals a linear search, edges included', () => {
    fc.assert(
      fc.property(rangesOf, fc.array(family.chain((of) => bitsOf(of).map((bits) => ({ family: of, bits })))), (ranges, more) => {
        const table = RangeTable.of(ranges);
        for (const address of [...aroundEdges(ranges), ...more])
          expect([textOf(address), table.find(textOf(address))]).toEqual([textOf(address), linear(ranges, address.family, address.bits)]);
      }),
      { numRuns: 400 },
    );
  });

  test('equals itself after the file', () => {
    fc.assert(
      fc.property(rangesOf, rangesOf, (networks, places) => {
        const systems = [
          { asn: 64496, owner: 'Example Hosting' },
          { asn: 4294967295, owner: 'Größe, GmbH "1"' },
          { asn: 1, owner: '' },
        ];
        const countries = ['NL', 'DE', 'US'];
        const owners = openOwners(
          packOwners({ attribution: 'who', systems, countries, networks: RangeTable.of(networks), places: RangeTable.of(places) }),
        );
        for (const address of aroundEdges([...networks, ...places])) {
          const system = systems[linear(networks, address.family, address.bits) - 1];
          const country = countries[linear(places, address.family, address.bits) - 1];
          expect(owners.of(textOf(address))).toEqual(
            system === undefined && country === undefined
              ? undefined
              : { asn: system?.asn ?? null, owner: system?.owner ?? null, country: country ?? null },
          );
        }
        expect(owners.attribution).toBe('who');
      }),
      { numRuns: 200 },
    );
  });

  test('another file is no file of owners', () => {
    expect(() => openOwners(Buffer.from('address owners 1\n{}\n'))).toThrow('not of this version');
  });
});

describe('addresses', () => {
  const words = new Uint32Array(4);

  test('of any text as Node says', () => {
    const sign = fc.constantFrom(...'0123456789abcdefF::::....g %/-'.match(/./g)!);
    const close = fc.oneof(
      fc.string({ unit: sign, maxLength: 24 }),
      fc.ipV4(),
      fc.ipV6(),
      fc.tuple(fc.ipV6(), fc.nat(45), sign).map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1)),
      fc.tuple(fc.ipV4(), fc.nat(15), sign).map(([text, at, put]) => text.slice(0, at) + put + text.slice(at)),
    );
    fc.assert(
      fc.property(close, (text) => {
        expect([text, readAddress(text, words) !== 0]).toEqual([text, isIPv4(text) || (isIPv6(text) && !text.includes('%'))]);
      }),
      { numRuns: 5000 },
    );
  });

  test('in any spelling have the number that ipaddr.js says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        // For these ipaddr.js keeps the name of a form that RFC 4291 gave up.
        fc.pre(!/^::\d+\./.test(text));
        const address = ipaddr.process(text);
        const bits = address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
        expect(addressNumber(text)).toEqual({ family: address.kind() === 'ipv4' ? 4 : 6, bits });
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['192.0.2.7', 4, 0xc0000207n, 0xc0000207n],
    ['192.0.2.7/24', 4, 0xc0000200n, 0xc00002ffn],
    ['0.0.0.0/0', 4, 0n, 0xffffffffn],
    ['2001:db8::/127', 6, 0x20010db8n << 96n, (0x20010db8n << 96n) + 1n],
  ])('network %s', (text, of, from, to) => expect(networkRange(text)).toEqual({ family: of, from, to }));

  test.each(['192.0.2.0/33', '192.0.2.0/', '192.0.2.0/-1', '192.0.2.0/24/1', '192.0.2/24', '2001:db8::/129', 'x', ''])(
    'no network: %s',
    (text) => expect(networkRange(text)).toBeUndefined(),
  );
});

describe('the owners that come with the package', () => {
  const path = join(__dirname, '..', '..', 'dist', 'owners.bin');
  const file = readFileSync(path);
  const owners = openOwners(file);

  test('are small, and tell where they are from', () => {
    expect(existsSync(path)).toBe(true);
    expect(file.length).toBeLessThan(8_000_000);
    expect(owners.attribution).toMatch(/DB-IP, \d{4}-\d{2}-\d{2};.*https:\/\/db-ip\.com.*CC BY 4\.0/);
  });

  test.each([
    ['8.8.8.8', { asn: 15169, owner: 'Google LLC', country: 'US' }],
    ['1.1.1.1', { asn: 13335, owner: 'Cloudflare, Inc.', country: 'AU' }],
    ['::ffff:1.1.1.1', { asn: 13335, owner: 'Cloudflare, Inc.', country: 'AU' }],
    ['2001:4860:4860::8888', { asn: 15169, owner: 'Google LLC' }],
  ])('%s', (address, owner) => expect(owners.of(address)).toMatchObject(owner));

  test('are none of addresses that the internet does not route', () => {
    const partial = readFileSync(join(__dirname, '..', '..', 'queries', '_partials', 'non_public_address.insights.txt'), 'utf8');
    const networks = [...partial.matchAll(/"([^"]+\/\d+)"/g)].map(([, network = '']) => networkRange(network)!);
    expect(networks.length).toBeGreaterThan(15);
    fc.assert(
      fc.property(fc.constantFrom(...networks), fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), ({ family: of, from, to }, random) => {
        for (const bits of [from, to, from + (random % (to - from + 1n))]) expect(owners.of(textOf({ family: of, bits }))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test.each(['', '-', 'eni-0abc', '8.8.8', '8.8.8.8/32'])('are none of %j', (text) => expect(owners.of(text)).toBeUndefined());
});
