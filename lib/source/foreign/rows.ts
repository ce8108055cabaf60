/** Sources whose flows are rows under a line of column names. */
import { wrongColumns } from '../lines';
import { TextLines } from '../text-lines';
import type { ForeignLines } from './lines';
import { type FileReader, lineReader } from './reader';

/** Column names to values. */
export type Row = Readonly<Record<string, string>>;

export interface RowShape {
  /** Values of a line; undefined if it is malformed. */
  split(line: string): string[] | undefined;
  /** Names of the columns, if the line says them. */
  header(line: string): string[] | undefined;
  /** A line that is neither header nor row: a comment, a summary. */
  passes(line: string): boolean;
  row(lines: ForeignLines, line: number, row: Row, raw: string): void;
}

/** Reads a file of rows; a line that does not fit its header is rejected and costs no other. */
export function rowFile(lines: ForeignLines, shape: RowShape): FileReader {
  let names: readonly string[] | undefined;
  const take = (line: string, number: number) => {
    const header = shape.header(line);
    if (header !== undefined) {
      names = header;
      return;
    }
    if (shape.passes(line)) return;
    if (names === undefined) return lines.badLine(number, line, 'no line of column names before it');
    const values = shape.split(line);
    if (values === undefined) return lines.badLine(number, line, 'a quote is not closed');
    if (values.length !== names.length) return lines.badLine(number, line, wrongColumns(values, names));
    shape.row(lines, number, Object.fromEntries(names.map((name, i) => [name, values[i] ?? ''])), line);
  };
  const text = new TextLines(take, (line, number, reason) => lines.badLine(number, line, reason));
  return lineReader(text, lines);
}

/** The first line that says anything. */
export const firstLine = (head: string): string => /^\s*(.*)/.exec(head)?.[1]?.replace(/\r$/, '') ?? '';
