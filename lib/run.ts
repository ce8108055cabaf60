/** THE SPINE: catalogue + render + engine + finding = one run. The CLI and the Lambda functions call it alike. */
import type { Analysis, Partials } from './analysis/catalogue';
import { columnsUsed } from './analysis/functions';
import type { ParameterValue } from './analysis/literal';
import { OPTIONAL_COLUMNS } from './analysis/relations';
import { renderInsights, type RenderOptions, renderSql, type Window } from './analysis/render';
import type { RowLimit } from './analysis/row-limit';
import type { Scope } from './analysis/scope';
import type { QueryEngine, QueryOptions, QueryResult } from './engine/engine';
import { type Finding, findingsOf } from './finding/finding';
import { SQL_NAMES } from './flow-log/fields';
import { type Format, sqlNameOf } from './flow-log/format';
import type { Partition } from './flow-log/layout';

export interface RunRequest {
  readonly analysis: Analysis;
  readonly window: Window;
  readonly parameters?: Readonly<Record<string, ParameterValue>> | undefined;
  readonly scope?: Scope | undefined;
  /** Rows to give, in place of the parameter `limit`. */
  readonly rows?: RowLimit | undefined;
}

export interface RunTarget {
  readonly catalogue: Partials;
  readonly engine: QueryEngine;
  readonly table: string;
  readonly partitions?: readonly Partition[] | undefined;
  /** Tables with the rows of relations; what has none is made of the records in place. */
  readonly relations?: RenderOptions['relations'];
  /** Columns (SQL names) of the records, as far as known. */
  readonly columns?: RenderOptions['columns'];
  /** Format of the records in a log group; undefined for the default one. */
  readonly format?: Format | undefined;
}

export interface Run {
  readonly query: string;
  readonly result: QueryResult;
  readonly findings: readonly Finding[];
}

/** An analysis that the records cannot answer. */
export class MissingFieldsError extends Error {
  override name = 'MissingFieldsError';
  constructor(
    readonly analysisId: string,
    readonly fields: readonly string[],
  ) {
    super(
      `${analysisId} needs ${fields.length === 1 ? 'the field' : 'the fields'} ${fields.join(', ')}, which ${fields.length === 1 ? 'is' : 'are'} not in the logs. ` +
        'Log a format that has them (such as `recommended`), or see `flowlogs list` for other questions',
    );
  }
}

/** SQL names of the columns that an analysis needs of the records; undefined if its text may read all. */
export function columnsNeeded(
  catalogue: Partials,
  analysis: Analysis,
  request: Pick<RunRequest, 'parameters' | 'scope'>,
): ReadonlySet<string> | undefined {
  const columns = new Set(Object.keys(OPTIONAL_COLUMNS));
  const used = columnsUsed(renderSql(catalogue, analysis, { ...request, window: { from: 0, to: 1 }, columns }), SQL_NAMES);
  return used === undefined ? undefined : new Set([...used, ...analysis.requires.map(sqlNameOf)]);
}

/** The text of a run in the language of its engine. @throws RenderError, also where an analysis has no text in that language */
export function renderRun(target: RunTarget, request: RunRequest): string {
  const { catalogue, engine, table, partitions, format, relations, columns } = target;
  return engine.language === 'sql'
    ? renderSql(catalogue, request.analysis, { ...request, table, partitions, relations, columns })
    : renderInsights(catalogue, request.analysis, { ...request, format });
}

/** Runs one analysis over one window. @throws RenderError, QueryError */
export async function runAnalysis(target: RunTarget, request: RunRequest, options: Omit<QueryOptions, 'columns'> = {}): Promise<Run> {
  const { analysis, window } = request;
  const query = renderRun(target, request);
  const bounds = 'last' in window ? {} : { window };
  const result = await target.engine.run(query, { ...options, ...bounds, columns: analysis.columns });
  return { query, result, findings: findingsOf(analysis, result.rows, request.parameters) };
}
