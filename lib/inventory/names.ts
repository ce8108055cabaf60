/** What is known of addresses: the owners that come with the package, and files of one's own. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package-root';
import { SourceError } from '../source/errors';
import { AWS_LISTS, type AwsLists, awsListsOf, awsRanges } from './aws';
import { readCsv } from './csv';
import { type Known, NAME_FIELDS, type NameField, type NameSource } from './known';
import { isMmdb, readMmdb } from './mmdb';
import { openOwners, type Owners } from './owners-file';
import { rangeSource } from './range-source';

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

const JSON_BEGINS = /^\ufeff?\s*[[{]/;

/** Files of names by their content; those of an inventory are read together, because they refer to each other. @throws SourceError naming file, line and reason */
function readNames(paths: readonly string[]): NameSource[] {
  const lists: AwsLists[] = [];
  const sources = paths.flatMap((path): NameSource[] => {
    const file = readFileSync(path);
    if (isMmdb(file)) return [readMmdb(path, file)];
    const text = file.toString('utf8');
    if (!JSON_BEGINS.test(text)) return [readCsv(path, text)];
    lists.push(readLists(path, text));
    return [];
  });
  return lists.length === 0 ? sources : [...sources, rangeSource(['name', 'kind', 'workload'], awsRanges(joined(lists)))];
}

function readLists(path: string, text: string): AwsLists {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SourceError(`${path}: not JSON (${(cause as Error).message})`, { cause });
  }
  const lists = awsListsOf(value);
  if (lists === undefined)
    throw new SourceError(
      `${path}: expected the output of aws ec2 describe-network-interfaces, describe-instances and so on: an object with one of ${AWS_LISTS.join(', ')}`,
    );
  return lists;
}

const joined = (lists: readonly AwsLists[]): AwsLists =>
  Object.fromEntries(AWS_LISTS.map((key) => [key, lists.flatMap((one) => one[key] ?? [])]));

/** The files of a folder, in the order of their names. */
const filesOf = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map(({ name }) => join(path, name))
        .sort()
    : [path];

/** @param paths files, or folders of them, whose fields replace those of the owners that come with the package; the first that knows an address applies */
export function openNames(paths: readonly string[]): Names {
  const own = readNames(paths.flatMap(filesOf));
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
