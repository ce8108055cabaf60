/**
 * A query cut where it would read the same twice. Athena (Trino) puts the text of a CTE into every place that names it, and reads and
 * bills its tables once for each: what is named more than once becomes a table first. docs/adr/0048-stages.md
 */
import { maskedSql } from './functions';

/** A table to be made: rows of a CTE. */
export interface Stage {
  /** Name of the CTE. */
  readonly name: string;
  readonly sql: string;
}

export interface Staged {
  /** In order: a later one reads earlier ones. */
  readonly stages: readonly Stage[];
  /** The rest, over the tables of the stages. */
  readonly sql: string;
}

interface Cte {
  readonly name: string;
  readonly body: string;
}

const HEAD = /^\s*,?\s*([A-Za-z_][A-Za-z0-9_]*)\s+AS\s*\(/i;
/** A CTAS cannot write their type, timestamp with time zone. https://docs.aws.amazon.com/athena/latest/ug/data-types.html */
const TIMED = /\b(?:from_unixtime|current_timestamp|now|timestamp)\b/i;

/** `WITH a AS (…), b AS (…) SELECT …`; none where a text does not begin so. */
export function ctesOf(sql: string): { readonly ctes: readonly Cte[]; readonly last: string } {
  const masked = maskedSql(sql);
  const begin = /^\s*with\b/i.exec(masked);
  if (begin === null) return { ctes: [], last: sql };
  const ctes: Cte[] = [];
  let at = begin[0].length;
  for (let head; (head = HEAD.exec(masked.slice(at))) !== null;) {
    const from = at + head[0].length;
    let depth = 1;
    let to = from;
    for (; to < masked.length && depth > 0; to++) depth += masked[to] === '(' ? 1 : masked[to] === ')' ? -1 : 0;
    ctes.push({ name: head[1] ?? '', body: sql.slice(from, to - 1) });
    at = to;
  }
  return { ctes, last: sql.slice(at) };
}

/** Names after FROM or JOIN, as often as they occur. */
export const tablesNamed = (sql: string): string[] =>
  [...maskedSql(sql).matchAll(/\b(?:from|join)\s+("[^"]+"(?:\."[^"]+")*|[a-z_][a-z0-9_]*)/gi)].map((match) =>
    (match[1] ?? '').replaceAll('"', '').toLowerCase(),
  );

/** @param table of a stage, as used in a FROM */
export function stagesOf(sql: string, table: (stage: string) => string): Staged {
  const { ctes, last } = ctesOf(sql);
  const named = [...ctes.map(({ body }) => body), last].flatMap(tablesNamed);
  const timed = new Set<string>();
  const stages: Stage[] = [];
  const before: string[] = [];
  const over = (text: string) => (before.length === 0 ? text : `WITH ${before.join(', ')}\n${text}`);
  for (const { name, body } of ctes) {
    const key = name.toLowerCase();
    if (TIMED.test(maskedSql(body)) || tablesNamed(body).some((one) => timed.has(one))) timed.add(key);
    const often = named.filter((one) => one === key).length > 1;
    if (often && !timed.has(key)) {
      stages.push({ name, sql: over(body) });
      before.push(`${name} AS (SELECT * FROM ${table(name)})`);
    } else before.push(`${name} AS (${body})`);
  }
  return stages.length === 0 ? { stages, sql } : { stages, sql: over(last) };
}
