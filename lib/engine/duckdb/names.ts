/** Names of addresses in answers that DuckDB writes by itself: looked up once for each address, then joined. */
import type { ColumnType } from '../../analysis/columns';
import { namingOf, typedByField } from '../../inventory/decorate';
import type { Names } from '../../inventory/names';
import { sqlName, sqlString } from '../../source/duckdb';
import type { Records } from '../../source/records';
import { typeOf } from './types';

export interface ParquetNaming {
  /** Columns of the analysis; absent: those of the query, by their names. */
  readonly columns?: readonly { readonly name: string; readonly type: ColumnType }[] | undefined;
  readonly names?: Names | undefined;
}

const ANSWER = 'flowlogs_answer';
const KNOWN = 'flowlogs_known';
const PLACE = 'flowlogs_place';
/** Addresses of a statement. */
const AT_ONCE = 50_000;

/** A query whose result is that of `query` with what is known of its addresses. */
export async function withNames({ db }: Records, query: string, { columns, names }: ParquetNaming): Promise<string> {
  if (names === undefined) return query;
  const described = await db.rows(`DESCRIBE (${query}\n)`);
  const found = described.map(({ column_name: name, column_type: type }) => ({ name: String(name), type: typeOf(String(type)) }));
  const typed = columns === undefined ? typedByField(found) : found.map((one) => columns.find(({ name }) => name === one.name) ?? one);
  const addresses = typed.filter(({ type }) => type === 'address').map(({ name }) => name);
  if (addresses.length === 0) return query;
  // Numbered in its order, which a join does not keep.
  await db.rows(`CREATE OR REPLACE TABLE ${ANSWER} AS SELECT *, row_number() OVER () AS ${PLACE} FROM (${query}\n)`);
  const types = ['address VARCHAR', ...names.fields.map((field) => `${field} ${field === 'asn' ? 'BIGINT' : 'VARCHAR'}`)];
  await db.rows(`CREATE OR REPLACE TABLE ${KNOWN} (${types.join(', ')})`);
  const distinct = addresses.map((name) => `SELECT ${sqlName(name)} AS address FROM ${ANSWER}`).join(' UNION ');
  const { chunks } = await db.stream(`SELECT address FROM (${distinct}) WHERE address IS NOT NULL`);
  let waiting: string[][] = [];
  const put = async () => {
    if (waiting.length > 0) await db.rows(`INSERT INTO ${KNOWN} ${columnsSql(waiting)}`);
    waiting = [];
  };
  for await (const chunk of chunks) {
    for (const [address] of chunk) {
      const one = names.of(String(address));
      if (one !== undefined) waiting.push([String(address), ...names.fields.map((field) => String(one[field] ?? ''))]);
    }
    if (waiting.length >= AT_ONCE) await put();
  }
  await put();
  const own = new Set(typed.map(({ name }) => name));
  const selected = namingOf(typed, names).columns.map(({ name }) => {
    if (own.has(name)) return `${ANSWER}.${sqlName(name)}`;
    const at = addresses.findIndex((address) => names.fields.some((field) => name === `${address}_${field}`));
    return `known${at}.${name.slice((addresses[at] ?? '').length + 1)} AS ${sqlName(name)}`;
  });
  const joins = addresses.map((name, i) => `LEFT JOIN ${KNOWN} known${i} ON known${i}.address = ${ANSWER}.${sqlName(name)}`);
  return `SELECT ${selected.join(', ')} FROM ${ANSWER} ${joins.join(' ')} ORDER BY ${PLACE}`;
}

/** Rows of texts as a SELECT; an empty text is NULL. A column is one literal, split, because a literal for each value takes long to plan; in SQL none can hold a NUL. */
function columnsSql(rows: readonly (readonly string[])[]): string {
  const separator = absentIn(rows.flat().join(''));
  const columns = (rows[0] ?? []).map((_, i) =>
    rows
      .map((row) => row[i] ?? '')
      .join(separator)
      .replaceAll('\0', '\ufffd'),
  );
  return `SELECT ${columns.map((text) => `nullif(unnest(string_split(${sqlString(text)}, ${sqlString(separator)})), '')`).join(', ')}`;
}

/** A character that a text does not contain, of those that Unicode gives no meaning. */
function absentIn(text: string): string {
  let code = 0xe000;
  while (text.includes(String.fromCharCode(code))) code++;
  return String.fromCharCode(code);
}
