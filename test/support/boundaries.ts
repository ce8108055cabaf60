/** Records that hold one value at a boundary each, between neighbours that hold none, and what reading them must give. */
import { FIELDS } from '../../lib/flow-log/fields';

const BOUNDARIES = [
  '0',
  '-1',
  '2147483647',
  '2147483648',
  '-2147483649',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '',
  '-',
  'a\u0001b',
  'a\rb',
  'a\u001b[31mb',
  '=1+1',
  '%',
  "'",
  '"',
  'ä',
  '1e3',
  '1.5',
  '0x10',
] as const;

const LONG = 'x'.repeat(65_536);
/** Fields that hold a long value where many fields are looked at: what is read by number, by word, and passed on. */
const HOLD_LONG: ReadonlySet<string> = new Set([
  'start',
  'bytes',
  'interface-id',
  'srcaddr',
  'action',
  'pkt-dst-aws-service',
  'instance-tag',
]);

/** Names a record, in a column that no boundary is put in. */
export const CASE = 'case-id';

const T0 = 1790000000;

const ORDINARY: Readonly<Record<string, string>> = {
  ...{ version: '5', 'account-id': '123456789012', 'interface-id': 'eni-0a1', srcaddr: '10.0.0.5', dstaddr: '203.0.113.9' },
  ...{ srcport: '40000', dstport: '443', protocol: '6', packets: '10', bytes: '1000', start: String(T0), end: String(T0 + 60) },
  ...{
    action: 'ACCEPT',
    'log-status': 'OK',
    'vpc-id': 'vpc-1',
    'subnet-id': 'subnet-1',
    'instance-id': 'i-1',
    'tcp-flags': '2',
    type: 'IPv4',
  },
  ...{ 'pkt-srcaddr': '10.0.0.5', 'pkt-dstaddr': '203.0.113.9', region: 'us-east-1', 'az-id': 'use1-az1', 'flow-direction': 'egress' },
};

const ordinary = (name: string, integer: boolean) => ORDINARY[name] ?? (integer ? '1' : '-');

export interface BoundaryCase {
  readonly id: string;
  /** In the order of the columns. */
  readonly values: readonly string[];
}

/** Names of the columns of all cases. */
export const COLUMNS: readonly string[] = [...FIELDS.map(({ name }) => name), CASE];

/** For each of these fields and each boundary a record, and a neighbour behind it. @param longIn which fields hold 64 KiB, too */
export function boundaryCases(fields: readonly string[], { longIn }: { longIn: 'some' | 'all' }): readonly BoundaryCase[] {
  const record = (id: string, field?: string, value = '') => ({
    id,
    values: [...FIELDS.map(({ name, textType }) => (name === field ? value : ordinary(name, textType === 'integer'))), id],
  });
  const valuesOf = (field: string) => [...BOUNDARIES, ...(longIn === 'all' || HOLD_LONG.has(field) ? [LONG] : [])];
  return fields.flatMap((field, i) =>
    valuesOf(field).flatMap((value, j) => [record(`edge-${i}-${j}`, field, value), record(`good-${i}-${j}`)]),
  );
}

/** Names in SQL to values of the columns that are not NULL. */
export type Expected = Readonly<Record<string, string>>;

/** What docs/reading.md makes of it: a record, its bad values, or a rejected line (undefined). */
export function expectedOf({ values }: BoundaryCase, form: 'text' | 'parquet'): { record: Expected; bad: number } | undefined {
  if (form === 'text' && (values.includes('') || values.join(' ').length > 65_536)) return undefined;
  const record: Record<string, string> = {};
  let bad = 0;
  for (const [i, name] of COLUMNS.entries()) {
    const text = values[i] ?? '';
    const field = FIELDS[i];
    if (text === '-') continue;
    const value = field === undefined || field.textType === 'string' ? text : integer(text, field.athenaType === 'int' ? 31n : 63n, name);
    if (value === undefined) bad++;
    else record[field?.sqlName ?? CASE.replace('-', '_')] = value;
  }
  return { record, bad };
}

function integer(text: string, bits: bigint, name: string): string | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const value = BigInt(text);
  if (value < -(2n ** bits) || value >= 2n ** bits) return undefined;
  if (name !== 'start' && name !== 'end') return value.toString();
  if (value < -62_135_596_800n) return undefined;
  const digits = text.length;
  return (value < 100_000_000_000n ? value : value / 10n ** BigInt(digits <= 14 ? 3 : digits <= 17 ? 6 : 9)).toString();
}
