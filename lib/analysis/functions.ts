/** Those of {@link ALLOWED_FUNCTIONS} that compute one value from values of the same row: a condition on a record may use them. */
export const ROW_FUNCTIONS: ReadonlySet<string> = new Set([
  // conditions and casts
  'coalesce',
  'nullif',
  'if',
  'try_cast',
  'cast',
  'greatest',
  'least',
  // numbers
  'abs',
  'round',
  'floor',
  'ceil',
  'sqrt',
  'ln',
  'power',
  'bitwise_and',
  // text
  'lower',
  'upper',
  'length',
  'substr',
  'split_part',
  'strpos',
  'replace',
  'concat',
  'regexp_like',
  'url_decode',
  // time
  'from_unixtime',
  'to_unixtime',
  'date_trunc',
  'date_format',
  'date_add',
  'date_diff',
  'day_of_week',
  'hour',
  // addresses
  'contains',
]);

/**
 * Functions that `athena.sql` may use: each is the same in Trino and in DuckDB with the prelude, and each has a test
 * (test/engine/prelude.test.ts) against values worked out from https://trino.io/docs/current/functions.html.
 * Left out on purpose: approximate aggregates (they differ per engine), `concat` with separators, lambdas.
 */
export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set([
  // aggregates
  'count',
  'sum',
  'min',
  'max',
  'avg',
  'count_if',
  'bool_or',
  'min_by',
  'max_by',
  'array_agg',
  'stddev_pop',
  // windows
  'grouping',
  'row_number',
  'rank',
  'lag',
  'lead',
  'first_value',
  // lists
  'sequence',
  'unnest',
  'cardinality',
  'array_join',
  ...ROW_FUNCTIONS,
]);

/** Words that a parenthesis may follow without a call. */
const KEYWORDS = new Set([
  'select',
  'distinct',
  'from',
  'where',
  'and',
  'or',
  'not',
  'in',
  'over',
  'as',
  'on',
  'by',
  'when',
  'then',
  'else',
  'values',
  'exists',
  'filter',
  'with',
  'join',
  'using',
  'union',
  'all',
  'any',
  'case',
  'between',
  'partition',
  'having',
  'interval',
  'array',
  'order',
  'limit',
  'like',
  'except',
  'intersect',
  'sets',
  'range',
]);

const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** SQL with comments and string literals emptied; parsed in one pass, since each may contain the other's delimiters. */
const withoutText = (sql: string): string =>
  sql.replace(TOKENS, (token) => (token.startsWith("'") ? "''" : token.startsWith('"') ? token : ' '));

/** SQL of the same length, comments and the insides of string literals blank: places in it are places in the text. */
export const maskedSql = (sql: string): string =>
  sql.replace(TOKENS, (token) =>
    token.startsWith('"') ? token : token.startsWith("'") ? `'${' '.repeat(token.length - 2)}'` : ' '.repeat(token.length),
  );

/** The same with quoted identifiers emptied too. */
export const bareSql = (sql: string): string => withoutText(sql).replace(/"(?:[^"]|"")*"/g, '"q"');

/** Names of the functions that a SQL text calls, lower case, each once. */
export function functionsOf(sql: string): string[] {
  const called = [...bareSql(sql).matchAll(/([A-Za-z_][A-Za-z0-9_]*)\s*\(/g)].map((match) => (match[1] ?? '').toLowerCase());
  const tables = [...bareSql(sql).matchAll(/(?:\bWITH|,|\bAS)\s+([A-Za-z_][A-Za-z0-9_]*)\s*(?:\([^()]*\))?\s*(?:AS\s*)?\(/gi)].map(
    (match) => (match[1] ?? '').toLowerCase(),
  );
  return [...new Set(called)].filter((name) => !KEYWORDS.has(name) && !(tables.includes(name) && !ALLOWED_FUNCTIONS.has(name)));
}

/** Names of subqueries in a FROM. */
function derivedTables(text: string): string[] {
  const open: number[] = [];
  return [...text.matchAll(/[()]/g)].flatMap(({ 0: sign, index }) => {
    if (sign === '(') {
      open.push(index);
      return [];
    }
    const from = open.pop();
    if (from === undefined || !/^\(\s*(?:select|with)\b/i.test(text.slice(from, from + 200))) return [];
    const alias = /^\)\s+AS\s+([a-z_][a-z0-9_]*)/i.exec(text.slice(index, index + 200))?.[1];
    return alias === undefined ? [] : [alias];
  });
}

/** Whether a text may read every column of the records: a `*` in a select list that is not known to be of a CTE or a subquery. */
function readsAll(text: string): boolean {
  if (/\bcolumns\s*\(/i.test(text)) return true;
  const ctes = new Set(
    [...[...text.matchAll(/\b([a-z_][a-z0-9_]*)\s+AS\s*\(/gi)].map((match) => match[1] ?? ''), ...derivedTables(text)].map((name) =>
      name.toLowerCase(),
    ),
  );
  const stars = [
    ...text.matchAll(/(?:\b(?:select|distinct|all)\s+|,\s*|\(\s*|([a-z_][a-z0-9_]*)\s*\.\s*)\*(?:\s*from\s+([a-z_][a-z0-9_]*))?/gi),
  ];
  return stars.some((match) => {
    const of = match[1] ?? match[2];
    return of === undefined || !ctes.has(of.toLowerCase());
  });
}

/** Column names that a SQL text may read: every word that is one of the given names; undefined if it may read all. */
export function columnsUsed(sql: string, names: readonly string[]): ReadonlySet<string> | undefined {
  const text = withoutText(sql).replace(/\bcount\s*\(\s*\*\s*\)/gi, 'count()');
  if (readsAll(text)) return undefined;
  const words = new Set(text.toLowerCase().match(/[a-z_][a-z0-9_]*/g));
  // A bare END closes a CASE: as a column it must be quoted, in both engines.
  return new Set(names.filter((name) => (name === 'end' ? /"end"/i.test(text) : words.has(name.toLowerCase()))));
}
