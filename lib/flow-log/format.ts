import {
  DEFAULT_TGW_FIELDS,
  DEFAULT_VPC_FIELDS,
  type Field,
  FIELDS,
  findField,
  findFieldBySqlName,
  type LogKind,
  recogniseField,
} from './fields';
import { findForeignField } from './foreign';

/** An ordered list of column names. Names that the field table does not know are kept: they are read as strings. */
export interface Format {
  readonly names: readonly string[];
}

export class FormatError extends Error {
  override name = 'FormatError';
}

/** What an unknown name may look like: printable ASCII without the characters that the other notations need (`$ { } ,`). */
const COLUMN_NAME = /^[\x21-\x23\x25-\x2b\x2d-\x7a\x7c\x7e]{1,128}$/;

/**
 * AWS's own spelling of names in any; unknown names are kept, and so is a name of a field that another
 * column names better (`start_time` next to `start`).
 */
export function canonicalNames(names: readonly string[]): string[] {
  const taken = new Set(names.filter((name) => findField(name) !== undefined || findFieldBySqlName(name) !== undefined).map(sqlNameOf));
  return names.map((name) => {
    const own = findField(name) ?? findFieldBySqlName(name);
    if (own !== undefined) return own.name;
    const field = recogniseField(name);
    if (field === undefined || taken.has(field.sqlName)) return name;
    taken.add(field.sqlName);
    return field.name;
  });
}

/**
 * Whether columns are those of a flow log. Others have names in common with it (`action`, `region`, `version`): it takes two known
 * names (one where there is only one column), and that they are half of all, or both addresses.
 */
export function namesFlowLog(names: readonly string[]): boolean {
  const known = new Set(names.flatMap((name) => recogniseField(name)?.name ?? []));
  const both = (a: string, b: string) => known.has(a) && known.has(b);
  return (
    known.size >= Math.min(2, names.length) &&
    known.size > 0 &&
    (2 * known.size >= names.length || both('srcaddr', 'dstaddr') || both('pkt-srcaddr', 'pkt-dstaddr'))
  );
}

/**
 * A format from names in any spelling.
 * @throws FormatError for an empty list, a name that cannot be a column, or two names for one SQL column
 */
export function formatOf(names: readonly string[]): Format {
  if (names.length === 0) throw new FormatError('a format needs at least one field; got none');
  const canonical = canonicalNames(names);
  const seen = new Map<string, string>();
  for (const [i, name] of names.entries()) {
    if (!COLUMN_NAME.test(name)) {
      throw new FormatError(
        `${JSON.stringify(name)} cannot be a field name: expected 1 to 128 printable ASCII characters without spaces, $, {, } and commas`,
      );
    }
    const column = sqlNameOf(canonical[i] ?? name).toLowerCase();
    const twin = seen.get(column);
    if (twin !== undefined) {
      throw new FormatError(
        `fields ${JSON.stringify(twin)} and ${JSON.stringify(name)} both map to column "${column}": list each field once`,
      );
    }
    seen.set(column, name);
  }
  return { names: canonical };
}

/** SQL column name of a field, known or not. */
export const sqlNameOf = (name: string): string => findField(name)?.sqlName ?? name.replaceAll('-', '_');

/** SQL type of a field in Athena's words; unknown fields are strings. */
export const athenaTypeOf = (name: string): Field['athenaType'] =>
  findField(name)?.athenaType ?? findForeignField(name)?.athenaType ?? 'string';

export const unknownNames = (format: Format): string[] =>
  format.names.filter((name) => findField(name) === undefined && findForeignField(name) === undefined);

/** Fields of one kind of flow log in table order of their version, as the console lists them. */
function allFields(kind: LogKind): string[] {
  const defaults: readonly string[] = kind === 'vpc' ? DEFAULT_VPC_FIELDS : DEFAULT_TGW_FIELDS;
  const rest = FIELDS.filter((f) => f.logs.includes(kind) && !defaults.includes(f.name));
  return [...defaults, ...rest.sort((a, b) => a.since - b.since).map((f) => f.name)];
}

/**
 * What we advise to log: versions 2 to 5 (who, where, original addresses, direction, path, service) plus
 * `reject-reason`; no field that needs extra permissions.
 */
function recommendedFields(): string[] {
  return allFields('vpc').filter((name) => {
    const field = findField(name);
    return field !== undefined && (field.since <= 5 || name === 'reject-reason');
  });
}

export const NAMED_FORMATS = {
  default: () => formatOf(DEFAULT_VPC_FIELDS),
  recommended: () => formatOf(recommendedFields()),
  all: () => formatOf(allFields('vpc')),
  'transit-gateway': () => formatOf(DEFAULT_TGW_FIELDS),
} as const;

/**
 * Reads a format from a name (`default`, `recommended`, `all`, `transit-gateway`), AWS's `${version} ${account-id} …`
 * string, or field names separated by spaces or commas (a header line).
 * @throws FormatError naming what was wrong
 */
export function parseFormat(text: string): Format {
  const trimmed = text.trim();
  if (Object.hasOwn(NAMED_FORMATS, trimmed)) return NAMED_FORMATS[trimmed as keyof typeof NAMED_FORMATS]();
  if (trimmed.includes('$')) return formatOf(parsePlaceholders(trimmed));
  const names = trimmed.split(/[\s,]+/).filter((name) => name !== '');
  const stranger = names.find((name) => recogniseField(name) === undefined);
  if (names.length === 1 && stranger !== undefined) {
    throw new FormatError(
      `unknown format ${JSON.stringify(trimmed)}: expected ${Object.keys(NAMED_FORMATS).join(', ')}, a list of fields, or a \${field} string`,
    );
  }
  return formatOf(names);
}

function parsePlaceholders(text: string): string[] {
  return text.split(/\s+/).map((token) => {
    const name = /^\$\{([^${}]+)\}$/.exec(token)?.[1];
    if (name === undefined) {
      throw new FormatError(
        `format ${JSON.stringify(text)}: got ${JSON.stringify(token)}, expected \${field-name}; separate fields with one space`,
      );
    }
    return name;
  });
}

/** AWS's form for the flow-log API: `${version} ${account-id}`. */
export const printFormat = (format: Format): string => format.names.map((name) => `\${${name}}`).join(' ');

/** The header line of a text object, without line end. */
export const printHeader = (format: Format): string => format.names.join(' ');

/** Same columns in the same order. */
export const formatKey = (format: Format): string => format.names.join(' ');
