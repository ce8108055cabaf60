/** A window or a scope that no record meets is no answer: what the logs hold instead. */
import { humanCount } from '../lib/analysis/human';
import { isoTime, recordsCondition } from '../lib/analysis/render';
import { parseScope, printScope, scopeFields, scopeSql } from '../lib/analysis/scope';
import { similar } from '../lib/analysis/similar';
import { sqlNameOf } from '../lib/flow-log/format';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { SourceError } from '../lib/source/errors';
import type { Records } from '../lib/source/records';
import { EXIT } from './errors';
import type { ScopeOptions, TimeOptions } from './options';
import { notice } from './say';
import { isAsked, scopeOf, windowOf } from './window';

/** One condition of the command, and what the logs hold of what it is about. */
interface Part {
  readonly name: string;
  readonly sql: string;
  readonly held: () => Promise<string>;
}

interface Asker {
  readonly run: (sql: string) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

type Asking = Partial<TimeOptions> & ScopeOptions;

const SHOWN = 3;

/** Why no record meets the window and the scope of a command; undefined where one does, or where neither was given. */
export async function nothingMatched(options: Asking, records: Records, engine: Asker): Promise<string | undefined> {
  const parts = await partsOf(options, records, engine);
  const met = async (all: readonly Part[]) => {
    const { rows } = await engine.run(
      `SELECT 1 AS met FROM ${RECORDS_TABLE} WHERE ${all.map(({ sql }) => `(${sql})`).join(' AND ')} LIMIT 1`,
    );
    return rows.length > 0;
  };
  if (parts.length === 0 || (await met(parts))) return undefined;
  const unmet: string[] = [];
  for (const part of parts) if (!(await met([part]))) unmet.push(`${part.name}: ${await part.held()}`);
  return `No record matches. ${unmet.length > 0 ? `${unmet.join('. ')}.` : `Records meet each of these, none meets all: ${parts.map(({ name }) => name).join(', ')}.`}`;
}

/** Says it, and makes it the exit code. */
export function tellNothingMatched(why: string | undefined, quiet: boolean | undefined): void {
  if (why === undefined) return;
  notice(why, quiet);
  process.exitCode = EXIT.nothing;
}

/**
 * For the explorer's tables, which hold none of the records.
 * @throws SourceError where no window and no scope is to blame
 */
export async function tellNothingTo(verb: string, options: Asking & { quiet?: boolean | undefined }, records: Records): Promise<void> {
  // The explorer has opened an engine over them: another would define its functions again.
  const why = await nothingMatched(options, records, { run: async (sql) => ({ rows: await records.db.rows(sql) }) });
  if (why === undefined)
    throw new SourceError(
      `nothing to ${verb}: none of the records${scopeFields(scopeOf(options)).length === 0 ? '' : ' in this scope'} has a start time. \`flowlogs describe\` says what is in these logs`,
    );
  tellNothingMatched(why, options.quiet);
}

async function partsOf(options: Asking, records: Records, engine: Asker): Promise<Part[]> {
  const there = new Set(records.columns.map(({ name }) => name));
  const scopes = printScope(parseScope(options.scope ?? [])).map((text) => ({ text, scope: parseScope([text]) }));
  const parts: Part[] = scopes
    .filter(({ scope }) => scopeFields(scope).every((field) => there.has(sqlNameOf(field))))
    .map(({ text, scope }) => ({
      name: `--scope ${text}`,
      sql: scopeSql(scope),
      held: () => valuesOf(engine, scopeFields(scope)[0] ?? '', text.slice(text.indexOf('=') + 1)),
    }));
  const { where } = options;
  if (where !== undefined)
    parts.push({
      name: `--where ${where.join(' AND ')}`,
      sql: scopeSql({ where }),
      held: () => Promise.resolve('no record meets this condition'),
    });
  if (!isAsked(options) || !there.has('start')) return parts;
  const window = await windowOf(options, records);
  if (!('from' in window)) return parts;
  return [{ name: nameOf(options), sql: recordsCondition(window, {}), held: () => spanOf(records) }, ...parts];
}

const nameOf = ({ from, to }: Asking): string =>
  [...(from === undefined ? [] : [`--from ${from}`]), ...(to === undefined ? [] : [`--to ${to}`])].join(' ');

async function spanOf(records: Records): Promise<string> {
  const range = await records.range();
  return range === undefined ? 'no record has a start' : `the logs span ${isoTime(range.from)} to ${isoTime(range.to - 1)}`;
}

async function valuesOf(engine: Asker, field: string, asked: string): Promise<string> {
  const column = sqlNameOf(field);
  const { rows } = await engine.run(`SELECT DISTINCT ${column} AS value FROM ${RECORDS_TABLE} WHERE ${column} IS NOT NULL ORDER BY 1`);
  const values = rows.map((row) => String(row['value']));
  if (values.length === 0) return `no record has a ${field}`;
  const [near] = similar(asked, values);
  const shown = [...new Set([...(near === undefined ? [] : [near]), ...values])].slice(0, SHOWN);
  return `the logs hold ${humanCount(values.length, 'value')} of ${field}: ${shown.join(', ')}${values.length > shown.length ? ', …' : ''}`;
}
