/** What an analysis needs before it can run: fields of the records, and values of its parameters. */
import { findField } from '../flow-log/fields';
import { sqlNameOf } from '../flow-log/format';
import { isFlatColumn } from '../flow-log/ibm';
import { FLAT_TABLE, RECORDS_TABLE } from '../flow-log/tables';
import type { ParameterValue } from './literal';
import type { AnalysisDefinition } from './schema';
import { type Scope, scopeFields } from './scope';

/** The table that an analysis reads: the flat view where it requires columns that only this one has. */
export const tableOf = ({ requires }: Pick<AnalysisDefinition, 'requires'>): string =>
  requires.some((name) => isFlatColumn(name) && findField(name) === undefined) ? FLAT_TABLE : RECORDS_TABLE;

/** AWS's names of the fields that an analysis in a scope reads and the columns (SQL names) do not offer. */
export const missingFields = (analysis: Pick<AnalysisDefinition, 'requires'>, scope: Scope, columns: readonly string[]): string[] => {
  const there = new Set(columns);
  return [...new Set([...analysis.requires, ...scopeFields(scope)])].filter((name) => !there.has(sqlNameOf(name)));
};

/** The same for a scope alone. */
export const missingScopeFields = (scope: Scope, columns: readonly string[]): string[] => missingFields({ requires: [] }, scope, columns);

/** Names of the parameters that have neither a default nor a given value. */
export const openParameters = (
  { parameters }: Pick<AnalysisDefinition, 'parameters'>,
  given: Readonly<Record<string, ParameterValue | undefined>> = {},
): string[] => Object.keys(parameters).filter((name) => parameters[name]?.default === undefined && given[name] === undefined);
