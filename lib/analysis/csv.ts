/** Rows as CSV: RFC 4180, line feeds. https://www.rfc-editor.org/rfc/rfc4180 */
import { stringify } from 'csv-stringify/sync';
import type { Value } from './columns';

export interface CsvOptions {
  /** Text that a spreadsheet would compute gets an apostrophe in front: `=1+1` becomes `'=1+1`. */
  readonly safe: boolean;
}

/** Signs that begin a formula, also in their full width. https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** What a spreadsheet reads as a number at most, and the sign for nothing. */
const HARMLESS = /^[+-]?\d+(?:\.\d+)?$|^-$/;
/** Quoted, so that a spreadsheet that separates by these does not begin a cell in the middle of one. */
const OTHER_SEPARATORS = /[;\t]/;

const disarmed = (text: string): string => (FORMULA.test(text) && !HARMLESS.test(text) ? `'${text}` : text);

/** Lines of CSV, each with its line feed. */
export function csvLines(rows: readonly (readonly Value[])[], { safe }: CsvOptions): string {
  const cast = { boolean: (value: boolean) => String(value) };
  if (!safe) return stringify(rows as Value[][], { cast });
  return stringify(rows as Value[][], { cast: { ...cast, string: disarmed }, quoted_match: OTHER_SEPARATORS });
}
