import { recordsCondition, type Window } from '../lib/analysis/render';
import { parseScope, type Scope, scopeFields } from '../lib/analysis/scope';
import { parseTime } from '../lib/analysis/time';
import type { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import { sqlNameOf } from '../lib/flow-log/format';
import { MissingFieldsError } from '../lib/run';
import type { Records } from '../lib/source/records';
import { UsageError } from './errors';
import type { WindowOptions } from './options';

/** The window asked for, open ends filled with the records' own range. */
export async function windowOf(options: WindowOptions, records: Records): Promise<Window> {
  const now = Date.now();
  const from = options.from === undefined ? undefined : parseTime(options.from, now);
  const to = options.to === undefined ? undefined : parseTime(options.to, now);
  if (from !== undefined && to !== undefined && from >= to)
    throw new UsageError(`--from ${options.from} must be before --to ${options.to}`);
  const range = from === undefined || to === undefined ? await records.range() : undefined;
  const start = from ?? Math.min(range?.from ?? 0, (to ?? Infinity) - 1);
  return { from: start, to: to ?? Math.max(range?.to ?? 1, start + 1) };
}

/** Narrows the table to the window and scope asked for, for commands that take no template. */
export async function restrictTo(options: WindowOptions, records: Records, engine: DuckDbEngine): Promise<void> {
  const scope = scopeOf(options);
  if (options.from === undefined && options.to === undefined && options.scope === undefined) return;
  const there = new Set(records.columns.map(({ name }) => name));
  const missing = ['start', ...scopeFields(scope)].filter((name) => !there.has(sqlNameOf(name)));
  if (missing.length > 0) throw new MissingFieldsError('this window or scope', missing);
  await engine.restrict(recordsCondition(await windowOf(options, records), scope));
}

export const scopeOf = (options: WindowOptions): Scope => parseScope(options.scope ?? []);
