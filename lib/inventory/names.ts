/** What is known of addresses: the owners that come with the package, and files of one's own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package-root';
import { SourceError } from '../source/errors';
import { readCsv } from './csv';
import { type Known, NAME_FIELDS, type NameField, type NameSource } from './known';
import { isMmdb, readMmdb } from './mmdb';
import { openOwners, type Owners } from './owners-file';

export interface Names extends NameSource {
  /** Those that may be known, in the order of {@link NAME_FIELDS}. */
  readonly fields: readonly NameField[];
  /** What is said where owners of the package were shown; undefined while none was. */
  attribution(): string | undefined;
}

const OWNERS = 'owners.bin';

function ownersOfPackage(): Owners {
  const path = join(packageRoot(), 'dist', OWNERS);
  try {
    return openOwners(readFileSync(path));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new SourceError(`${path} is missing: the installation is damaged (in a checkout: npm run build); --names none does without`, {
      cause,
    });
  }
}

/** A file of names by its content. @throws SourceError naming file, line and reason */
function readNames(path: string): NameSource {
  const file = readFileSync(path);
  return isMmdb(file) ? readMmdb(path, file) : readCsv(path, file.toString('utf8'));
}

/** @param paths files whose fields replace those of the owners that come with the package; the first that knows an address applies */
export function openNames(paths: readonly string[]): Names {
  const own = paths.map(readNames);
  const replaced = new Set(own.flatMap(({ gives }) => [...gives]));
  let owners: Owners | undefined;
  let shown = false;
  const ofPackage = (['owner', 'country', 'asn'] as const).filter((field) => !replaced.has(field));
  const packaged: NameSource = {
    gives: new Set(ofPackage),
    of: (address) => {
      const known = (owners ??= ownersOfPackage()).of(address);
      shown ||= known !== undefined;
      return known;
    },
  };
  const sources = ofPackage.length === 0 ? own : [...own, packaged];
  const fields = NAME_FIELDS.filter((field) => replaced.has(field) || packaged.gives.has(field));
  return {
    gives: new Set(fields),
    fields,
    attribution: () => (shown ? owners?.attribution : undefined),
    of: own.length === 0 ? packaged.of : (address) => merged(sources, address),
  };
}

function merged(sources: readonly NameSource[], address: string): Known | undefined {
  const found: Partial<Record<NameField, string | number | null>> = {};
  for (const { gives, of } of sources) {
    const known = of(address);
    if (known !== undefined) for (const field of gives) found[field] ??= known[field] ?? null;
  }
  return Object.values(found).every((value) => value === null) ? undefined : (found as Known);
}
