import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { Catalogue } from '../../lib/analysis/catalogue';
import { renderPartial } from '../../lib/analysis/render';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { openRecords } from '../../lib/source/records';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const catalogue = new Catalogue();
const networks = [...catalogue.partial('non_public_address.insights.txt').matchAll(/"([^"]+\/\d+)"/g)].map(([, network = '']) =>
  ipaddr.parseCIDR(network),
);
const folder = temporaryFolder();

const expected = (text: string): boolean | null => {
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.parse(text);
  return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
};

/** The first and last address of each network, and their neighbours outside. */
function edges(): string[] {
  return networks.flatMap(([network, bits]) => {
    const bytes = BigInt(
      `0x${network
        .toByteArray()
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('')}`,
    );
    const width = network.kind() === 'ipv4' ? 32 : 128;
    const last = bytes + (1n << BigInt(width - bits)) - 1n;
    return [bytes - 1n, bytes, last, last + 1n]
      .filter((value) => value >= 0n && value < 1n << BigInt(width))
      .map((value) => {
        const parts = Array.from({ length: width / 8 }, (_, i) => Number((value >> BigInt(width - 8 * (i + 1))) & 255n));
        return ipaddr.fromByteArray(parts).toString();
      });
  });
}

/** Every spelling of an address of RFC 4291, section 2.2, but those that end in an IPv4 address: zeros in front, capitals, `::` in place of any run of zeros. */
function spellings(text: string): string[] {
  const { parts } = ipaddr.parse(text) as ipaddr.IPv6;
  const groups = parts.map((part) => part.toString(16));
  const shortened = groups.flatMap((_, from) =>
    groups.flatMap((__, at) => {
      const run = parts.slice(from, at + 1);
      if (run.length === 0 || run.some((part) => part !== 0)) return [];
      return [`${groups.slice(0, from).join(':')}::${groups.slice(at + 1).join(':')}`];
    }),
  );
  const plain = [groups.join(':'), ...shortened];
  const padded = plain.flatMap((one) => [4, 3].map((width) => one.replaceAll(/[0-9a-f]+/g, (group) => group.padStart(width, '0'))));
  return [...plain, ...padded].flatMap((one) => [one, one.toUpperCase()]);
}

test('however an IPv6 address is spelled', async () => {
  const group = fc.oneof(
    fc.constantFrom(0, 0, 0, 1, 0x64, 0xff9b, 0x100, 0x2001, 0xdb8, 0x3fff, 0xfff, 0x1000, 0xfc00, 0xfe80, 0xff02),
    fc.integer({ min: 0, max: 0xffff }),
  );
  const random = fc
    .sample(fc.array(group, { minLength: 8, maxLength: 8 }), 300)
    .map((parts) => parts.map((part) => part.toString(16)).join(':'));
  const near = fc
    .sample(fc.tuple(fc.constantFrom(...edges().filter((text) => text.includes(':'))), fc.nat(7), group), 300)
    .map(([text, at, part]) => (ipaddr.parse(text) as ipaddr.IPv6).parts.map((one, i) => (i === at ? part : one).toString(16)).join(':'));
  const texts = [...new Set([...edges().filter((text) => text.includes(':')), ...random, ...near].flatMap(spellings))];
  await withLogs([writeLog(folder, 'spelled.log', [HEADER, line({})].join('\n'))], async (records) => {
    await DuckDbEngine.over(records);
    const rows = await records.db.rows(
      `SELECT a, ${renderPartial(catalogue, 'non_public_address', { address: 'a' })} AS inside FROM (VALUES ${texts.map((text) => `('${text}')`).join(', ')}) AS t(a)`,
    );
    expect(rows.length).toBe(texts.length);
    expect(rows.filter(({ a, inside }) => inside !== expected(String(a)))).toEqual([]);
  });
});

test('an address is public exactly where it is in none of the networks of IANA’s registries', async () => {
  const firsts = Array.from({ length: 256 }, (_, i) => [`${i}.0.0.1`, `${i}.64.1.1`, `${i}.113.255.255`]).flat();
  const seconds = [100, 169, 172, 192, 198, 203].flatMap((first) => Array.from({ length: 256 }, (_, i) => `${first}.${i}.113.9`));
  const addresses = [
    ...edges(),
    ...firsts,
    ...seconds,
    '2600:1f18::1',
    '::1',
    'fe80::1',
    '2001:db9::',
    '1.10.0.0',
    '110.0.0.1',
    '192.0.20.1',
  ];
  const records = await openRecords([writeLog(folder, 'a.log', [HEADER, ...addresses.map((src) => line({ src }))].join('\n'))], {
    cache: undefined,
    threads: 1,
    memory: '200MB',
  });
  const engine = await DuckDbEngine.over(records);
  const { rows } = await engine.run(
    `SELECT DISTINCT srcaddr, ${renderPartial(catalogue, 'non_public_address', { address: 'srcaddr' })} AS inside FROM flow_records`,
  );
  await records.close();
  expect(networks.length).toBeGreaterThan(20);
  expect(rows.length).toBe(new Set(addresses).size);
  expect(rows.filter(({ srcaddr, inside }) => inside !== expected(String(srcaddr)))).toEqual([]);
});
