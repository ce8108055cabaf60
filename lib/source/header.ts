import { findField } from '../flow-log/fields';

const DIGITS = /^\d+$/;

/**
 * Whether the tokens of a line are a header: at least two known field names (one for a format of one field) and no
 * number. A single unknown name must not turn a header into data, and no record holds two field names and no number.
 */
export function isHeader(tokens: readonly string[]): boolean {
  let known = 0;
  for (const token of tokens) {
    if (DIGITS.test(token)) return false;
    if (findField(token) !== undefined) known++;
  }
  return known >= Math.min(2, tokens.length) && known > 0;
}

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
