import type { AddressRange } from './address';
import type { Known, NameField, NameSource } from './known';
import { RangeTable } from './range-table';

/** Addresses of which the same is known. */
export interface KnownRange extends AddressRange {
  readonly known: Known;
}

/** What is known of ranges, the most specific of those that an address is in. */
export function rangeSource(gives: readonly NameField[], ranges: readonly KnownRange[]): NameSource {
  const table = RangeTable.of(ranges.map((range, i) => ({ ...range, value: i + 1 })));
  return { gives: new Set(gives), of: (address) => ranges[table.find(address) - 1]?.known };
}
