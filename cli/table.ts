import { createColors } from 'picocolors';
import type { Row } from '../lib/analysis/columns';
import { humanValue, type Unit, withoutControls } from '../lib/analysis/human';
import { wrapped } from './wrap';

export interface TableColumn {
  readonly name: string;
  readonly numeric: boolean;
  readonly unit?: Unit | undefined;
  /** Text that is of no use in part, such as a key. */
  readonly whole?: boolean | undefined;
  /** An address, which stays whole, and its name or owner. */
  readonly address?: boolean | undefined;
}

export interface TableOptions {
  /** Least width that no column is cut below. */
  readonly width: number | undefined;
  /** Only for a terminal: a file or a pipe gets plain text. */
  readonly colour: boolean;
  /** Column drawn as a bar next to the rows. */
  readonly bar?: string | undefined;
}

const BAR_WIDTH = 20;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const SPARKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const MIN_CUT = 12;
/** Characters of the longest IPv6 address. */
const LONGEST_ADDRESS = 39;
/** Longer texts stick out: one value must not make every row of a file as long as it is. */
const MAX_PADDED = 200;

/** A bar of `value` against `max`, at most `width` characters. */
export function bar(value: number, max: number, width = BAR_WIDTH): string {
  if (max <= 0 || value <= 0) return '';
  const eighths = Math.max(1, Math.round((value / max) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** One character a value; zero is the lowest mark. */
export function sparkline(values: readonly number[]): string {
  const max = Math.max(...values, 0);
  return values.map((value) => (max === 0 ? SPARKS[0] : SPARKS[Math.min(7, Math.ceil((value / max) * 7))])).join('');
}

const cut = (text: string, width: number) => (text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`);

/** Least widths of columns: a part of a text, the whole of an address. */
const leastOf = (columns: readonly TableColumn[], cells: readonly (readonly string[])[]): number[] =>
  columns.map(({ address }, i) => {
    if (address !== true) return MIN_CUT;
    const longest = Math.max(0, ...cells.map((line) => /^\S*/.exec(line[i] ?? '')?.[0].length ?? 0));
    return Math.max(MIN_CUT, Math.min(longest, LONGEST_ADDRESS) + 1);
  });

const widthOf = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width + 2, -2);

/** Cuts the widest text columns until the table fits; numbers and addresses stay whole. */
function fit(widths: number[], columns: readonly TableColumn[], least: readonly number[], available: number): void {
  const total = () => widthOf(widths);
  while (total() > available) {
    let widest = -1;
    columns.forEach((column, i) => {
      if (
        !column.numeric &&
        column.whole !== true &&
        (widths[i] ?? 0) > (least[i] ?? 0) &&
        (widest === -1 || (widths[i] ?? 0) > (widths[widest] ?? 0))
      )
        widest = i;
    });
    if (widest === -1) return;
    widths[widest] = Math.max(least[widest] ?? 0, (widths[widest] ?? 0) - (total() - available));
  }
}

/** Rows as an aligned table with a heading line; empty text for no columns. What has one value in all rows is said once, below, where the width is too small. */
export function table(columns: readonly TableColumn[], rows: readonly Row[], options: TableOptions): string {
  const { width: available, bar: drawn } = options;
  if (available === undefined || rows.length < 2) return aligned(columns, rows, options);
  const shown = ({ name, unit }: TableColumn, row: Row | undefined) => humanValue(row?.[name] ?? null, unit);
  const widths = columns.map((column) => Math.max(column.name.length, ...rows.map((row) => shown(column, row).length)));
  if (widthOf(widths) + (drawn === undefined ? 0 : BAR_WIDTH + 2) <= available) return aligned(columns, rows, options);
  const isSame = (column: TableColumn) => column.name !== drawn && rows.every((row) => shown(column, row) === shown(column, rows[0]));
  const [same, others] = [columns.filter(isSame), columns.filter((column) => !isSame(column))];
  if (same.length === 0 || others.length === 0) return aligned(columns, rows, options);
  const once = same.map((column) => `${withoutControls(column.name)} ${shown(column, rows[0])}`).join(', ');
  return `${aligned(others, rows, options)}\n${wrapped(`In all rows: ${once}`, available, '  ')}`;
}

function aligned(columns: readonly TableColumn[], rows: readonly Row[], options: TableOptions): string {
  const pc = createColors(options.colour);
  const names = columns.map(({ name }) => withoutControls(name));
  const cells = rows.map((row) => columns.map(({ name, unit }) => humanValue(row[name] ?? null, unit)));
  const widths = columns.map((_, i) => Math.max(names[i]?.length ?? 0, ...cells.map((line) => line[i]?.length ?? 0)));
  const barOf = options.bar;
  const barMax = barOf === undefined ? 0 : Math.max(0, ...rows.map((row) => Number(row[barOf] ?? 0)));
  const whole = options.width === undefined;
  if (options.width !== undefined) fit(widths, columns, leastOf(columns, cells), options.width - (barMax > 0 ? BAR_WIDTH + 2 : 0));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => {
        const width = widths[i] ?? 0;
        const shown = whole ? text : cut(text, width);
        return columns[i]?.numeric === true ? shown.padStart(width) : shown.padEnd(whole ? Math.min(width, MAX_PADDED) : width);
      })
      .join('  ');
  const body = cells.map((texts, i) =>
    `${line(texts)}${barOf !== undefined && barMax > 0 ? `  ${pc.cyan(bar(Number(rows[i]?.[barOf] ?? 0), barMax))}` : ''}`.trimEnd(),
  );
  return [pc.bold(line(names).trimEnd()), ...body].join('\n');
}
