import { canonicalNames, type Format, namesFlowLog } from '../flow-log/format';

/** What no name can be, and at least one column of a regular record is. */
const VALUE = /^(?:\d+|-)$/;

/**
 * Whether the tokens of a line are a header: names of a flow log, and no number and no `-`. A single unknown name must not turn a
 * header into data, and no record of a format with a number holds neither.
 */
export const isHeader = (tokens: readonly string[]): boolean => !tokens.some((token) => VALUE.test(token)) && namesFlowLog(tokens);

/** Whether a header line names the columns of a format, in any spelling. */
export const isSameHeader = (tokens: readonly string[], { names }: Format): boolean => canonicalNames(tokens).join(' ') === names.join(' ');

/** Tokens of a line: separated by one or more spaces, spaces at the ends ignored. */
export const tokensOf = (line: string): string[] => line.split(' ').filter((token) => token !== '');

const STATUSES = new Set(['OK', 'NODATA', 'SKIPDATA']);
const ACTIONS = new Set(['ACCEPT', 'REJECT', '-']);
const NUMBER_OR_DASH = /^(?:\d+|-)$/;

/**
 * Whether a line without header can be nothing but the default format: checked value by value, since a count of
 * columns alone says nothing about their order.
 */
export function looksLikeDefaultFormat(tokens: readonly string[]): boolean {
  if (tokens.length !== 14 || tokens[0] !== '2') return false;
  const numeric = [5, 6, 7, 8, 9, 10, 11];
  return numeric.every((i) => NUMBER_OR_DASH.test(tokens[i] ?? '')) && ACTIONS.has(tokens[12] ?? '') && STATUSES.has(tokens[13] ?? '');
}
