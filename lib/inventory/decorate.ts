/** Names in the rows of an answer: looked up at the edge, for what is shown, whatever engine answered. */
import type { ColumnType, Row, Value } from '../analysis/columns';
import { FIELDS } from '../flow-log/fields';
import { FLAT_COLUMNS } from '../flow-log/ibm';
import type { Known, NameField } from './known';
import type { Names } from './names';

interface Typed {
  readonly name: string;
  readonly type: ColumnType;
}

/** Columns of records that hold addresses, in the languages of the engines: a query of one's own declares no types. */
const ADDRESS_COLUMNS: ReadonlySet<string> = new Set([
  ...FIELDS.filter(({ name }) => /^(pkt-)?(src|dst)addr$/.test(name)).flatMap(({ sqlName, insightsName }) => [sqlName, insightsName]),
  ...FLAT_COLUMNS.filter(({ name }) => name.endsWith('_ip')).map(({ name }) => name),
]);

/** The columns of a query of one's own, with those of type address that are called as in the records. */
export const typedByField = <C extends Typed>(columns: readonly C[]): C[] =>
  columns.map((column) => (column.type === 'string' && ADDRESS_COLUMNS.has(column.name) ? { ...column, type: 'address' } : column));

const typeOf = (field: NameField): ColumnType => (field === 'asn' ? 'integer' : 'string');

/** Columns that say what is known of those of type address: `srcaddr_owner` and so on. */
export interface Naming<C extends Typed> {
  /** All columns, what is known of an address after it. */
  readonly columns: readonly (C | Typed)[];
  /** A row with these columns. */
  readonly row: (row: Row) => Row;
}

export function namingOf<C extends Typed>(columns: readonly C[], names: Names): Naming<C> {
  const taken = new Set(columns.map(({ name }) => name));
  const added = new Map(
    columns
      .filter(({ type }) => type === 'address')
      .map(({ name }) => [
        name,
        names.fields.map((field) => ({ field, name: `${name}_${field}`, type: typeOf(field) })).filter((one) => !taken.has(one.name)),
      ]),
  );
  const all = columns.flatMap((column) => [column, ...(added.get(column.name) ?? []).map(({ name, type }) => ({ name, type }))]);
  return {
    columns: all,
    row: (row) => {
      const named: Row = {};
      for (const [column, value] of Object.entries(row)) {
        named[column] = value;
        const more = added.get(column);
        if (more === undefined) continue;
        const known = knownOf(value, names);
        for (const { field, name } of more) named[name] = known?.[field] ?? null;
      }
      return named;
    },
  };
}

const knownOf = (value: Value | undefined, names: Names): Known | undefined => (typeof value === 'string' ? names.of(value) : undefined);

const ownerOf = ({ owner, country }: Known): string[] => [owner, country].filter((text) => typeof text === 'string');

/** `10.0.0.52 payments-db`, `52.135.147.241 · Microsoft Corporation · US`: an address in a table. */
export function labelOf(address: Value, names: Names): Value {
  const known = knownOf(address, names);
  if (known === undefined) return address;
  const thing = typeof known.name === 'string' ? `${String(address)} ${known.name}` : String(address);
  return [thing, ...ownerOf(known)].join(' · ');
}

/** A row with labels in its columns of type address. */
export const labelled = (row: Row, columns: readonly Typed[], names: Names): Row => ({
  ...row,
  ...Object.fromEntries(columns.filter(({ type }) => type === 'address').map(({ name }) => [name, labelOf(row[name] ?? null, names)])),
});

/** `payments-db (10.0.0.52:5432)`, `203.0.113.9:443 (Example Hosting, NL)`: an address in a sentence. @param endpoint the address as it is written there, such as with its port */
export function spoken(address: string, endpoint: string, names: Names): string {
  const known = names.of(address);
  if (known === undefined) return endpoint;
  if (typeof known.name === 'string') return `${known.name} (${[endpoint, ...ownerOf(known)].join(', ')})`;
  const owner = ownerOf(known);
  return owner.length === 0 ? endpoint : `${endpoint} (${owner.join(', ')})`;
}
