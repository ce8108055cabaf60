/** Owners of one's own in MaxMind's database format. https://maxmind.github.io/MaxMind-DB/ */
import { Reader, type Response } from 'mmdb-lib';
import { SourceError } from '../source/errors';
import { addressNumber } from './address';
import type { Known, NameField, NameSource } from './known';

const MARK = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
/** The mark is within these bytes of the end. */
const END = 128 * 1024;

export const isMmdb = (file: Buffer): boolean => file.subarray(Math.max(0, file.length - END)).includes(MARK);

/** By the type that a database says it is of; one that says neither may hold both. */
const KINDS: readonly (readonly [RegExp, readonly NameField[]])[] = [
  [/asn|isp|org/i, ['owner', 'asn']],
  [/country|city|location/i, ['country']],
];

/** Fields of the databases of MaxMind, DB-IP, IPinfo and ip-location-db. */
interface Entry {
  readonly autonomous_system_number?: unknown;
  readonly autonomous_system_organization?: unknown;
  readonly as_name?: unknown;
  readonly asn?: unknown;
  readonly country?: unknown;
  readonly country_code?: unknown;
}

const textOf = (...values: readonly unknown[]): string | null =>
  values.find((value): value is string => typeof value === 'string' && value !== '') ?? null;

function knownOf({ autonomous_system_number: number, autonomous_system_organization: organisation, ...entry }: Entry): Known {
  const asn = Number(number ?? textOf(entry.asn)?.replace(/^AS/i, '') ?? entry.asn);
  const country =
    entry.country !== null && typeof entry.country === 'object' ? (entry.country as { iso_code?: unknown }).iso_code : undefined;
  return {
    owner: textOf(organisation, entry.as_name),
    country: textOf(country, entry.country_code, entry.country),
    asn: Number.isSafeInteger(asn) && asn > 0 ? asn : null,
  };
}

/** @throws SourceError that names the file and the reason */
export function readMmdb(path: string, file: Buffer): NameSource {
  const explained = <T>(read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      throw new SourceError(`${path}: a damaged MMDB file (${(cause as Error).message}); download it again`, { cause });
    }
  };
  const reader = explained(() => new Reader<Response>(file));
  const { databaseType, ipVersion } = reader.metadata;
  const said = KINDS.filter(([type]) => type.test(databaseType)).flatMap(([, fields]) => fields);
  return {
    gives: new Set(said.length === 0 ? (['owner', 'country', 'asn'] as const) : said),
    of: (address) => {
      const family = addressNumber(address)?.family;
      if (family === undefined || (family === 6 && ipVersion === 4)) return undefined;
      const entry = explained(() => reader.get(address));
      return entry === null ? undefined : knownOf(entry as Entry);
    },
  };
}
