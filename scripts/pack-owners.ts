/** Writes dist/owners.bin for scripts/owners.mjs, which gives the days of the data: docs/adr/0080-owners-of-addresses.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { networkRange } from '../lib/inventory/address';
import { packOwners } from '../lib/inventory/owners-file';
import { RangeTable, type ValuedRange } from '../lib/inventory/range-table';
import { csvFields } from '../lib/source/csv-line';

const folder = (name: string) => `node_modules/@ip-location-db/${name}`;

/** The networks that have no owner: those that the internet does not route, and one that IPv4 addresses are written in. */
const unowned = [...readFileSync('queries/_partials/non_public_address.insights.txt', 'utf8').matchAll(/"([^"]+\/\d+)"/g)]
  .map(([, network = '']) => networkRange(network))
  .filter((network) => network !== undefined);

/** What of a range is left without these networks. */
function owned(range: ValuedRange): ValuedRange[] {
  const hole = unowned.find(({ family, from, to }) => family === range.family && range.from <= to && range.to >= from);
  if (hole === undefined) return [range];
  const rest = [
    { ...range, to: hole.from - 1n },
    { ...range, from: hole.to + 1n },
  ];
  return rest.filter(({ from, to }) => from <= to).flatMap(owned);
}

/** Rows of both families: first and last address as numbers, then what is said of them. */
function tableOf(name: string, valueOf: (fields: readonly string[]) => number): RangeTable {
  const ranges = ([4, 6] as const).flatMap((family) =>
    readFileSync(`${folder(name)}/${name}-ipv${family}-num.csv`, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '')
      .flatMap((line) => {
        const [from = '', to = '', ...rest] = csvFields(line) ?? [];
        if (!/^\d+$/.test(from) || !/^\d+$/.test(to) || rest.length === 0 || BigInt(from) > BigInt(to))
          throw new Error(`${name}, IPv${family}: ${JSON.stringify(line)}: expected first address,last address,…`);
        const value = valueOf(rest);
        return value === 0 ? [] : owned({ family, from: BigInt(from), to: BigInt(to), value });
      }),
  );
  return RangeTable.of(ranges);
}

const systems: { asn: number; owner: string }[] = [];
const systemOf = new Map<string, number>();
const countries: string[] = [];

const networks = tableOf('asn', ([asn = '', owner = '']) => {
  const known = systemOf.get(asn);
  if (known !== undefined) return known;
  // One name for each system: the packages of both families name some in two ways.
  systems.push({ asn: Number(asn), owner: owner.replace(/\s+/g, ' ').trim() });
  systemOf.set(asn, systems.length);
  return systems.length;
});
const places = tableOf('dbip-country', ([country = '']) => {
  if (!/^[A-Z]{2}$/.test(country) || country === 'ZZ') return 0;
  if (!countries.includes(country)) countries.push(country);
  return countries.indexOf(country) + 1;
});

const [day = '', month = ''] = process.argv.slice(2);
const attribution = `Owners of addresses: RouteViews, NRO and DB-IP, ${day}; countries: IP Geolocation by DB-IP (https://db-ip.com), ${month}; CC BY 4.0`;
const file = packOwners({ attribution, systems, networks, countries, places });
const MOST_BYTES = 8_000_000;
if (file.length > MOST_BYTES) throw new Error(`dist/owners.bin has ${file.length} bytes; expected at most ${MOST_BYTES}`);
writeFileSync('dist/owners.bin', file);
