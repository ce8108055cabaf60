/** What a question's line chart draws: its series over time, cut where a time is missing. */
import type { Row, Value } from '../../lib/analysis/columns';
import { humanValue } from '../../lib/analysis/human';
import type { AnalysisDefinition, Column } from '../../lib/analysis/schema';

export interface ChartOf {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly chart: ChartHint;
}

interface ChartHint {
  readonly type: AnalysisDefinition['chart']['type'];
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly series?: string | undefined;
}

export interface Point {
  /** Milliseconds. */
  readonly time: number;
  readonly value: number;
}

export interface Series {
  readonly name: string;
  /** Parts without a gap, in time. */
  readonly parts: readonly (readonly Point[])[];
}

/** Rows come at even steps; what is further apart has a gap between. */
const GAP_STEPS = 1.5;

function cut(points: readonly Point[], step: number): Point[][] {
  const parts: Point[][] = [];
  for (const point of points) {
    const last = parts.at(-1)?.at(-1);
    if (last === undefined || point.time - last.time > step * GAP_STEPS) parts.push([point]);
    else parts.at(-1)?.push(point);
  }
  return parts;
}

/** The columns that a chart without a series column draws: those of the unit of y, in the order of the question. */
const valuesOf = ({ columns, chart }: ChartOf): string[] => {
  const unit = columns.find(({ name }) => name === chart.y)?.unit;
  return columns
    .filter((column) => (column.type === 'integer' || column.type === 'number') && column.unit === unit)
    .map(({ name }) => name);
};

/** @returns undefined where x is no time */
export function seriesOf(of: ChartOf, rows: readonly Row[]): Series[] | undefined {
  const { x, y, series: by } = of.chart;
  if (x === undefined || y === undefined) return undefined;
  const found = new Map<string, Point[]>();
  const put = (name: string, time: number, value: Value | undefined) => {
    if (value === null || value === undefined) return;
    found.set(name, [...(found.get(name) ?? []), { time, value: Number(value) }]);
  };
  const times = new Set<number>();
  const unit = of.columns.find(({ name }) => name === by)?.unit;
  const names = valuesOf(of);
  for (const row of rows) {
    const time = Date.parse(String(row[x]));
    if (Number.isNaN(time)) return undefined;
    times.add(time);
    if (by !== undefined) put(humanValue(row[by] ?? null, unit), time, row[y]);
    else for (const name of names) put(name, time, row[name]);
  }
  const sorted = [...times].sort((a, b) => a - b);
  const step = Math.min(...sorted.slice(1).map((time, i) => time - (sorted[i] ?? 0)), Infinity);
  return [...found].map(([name, points]) => ({
    name,
    parts: cut(
      points.sort((a, b) => a.time - b.time),
      step,
    ),
  }));
}
