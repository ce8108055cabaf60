import type { Partials } from '../analysis/catalogue';
import type { Scope } from '../analysis/scope';
import { DuckDbEngine, loadPrelude } from '../engine/duckdb/duckdb';
import { sqlString } from '../source/duckdb';
import type { Records } from '../source/records';
import { contextOf } from './context';
import { Explorer } from './explorer';
import type { Group, PortableContext } from './portable';
import { prepare, type Prepared, type PrepareOptions } from './prepare';

/** Records, an engine for SQL over them, and the linked views. */
export interface Open {
  readonly engine: DuckDbEngine;
  readonly context: PortableContext;
  readonly prepared: Prepared;
  readonly explorer: Explorer;
}

/** Undefined without records that have a start. */
export async function openExplorer(
  records: Records,
  catalogue: Partials,
  options: PrepareOptions & { readonly groups: readonly Group[]; readonly scope?: Scope | undefined },
): Promise<Open | undefined> {
  const columns = records.columns.map(({ name }) => name);
  const context = { ...contextOf(catalogue, columns, options.groups), text: sqlString, scope: options.scope };
  await loadPrelude(records.db);
  const prepared = await prepare(records, context, options);
  const engine = await DuckDbEngine.over(records, [], { prelude: false });
  return prepared === undefined ? undefined : { engine, context, prepared, explorer: new Explorer(records.db, prepared) };
}
