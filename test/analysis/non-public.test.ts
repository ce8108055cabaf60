import ipaddr from 'ipaddr.js';
import { Catalogue } from '../../lib/analysis/catalogue';
import { renderPartial } from '../../lib/analysis/render';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { openRecords } from '../../lib/source/records';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';

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
