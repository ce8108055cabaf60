/** Names and owners of one's own in a CSV file. */
import { SourceError } from '../source/errors';
import { csvFields } from '../source/csv-line';
import { addressNumber, type AddressRange, networkRange } from './address';
import { type Known, NAME_FIELDS, type NameField } from './known';
import { rangeSource, type KnownRange } from './range-source';
import type { NameSource } from './known';

const PLACES = ['address', 'network', 'from', 'to'] as const;
type Column = (typeof PLACES)[number] | NameField;
const COLUMNS: readonly Column[] = [...PLACES, ...NAME_FIELDS];

/** Files of ip-location-db have no header line. https://github.com/sapics/ip-location-db */
const WITHOUT_HEADER: Readonly<Record<number, readonly Column[]>> = { 3: ['from', 'to', 'country'], 4: ['from', 'to', 'asn', 'owner'] };

const EXPECTED = `a header line with address, network, or from and to, and with at least one of ${NAME_FIELDS.join(', ')}`;

/** @throws SourceError that names file, line and reason */
export function readCsv(path: string, text: string): NameSource {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const fail = (line: number, what: string): never => {
    throw new SourceError(`${path}, line ${line + 1}: ${what}`);
  };
  const fieldsOf = (line: number) => (csvFields(lines[line] ?? '') ?? fail(line, 'a quote is not closed')).map((field) => field.trim());
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first === -1) throw new SourceError(`${path}: the file is empty; expected CSV with ${EXPECTED}`);
  const names = fieldsOf(first);
  const bare = addressNumber(names[0] ?? '') === undefined ? undefined : WITHOUT_HEADER[names.length];
  const columns = bare ?? names.map((name) => COLUMNS.find((column) => column === name.toLowerCase()));
  const given = NAME_FIELDS.filter((field) => columns.includes(field));
  const placed = columns.includes('address') || columns.includes('network') || (columns.includes('from') && columns.includes('to'));
  if (!placed || given.length === 0) return fail(first, `got ${JSON.stringify((lines[first] ?? '').slice(0, 80))}; expected ${EXPECTED}`);
  const ranges: KnownRange[] = [];
  for (let line = bare === undefined ? first + 1 : first; line < lines.length; line++) {
    if (lines[line]?.trim() === '') continue;
    const fields = fieldsOf(line);
    if (fields.length !== columns.length) fail(line, `got ${fields.length} fields; expected ${columns.length}`);
    const at = (column: Column) => fields[columns.indexOf(column)] ?? '';
    const range = rangeOf(at);
    if (typeof range === 'string') return fail(line, range);
    const asn = asnOf(at('asn'));
    if (asn === undefined) return fail(line, `asn ${JSON.stringify(at('asn'))}: expected a number such as 64496 or AS64496`);
    ranges.push({ ...range, known: { ...textsOf(at), ...(columns.includes('asn') ? { asn } : {}) } });
  }
  return rangeSource(given, ranges);
}

const textsOf = (at: (column: Column) => string): Known =>
  Object.fromEntries(NAME_FIELDS.filter((field) => field !== 'asn' && at(field) !== '').map((field) => [field, at(field)]));

/** Null for none, undefined for what is no number. */
function asnOf(text: string): number | null | undefined {
  if (text === '') return null;
  const [, digits] = /^(?:AS)?(\d{1,10})$/i.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function rangeOf(at: (column: Column) => string): AddressRange | string {
  const network = at('network') || at('address');
  if (network !== '')
    return networkRange(network) ?? `${JSON.stringify(network)} is no address or network; expected such as 10.0.0.52 or 10.0.0.0/24`;
  const [from, to] = [addressNumber(at('from')), addressNumber(at('to'))];
  if (from === undefined || to?.family !== from.family || to.bits < from.bits)
    return `got ${JSON.stringify(`${at('from')} to ${at('to')}`)}; expected the first and the last address of a range`;
  return { family: from.family, from: from.bits, to: to.bits };
}
