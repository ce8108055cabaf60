import { createColors } from 'picocolors';
import type { Row } from '../lib/analysis/columns';
import { OUTCOMES } from '../lib/analysis/evidence';
import { humanCount, withoutControls } from '../lib/analysis/human';
import { groupedBy } from '../lib/finding/grouped';

export interface LaneOptions {
  readonly width: number;
  readonly colour: boolean;
  readonly label: (value: number) => string;
  readonly isFound: (seconds: number) => boolean;
}

type Outcome = (typeof OUTCOMES)[number];

const SIGNS: Readonly<Record<Outcome, string>> = { answered: '●', accepted: '○', closed: '-', refused: '×', unanswered: '·' };
const MEANINGS: Readonly<Record<Outcome, string>> = {
  answered: 'answered',
  accepted: 'let through',
  closed: 'reset: the port is closed',
  refused: 'refused',
  unanswered: 'not answered',
};
const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const MOST_LANES = 16;
const LEAST_WIDTH = 20;
const WIDEST = 4;

interface Cell {
  readonly rank: number;
  readonly value: number;
}

interface Lane {
  readonly name: string;
  /** Column to what is drawn there. */
  readonly cells: ReadonlyMap<number, Cell>;
  /** Index of the most telling outcome. */
  readonly rank: number;
  readonly first: number;
  readonly total: number;
}

const secondsOf = (row: Row) => Date.parse(String(row['time'])) / 1000;
const rankOf = (row: Row) => {
  const rank = OUTCOMES.findIndex((outcome) => outcome === row['outcome']);
  return rank === -1 ? OUTCOMES.length : rank;
};
const byName = new Intl.Collator('en', { numeric: true }).compare;

/** Seconds that all times are whole multiples of, from the first. */
function stepOf(times: readonly number[], first: number): number {
  let step = 0;
  for (const time of times) {
    let [a, b] = [step, time - first];
    while (b > 0) [a, b] = [b, a % b];
    step = a;
  }
  return Math.max(step, 1);
}

/** A scale of time: where a time is drawn, and how wide. */
function axisOf(
  times: readonly number[],
  width: number,
): { columns: number; at: (time: number) => number; from: number; step: number; wide: number } {
  const from = Math.min(...times);
  const step = stepOf(times, from);
  const slots = Math.round((Math.max(...times) - from) / step) + 1;
  const wide = Math.max(1, Math.min(WIDEST, Math.floor(width / slots)));
  const columns = Math.min(slots, width);
  return { columns, from, step, wide, at: (time) => Math.min(columns - 1, Math.floor(((time - from) / step / slots) * columns)) };
}

function laneOf(name: string, rows: readonly Row[], at: (time: number) => number): Lane {
  const cells = new Map<number, Cell>();
  for (const row of rows) {
    const column = at(secondsOf(row));
    const before = cells.get(column);
    cells.set(column, {
      rank: Math.min(before?.rank ?? OUTCOMES.length, rankOf(row)),
      value: (before?.value ?? 0) + Number(row['value'] ?? 0),
    });
  }
  return {
    name,
    cells,
    rank: Math.min(...rows.map(rankOf)),
    first: Math.min(...rows.map(secondsOf)),
    total: rows.reduce((sum, row) => sum + Number(row['value'] ?? 0), 0),
  };
}

/** The most telling lanes, the others as one. */
function chosen(byLane: ReadonlyMap<string, readonly Row[]>, at: (time: number) => number): Lane[] {
  const lanes = [...byLane].map(([name, rows]) => laneOf(name, rows, at));
  const told = lanes.sort((a, b) => a.rank - b.rank || b.total - a.total || byName(a.name, b.name));
  const kept = told.slice(0, told.length > MOST_LANES ? MOST_LANES - 1 : MOST_LANES);
  const rest = told.slice(kept.length).flatMap(({ name }) => byLane.get(name) ?? []);
  const shown = kept.sort((a, b) => a.rank - b.rank || a.first - b.first || byName(a.name, b.name));
  return rest.length === 0 ? shown : [...shown, laneOf(humanCount(told.length - kept.length, 'other'), rest, at)];
}

/** Rows of `lanes`, a line each on one axis of time, with the sum at its end and what the signs mean below. Names stay whole at any width. */
export function laneChart(rows: readonly Row[], { width, colour, label, isFound }: LaneOptions): string {
  const pc = createColors(colour);
  const byLane = groupedBy(rows, (row) => withoutControls(String(row['lane'])));
  const times = rows.map(secondsOf);
  const names = Math.max(...[...byLane.keys()].map(({ length }) => length));
  const totals =
    Math.max(...[...byLane.values()].map((own) => label(own.reduce((sum, row) => sum + Number(row['value'] ?? 0), 0)).length)) + 2;
  const axis = axisOf(times, Math.max(LEAST_WIDTH, width - names - totals - 4));
  const lanes = chosen(byLane, axis.at);
  const margin = Math.max(...lanes.map(({ name }) => name.length));
  const most = Math.max(1, ...lanes.flatMap(({ cells }) => [...cells.values()].map(({ value }) => value)));
  const found = Array.from({ length: axis.columns }, (_, i) =>
    isFound(axis.from + Math.floor((i * (Math.max(...times) - axis.from + axis.step)) / axis.columns)),
  );
  const paint = (i: number, sign: string) => (found[i] === true ? pc.red(sign) : sign).repeat(axis.wide);
  const drawn = lanes.map(({ name, cells, total }) => {
    const line = Array.from({ length: axis.columns }, (_, i) => {
      const cell = cells.get(i);
      if (cell === undefined) return ' '.repeat(axis.wide);
      const outcome = OUTCOMES[cell.rank];
      return paint(i, outcome === undefined ? (BLOCKS[Math.min(7, Math.ceil((cell.value / most) * 8) - 1)] ?? ' ') : SIGNS[outcome]);
    });
    return `${name.padEnd(margin)}  ${line.join('')}  ${label(total)}`;
  });
  const marks =
    found.some(Boolean) && !found.every(Boolean)
      ? [`${' '.repeat(margin)}  ${found.map((is) => (is ? pc.red('▲') : ' ').repeat(axis.wide)).join('')}`.trimEnd()]
      : [];
  const used = OUTCOMES.filter((outcome) => rows.some((row) => row['outcome'] === outcome));
  const legend = used.length === 0 ? [] : [used.map((outcome) => `${SIGNS[outcome]} ${MEANINGS[outcome]}`).join(', ')];
  return [...drawn, ...marks, ...legend].join('\n');
}
