import { durationSeconds } from '../lib/analysis/duration';
import { humanValue, withoutControls } from '../lib/analysis/human';
import { isoTime } from '../lib/analysis/render';
import type { Row } from '../lib/analysis/columns';
import type { Picture } from '../lib/engine/evidence';
import { onStdout } from './colours';
import { type ChartPoint, columnChart } from './chart';
import { laneChart } from './lanes';
import { bar } from './table';

export interface PictureOptions {
  readonly width: number;
  readonly colour: boolean;
  /** A time as it is shown. */
  readonly shown: (time: string) => string;
  /** Spans that are about what was found, in seconds. */
  readonly found: readonly { readonly from: number; readonly to: number }[];
  /** Length of a finding's bucket, in seconds. */
  readonly bucketSeconds: number;
}

const HEIGHT = 8;
const MOST_BARS = 24;
const MARGIN = 16;

const secondsOf = (row: Row) => Date.parse(String(row['time'])) / 1000;

interface Axis {
  readonly from: number;
  readonly to: number;
}

/** A value per step; where all was logged, zero for what has no row. */
function columns(
  { rows, evidence, window, logged }: Picture,
  { found, bucketSeconds, width, colour }: PictureOptions,
  label: (value: number) => string,
): [string, Axis] {
  const step = durationSeconds(evidence.step ?? '') ?? bucketSeconds;
  const values = new Map(rows.map((row) => [secondsOf(row), Number(row['value'])]));
  const times = [...values.keys()];
  const from = logged ? Math.min(Math.floor(window.from / step) * step, ...times) : Math.min(...times);
  const to = logged ? Math.max(window.to, ...times.map((time) => time + step)) : Math.max(...times) + step;
  const points: ChartPoint[] = [];
  for (let time = from; time < to; time += step)
    points.push({ value: values.get(time) ?? 0, marked: found.some((span) => time < span.to && time + step > span.from) });
  return [
    columnChart(points, { width: Math.max(20, width - MARGIN), height: HEIGHT, colour, label }),
    { from, to: from + points.length * step },
  ];
}

function bars(rows: readonly Row[], width: number, label: (value: number) => string): string {
  const most = [...rows].sort((a, b) => Number(b['value']) - Number(a['value'])).slice(0, MOST_BARS);
  const shown = rows.filter((row) => most.includes(row));
  const rest = rows.filter((row) => !most.includes(row)).reduce((sum, row) => sum + Number(row['value']), 0);
  const lines = [
    ...shown.map((row) => [withoutControls(String(row['label'])), Number(row['value'])] as const),
    ...(rest > 0 ? [['others', rest] as const] : []),
  ];
  const margin = Math.max(...lines.map(([name]) => name.length));
  const numbers = Math.max(...lines.map(([, value]) => label(value).length));
  const largest = Math.max(...lines.map(([, value]) => value));
  return lines
    .map(
      ([name, value]) =>
        `${name.padStart(margin)}  ${label(value).padStart(numbers)}  ${bar(value, largest, Math.max(10, width - margin - numbers - 6))}`,
    )
    .join('\n');
}

/** A picture as text, with its title and its times. */
export function drawn(picture: Picture, options: PictureOptions): string {
  const { evidence, rows, window, truncated } = picture;
  const label = (value: number) => humanValue(value, evidence.unit);
  const iso = (seconds: number) => options.shown(isoTime(seconds));
  const title = onStdout.bold(evidence.title);
  if (rows.length === 0) return `${title}\nnothing between ${iso(window.from)} and ${iso(window.to)}`;
  const more = truncated ? `\nOnly the first ${rows.length} rows are drawn.` : '';
  if (evidence.draw === 'bars') return `${title}\n${bars(rows, options.width, label)}${more}`;
  const isFound = (seconds: number) => options.found.some(({ from, to }) => seconds >= from && seconds < to);
  const times = rows.map(secondsOf);
  const [chart, axis] =
    evidence.draw === 'columns'
      ? columns(picture, options, label)
      : [laneChart(rows, { ...options, label, isFound }), { from: Math.min(...times), to: Math.max(...times) }];
  const marks = chart.includes('▲') ? ', ▲ found' : '';
  return `${title}\n${chart}\n${iso(axis.from)} to ${iso(axis.to)}${marks}${more}`;
}
