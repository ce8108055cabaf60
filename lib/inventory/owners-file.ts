/**
 * The owners that come with the package, in one file: a line of JSON that says what follows, then columns, each compressed by itself, so that
 * a question about IPv4 addresses does not unpack those of IPv6. Starts are differences to the one before, bytes of one weight together.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Family, readAddress } from './address';
import type { Known, NameSource } from './known';
import { RangeTable, type Starts } from './range-table';

const MAGIC = 'address owners 1';

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

type Column = 'systems' | 'organisations' | `${'networks' | 'places'}${Family}.starts` | `${'networks' | 'places'}${Family}.values`;

interface Head {
  readonly attribution: string;
  readonly countries: readonly string[];
  /** Compressed bytes and number of values of each column, in the order of the file. */
  readonly columns: readonly { readonly name: Column; readonly bytes: number; readonly count: number }[];
}

const STARTS = { 4: 4, 6: 16 } as const;
const SYSTEMS = 3;
const COUNTRIES = 1;

const planes = (values: Uint32Array, width: number): Buffer => {
  const bytes = Buffer.alloc(values.length * width);
  values.forEach((value, i) => {
    for (let byte = 0; byte < width; byte++) bytes[byte * values.length + i] = (value >>> (8 * byte)) & 255;
  });
  return bytes;
};

function fromPlanes(bytes: Uint8Array, count: number, width: number): Uint32Array {
  const values = new Uint32Array(count);
  for (let byte = 0; byte < width; byte++) {
    const [from, shift] = [byte * count, 8 * byte];
    for (let i = 0; i < count; i++) values[i] = (values[i] ?? 0) | ((bytes[from + i] ?? 0) << shift);
  }
  return values;
}

/** Word by word, the lowest first. */
function differences(starts: Uint32Array, words: number): Buffer {
  const count = starts.length / words;
  const parts: Buffer[] = [];
  const borrow = new Uint8Array(count);
  for (let word = words - 1; word >= 0; word--) {
    const column = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const difference = (starts[i * words + word] ?? 0) - (i === 0 ? 0 : (starts[(i - 1) * words + word] ?? 0)) - (borrow[i] ?? 0);
      borrow[i] = difference < 0 ? 1 : 0;
      column[i] = difference;
    }
    parts.push(planes(column, 4));
  }
  return Buffer.concat(parts);
}

function fromDifferences(bytes: Uint8Array, count: number, words: number): Uint32Array {
  const starts = new Uint32Array(count * words);
  const carry = new Uint8Array(count);
  for (let part = 0; part < words; part++) {
    const column = fromPlanes(bytes.subarray(part * count * 4, (part + 1) * count * 4), count, 4);
    const word = words - 1 - part;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += (column[i] ?? 0) + (carry[i] ?? 0);
      carry[i] = sum > 0xffffffff ? 1 : 0;
      sum >>>= 0;
      starts[i * words + word] = sum;
    }
  }
  return starts;
}

export function packOwners({ attribution, systems, networks, countries, places }: OwnersData): Buffer {
  const ofTable = (name: 'networks' | 'places', table: RangeTable, width: number): [Column, Buffer, number][] =>
    ([4, 6] as const).flatMap((family): [Column, Buffer, number][] => {
      const { starts, values } = table.starts(family);
      return [
        [`${name}${family}.starts`, differences(starts, STARTS[family] / 4), values.length],
        [`${name}${family}.values`, planes(values, width), values.length],
      ];
    });
  const columns: [Column, Buffer, number][] = [
    [
      'systems',
      planes(
        Uint32Array.from(systems, ({ asn }) => asn),
        4,
      ),
      systems.length,
    ],
    ['organisations', Buffer.from(systems.map(({ owner }) => `${owner}\n`).join('')), systems.length],
    ...ofTable('networks', networks, SYSTEMS),
    ...ofTable('places', places, COUNTRIES),
  ];
  const packed = columns.map(([name, bytes, count]) => ({ name, count, bytes: deflateRawSync(bytes, { level: 9 }) }));
  const head: Head = { attribution, countries, columns: packed.map(({ name, count, bytes }) => ({ name, bytes: bytes.length, count })) };
  return Buffer.concat([Buffer.from(`${MAGIC}\n${JSON.stringify(head)}\n`), ...packed.map(({ bytes }) => bytes)]);
}

/** Columns of a file, unpacked when they are needed. */
class Columns {
  readonly head: Head;
  private readonly places = new Map<Column, { from: number; bytes: number; count: number }>();

  constructor(private readonly file: Buffer) {
    const [first, second] = [file.indexOf(10), file.indexOf(10, MAGIC.length + 1)];
    if (file.toString('latin1', 0, first) !== MAGIC)
      throw new Error('the file of owners is not of this version: the installation is damaged');
    this.head = JSON.parse(file.toString('utf8', first + 1, second)) as Head;
    let from = second + 1;
    for (const { name, bytes, count } of this.head.columns) {
      this.places.set(name, { from, bytes, count });
      from += bytes;
    }
  }

  column(name: Column): { bytes: Buffer; count: number } {
    const place = this.places.get(name);
    if (place === undefined) throw new Error(`the file of owners has no column ${name}: the installation is damaged`);
    return { bytes: inflateRawSync(this.file.subarray(place.from, place.from + place.bytes)), count: place.count };
  }

  starts(table: 'networks' | 'places', family: Family): Starts {
    const { bytes, count } = this.column(`${table}${family}.starts`);
    return {
      starts: fromDifferences(bytes, count, STARTS[family] / 4),
      values: fromPlanes(this.column(`${table}${family}.values`).bytes, count, table === 'networks' ? SYSTEMS : COUNTRIES),
    };
  }
}

/** Lines of a text that are found by number; only those that are read become strings. */
class Lines {
  private readonly ends: Uint32Array;

  constructor(
    private readonly text: Buffer,
    count: number,
  ) {
    this.ends = new Uint32Array(count + 1);
    for (let i = 1, from = 0; i <= count; i++) this.ends[i] = from = text.indexOf(10, from) + 1;
  }

  at(i: number): string {
    return this.text.toString('utf8', this.ends[i], (this.ends[i + 1] ?? 0) - 1);
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
  let systems: { numbers: Uint32Array; names: Lines } | undefined;
  const systemsOf = () => {
    if (systems !== undefined) return systems;
    const [numbers, names] = [columns.column('systems'), columns.column('organisations')];
    return (systems = { numbers: fromPlanes(numbers.bytes, numbers.count, 4), names: new Lines(names.bytes, names.count) });
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
      const owner: Known = {
        owner: system === 0 ? null : systemsOf().names.at(system - 1),
        country: countries[place - 1] ?? null,
        asn: system === 0 ? null : (systemsOf().numbers[system - 1] ?? null),
      };
      owners.set(key, owner);
      return owner;
    },
  };
}
