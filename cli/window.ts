import { recordsCondition, type Window } from '../lib/analysis/render';
import { humanCount } from '../lib/analysis/human';
import { missingScopeFields } from '../lib/analysis/requirements';
import { parseScope, type Scope, scopeFields, scopeSql } from '../lib/analysis/scope';
import type { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import { sqlNameOf } from '../lib/flow-log/format';
import { MissingFieldsError } from '../lib/run';
import type { Records } from '../lib/source/records';
import { UsageError } from './errors';
import type { ScopeOptions, TimeOptions } from './options';
import { notice } from './say';
import { boundsOf } from './time';

type WindowOptions = Partial<TimeOptions> & ScopeOptions;

/** The given window, open ends filled from the range of the records. */
export async function windowOf(options: Partial<TimeOptions>, records: Records): Promise<Window> {
  const { from, to } = boundsOf(options);
  if (from !== undefined && to !== undefined && from >= to)
    throw new UsageError(`--from ${options.from ?? ''} must be before --to ${options.to ?? ''}`);
  const range = from === undefined || to === undefined ? await records.range() : undefined;
  const start = from ?? Math.min(range?.from ?? 0, (to ?? Infinity) - 1);
  return { from: start, to: to ?? Math.max(range?.to ?? 1, start + 1) };
}

/** Whether the command names a time. */
export const isAsked = (options: Partial<TimeOptions>): boolean => options.from !== undefined || options.to !== undefined;

/** The window of a question: all records, with or without a time, unless a window is given. */
export async function questionWindow(options: Partial<TimeOptions>, records: Records): Promise<Window> {
  const window = await windowOf(options, records);
  return isAsked(options) || 'last' in window ? window : { ...window, whole: true };
}

const FATES = {
  counted: ': counted, but in no bucket of time',
  'left out': ', so in no window: left out',
  apart: ', so in no hour: in hour=none of the lake',
} as const;

/** Says how many records have no time, and what that means for the answer. */
export async function tellTimeless(records: Records, fate: keyof typeof FATES, quiet: boolean | undefined): Promise<void> {
  const count = await records.timeless();
  if (count === 0) return;
  notice(`${humanCount(count, 'record')} ${count === 1 ? 'has' : 'have'} no start${FATES[fate]}.`, quiet);
}

/** Narrows the table to the given window and scope, for commands without a template. */
export async function restrictTo(
  options: WindowOptions & { quiet?: boolean | undefined },
  records: Records,
  engine: DuckDbEngine,
): Promise<void> {
  const scope = scopeOf(options);
  if (!isAsked(options) && options.scope === undefined && options.where === undefined) return;
  const there = new Set(records.columns.map(({ name }) => name));
  const missing = [...(isAsked(options) ? ['start'] : []), ...scopeFields(scope)].filter((name) => !there.has(sqlNameOf(name)));
  if (missing.length > 0) throw new MissingFieldsError('this window or scope', missing);
  const condition = isAsked(options) ? recordsCondition(await windowOf(options, records), scope) : scopeSql(scope);
  if (isAsked(options)) await tellTimeless(records, 'left out', options.quiet);
  await engine.restrict(condition);
}

/** @throws MissingFieldsError naming fields of a scope that the records lack */
export function assertScope(scope: Scope, records: Records): void {
  const missing = missingScopeFields(
    scope,
    records.columns.map(({ name }) => name),
  );
  if (missing.length > 0) throw new MissingFieldsError('this scope', missing);
}

export const scopeOf = (options: ScopeOptions): Scope => {
  const scope = parseScope(options.scope ?? []);
  return options.where === undefined ? scope : { ...scope, where: options.where };
};
