/** `--limit`: how many rows are given, and what is said of the others. */
import type { Analysis } from '../lib/analysis/catalogue';
import { humanNumber } from '../lib/analysis/human';
import { literal, type ParameterValue } from '../lib/analysis/literal';
import { ROW_LIMIT, type RowLimit } from '../lib/analysis/row-limit';
import type { QueryFormat, RowOptions } from './answer-options';
import { UsageError } from './errors';

/** Rows for people, where neither the command nor the question names a number. */
const READ_ROWS = 1000;

/** Formats that people read; the others are for programs, which do not see that something is missing. */
const READ: readonly QueryFormat[] = ['table', 'markdown'];

/** Rows that the command is to give: as said, else what the question has for people, and all for programs. */
export function rowLimitOf(
  { limit, format }: RowOptions & { readonly format: QueryFormat },
  analysis?: Pick<Analysis, 'parameters'>,
  parameters: Readonly<Record<string, ParameterValue>> = {},
): RowLimit {
  const definition = analysis?.parameters[ROW_LIMIT];
  const given = definition === undefined ? undefined : parameters[ROW_LIMIT];
  if (limit !== undefined && given !== undefined && limit !== Number(given))
    throw new UsageError(`--limit ${limit} and --param ${ROW_LIMIT}=${String(given)} are the same limit: leave one out`);
  if (limit !== undefined) return limit;
  if (definition !== undefined && given !== undefined) return Number(literal(ROW_LIMIT, definition, given, 'sql'));
  if (!READ.includes(format)) return 'all';
  return definition?.default === undefined ? READ_ROWS : Number(definition.default);
}

/** What a cut answer says. `total`: undefined where only the engine could count them, at a price. */
export const cutText = (shown: number, total: number | undefined, kind = 'rows'): string =>
  total === undefined
    ? `First ${humanNumber(shown)} ${kind}; there are more. --limit N gives more, -f csv all.`
    : `${humanNumber(shown)} of ${humanNumber(total)} ${kind}. --limit ${total} gives all.`;
