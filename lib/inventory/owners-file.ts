/**
 * The owners that come with the package, in one file: a line of JSON that says what follows, then columns, each compressed by itself, so that
 * a question about IPv4 addresses does not unpack those of IPv6. Numbers are as they are in memory: whatever else would make the file smaller
 * takes longer to undo than the rest of a short question.
 */
import { endianness } from 'node:os';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Family, readAddress } from './address';
import type { Known, NameSource } from './known';
import { RangeTable, type Starts } from './range-table';

const MAGIC = 'address owners 2';

export interface OwnersData {
  /** What is said where owners are shown. */
  readonly attribution: string;
  /** Each number once; values of {@link networks} are positions in it, from 1. */
  readonly systems: readonly { readonly asn: number; readonly owner: string }[];
  readonly networks: RangeTable;
  /** Values of {@link places} are positions in it, from 1. */
  readonly countries: readonly string[];
  readonly places: RangeTable;
}

type Column =
  | 'systems'
  | 'organisations'
  | 'organisations.ends'
  | `${'networks' | 'places'}${Family}.starts`
  | `${'networks' | 'places'}${Family}.values`;

interface Head {
  readonly attribution: string;
  readonly countries: readonly string[];
  /** Compressed bytes of each column, in the order of the file. */
  readonly columns: readonly { readonly name: Column; readonly bytes: number }[];
}

/** Little-endian. */
function bytesOf(numbers: Uint32Array): Buffer {
  const bytes = Buffer.from(numbers.slice().buffer);
  return endianness() === 'LE' ? bytes : bytes.swap32();
}

function numbersOf(bytes: Buffer): Uint32Array {
  const own = endianness() === 'LE' ? bytes : bytes.swap32();
  // A copy: what is unpacked may begin anywhere in its memory, and numbers may not.
  return new Uint32Array(own.buffer.slice(own.byteOffset, own.byteOffset + own.byteLength) as ArrayBuffer);
}

export function packOwners({ attribution, systems, networks, countries, places }: OwnersData): Buffer {
  const ofTable = (name: 'networks' | 'places', table: RangeTable): [Column, Buffer][] =>
    ([4, 6] as const).flatMap((family): [Column, Buffer][] => {
      const { starts, values } = table.starts(family);
      return [
        [`${name}${family}.starts`, bytesOf(starts)],
        [`${name}${family}.values`, bytesOf(values)],
      ];
    });
  const texts = systems.map(({ owner }) => Buffer.from(owner));
  let end = 0;
  const columns: [Column, Buffer][] = [
    ['systems', bytesOf(Uint32Array.from(systems, ({ asn }) => asn))],
    ['organisations', Buffer.concat(texts)],
    ['organisations.ends', bytesOf(Uint32Array.from(texts, ({ length }) => (end += length)))],
    ...ofTable('networks', networks),
    ...ofTable('places', places),
  ];
  const packed = columns.map(([name, bytes]) => ({ name, bytes: deflateRawSync(bytes, { level: 9 }) }));
  const head: Head = { attribution, countries, columns: packed.map(({ name, bytes }) => ({ name, bytes: bytes.length })) };
  return Buffer.concat([Buffer.from(`${MAGIC}\n${JSON.stringify(head)}\n`), ...packed.map(({ bytes }) => bytes)]);
}

/** Columns of a file, unpacked when they are needed. */
class Columns {
  readonly head: Head;
  private readonly places = new Map<Column, { from: number; to: number }>();

  constructor(private readonly file: Buffer) {
    const [first, second] = [file.indexOf(10), file.indexOf(10, MAGIC.length + 1)];
    if (file.toString('latin1', 0, first) !== MAGIC)
      throw new Error('the file of owners is not of this version: the installation is damaged');
    this.head = JSON.parse(file.toString('utf8', first + 1, second)) as Head;
    let from = second + 1;
    for (const { name, bytes } of this.head.columns) this.places.set(name, { from, to: (from += bytes) });
  }

  bytes(name: Column): Buffer {
    const place = this.places.get(name);
    if (place === undefined) throw new Error(`the file of owners has no column ${name}: the installation is damaged`);
    return inflateRawSync(this.file.subarray(place.from, place.to));
  }

  numbers(name: Column): Uint32Array {
    return numbersOf(this.bytes(name));
  }

  starts(table: 'networks' | 'places', family: Family): Starts {
    return { starts: this.numbers(`${table}${family}.starts`), values: this.numbers(`${table}${family}.values`) };
  }
}

/** One family of both tables. */
interface Half {
  readonly networks: RangeTable;
  readonly places: RangeTable;
}

const NONE: Starts = { starts: new Uint32Array(4), values: new Uint32Array(1) };

/** Owners of public addresses; private, reserved and multicast addresses have none. */
export interface Owners extends NameSource {
  /** Where they are from, as their licence requires it to be said. */
  readonly attribution: string;
}

/** Owners by a file that {@link packOwners} made. */
export function openOwners(file: Buffer): Owners {
  const columns = new Columns(file);
  const { attribution, countries } = columns.head;
  const halves = new Map<Family, Half>();
  const halfOf = (family: Family): Half => {
    const known = halves.get(family);
    if (known !== undefined) return known;
    const table = (name: 'networks' | 'places') => {
      const starts = columns.starts(name, family);
      return family === 4 ? new RangeTable(starts, NONE) : new RangeTable(NONE, starts);
    };
    const half = { networks: table('networks'), places: table('places') };
    halves.set(family, half);
    return half;
  };
  let systems: { numbers: Uint32Array; text: Buffer; ends: Uint32Array } | undefined;
  const systemsOf = () =>
    (systems ??= {
      numbers: columns.numbers('systems'),
      text: columns.bytes('organisations'),
      ends: columns.numbers('organisations.ends'),
    });
  const systemAt = (i: number): Pick<Known, 'owner' | 'asn'> => {
    const { numbers, text, ends } = systemsOf();
    return { owner: text.toString('utf8', i === 0 ? 0 : ends[i - 1], ends[i]), asn: numbers[i] ?? null };
  };
  const words = new Uint32Array(4);
  // One object for all addresses of an owner: a million answers must not be a million objects.
  const owners = new Map<number, Known>();
  return {
    attribution,
    gives: new Set(['owner', 'country', 'asn'] as const),
    of: (address) => {
      const family = readAddress(address, words);
      if (family === 0) return undefined;
      const half = halfOf(family);
      const system = half.networks.at(family, words);
      const place = half.places.at(family, words);
      if (system === 0 && place === 0) return undefined;
      const key = system * 256 + place;
      const known = owners.get(key);
      if (known !== undefined) return known;
      const { owner: organisation = null, asn = null } = system === 0 ? {} : systemAt(system - 1);
      const owner: Known = { owner: organisation, country: countries[place - 1] ?? null, asn };
      owners.set(key, owner);
      return owner;
    },
  };
}
