/** Values of ranges of addresses, found by binary search in typed arrays. */
import { type AddressRange, type Family, readAddress } from './address';

/** Starts in ascending order, each with the value of the addresses up to the next; value 0: none. The first start is the lowest address. */
export interface Starts {
  readonly starts: Uint32Array;
  readonly values: Uint32Array;
}

export interface ValuedRange extends AddressRange {
  /** More than 0. */
  readonly value: number;
}

/** Words of a start. */
const WORDS = { 4: 1, 6: 4 } as const;

export class RangeTable {
  constructor(
    private readonly v4: Starts,
    private readonly v6: Starts,
  ) {}

  /** Where ranges overlap, the one that begins last applies, of these the shortest: for networks the most specific. */
  static of(ranges: readonly ValuedRange[]): RangeTable {
    const starts = (family: Family) => startsOf(family, flattened(ranges.filter((range) => range.family === family)));
    return new RangeTable(starts(4), starts(6));
  }

  starts(family: Family): Starts {
    return family === 4 ? this.v4 : this.v6;
  }

  /** The value for an address that {@link readAddress} read. */
  at(family: Family, words: Uint32Array): number {
    return family === 4 ? find4(this.v4, words[0] ?? 0) : find6(this.v6, words);
  }

  /** 0 for what is no address, too. */
  find(address: string): number {
    const family = readAddress(address, scratch);
    return family === 0 ? 0 : this.at(family, scratch);
  }
}

const scratch = new Uint32Array(4);

interface Segment {
  readonly start: bigint;
  readonly value: number;
}

function flattened(ranges: readonly ValuedRange[]): Segment[] {
  const sorted = [...ranges].sort((a, b) => (a.from === b.from ? (a.to === b.to ? 0 : a.to > b.to ? -1 : 1) : a.from < b.from ? -1 : 1));
  const segments: Segment[] = [{ start: 0n, value: 0 }];
  const open: ValuedRange[] = [];
  const begin = (start: bigint, value: number) => {
    if (segments.at(-1)?.start === start) segments.pop();
    if (segments.at(-1)?.value !== value) segments.push({ start, value });
  };
  const closeBefore = (limit: bigint | undefined) => {
    for (;;) {
      const top = open.at(-1);
      if (top === undefined || (limit !== undefined && top.to >= limit)) return;
      const next = top.to + 1n;
      while ((open.at(-1)?.to ?? next) < next) open.pop();
      begin(next, open.at(-1)?.value ?? 0);
    }
  };
  for (const range of sorted) {
    closeBefore(range.from);
    open.push(range);
    begin(range.from, range.value);
  }
  closeBefore(undefined);
  return segments;
}

function startsOf(family: Family, segments: readonly Segment[]): Starts {
  const width = WORDS[family];
  const beyond = 1n << BigInt(32 * width);
  const inside = segments.filter(({ start }) => start < beyond);
  const starts = new Uint32Array(inside.length * width);
  inside.forEach(({ start }, i) => {
    for (let word = 0; word < width; word++) starts[i * width + word] = Number((start >> BigInt(32 * (width - 1 - word))) & 0xffffffffn);
  });
  return { starts, values: Uint32Array.from(inside, ({ value }) => value) };
}

function find4({ starts, values }: Starts, bits: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= bits) low = middle;
    else high = middle - 1;
  }
  return values[low] ?? 0;
}

function find6({ starts, values }: Starts, words: Uint32Array): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    let word = 0;
    while (word < 3 && starts[4 * middle + word] === words[word]) word++;
    if ((starts[4 * middle + word] ?? 0) <= (words[word] ?? 0)) low = middle;
    else high = middle - 1;
  }
  return values[low] ?? 0;
}
