import { humanBytes, humanNumber, humanValue } from '../../lib/analysis/human';
import { bucketBounds, type Dimension, DIMENSIONS, type DimensionId } from '../../lib/explore/dimensions';
import type { PanelRow } from '../../lib/explore/panels';
import type { Measure } from '../../lib/explore/state';
import { WEEKDAYS } from '../../lib/flow-log/names';

/** All digits: `48,048` or `1.5 GB`. */
export const full = (measure: Measure, value: number): string => (measure === 'bytes' ? humanBytes(value) : humanNumber(value));

const SCALE: readonly [number, string][] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** For axes: `48k`. */
export function short(measure: Measure, value: number): string {
  if (measure === 'bytes') return humanBytes(value);
  const step = SCALE.find(([least]) => Math.abs(value) >= least);
  return step === undefined
    ? humanNumber(value)
    : `${(value / step[0]).toFixed(value / step[0] < 10 && value % step[0] !== 0 ? 1 : 0)}${step[1]}`;
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

/** `2026-11-20 05:00` in UTC, seconds where they matter. */
export const time = (seconds: number): string =>
  `${iso(seconds).slice(0, 10)} ${seconds % 60 === 0 ? iso(seconds).slice(11, 16) : iso(seconds).slice(11, 19)}`;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A mark on a time axis: the time of day, at midnight the day, at the first of a January the year. UTC. */
export function timeTick(tick: Date): string {
  const text = tick.toISOString();
  if (text.slice(17, 19) !== '00') return text.slice(11, 19);
  if (text.slice(11, 16) !== '00:00') return text.slice(11, 16);
  const day = `${Number(text.slice(8, 10))} ${MONTHS[tick.getUTCMonth()] ?? ''}`;
  return day === '1 Jan' ? `${day} ${text.slice(0, 4)}` : day;
}

/** `2026-11-20 05:00 to 06:00 UTC`. */
export function interval(from: number, to: number): string {
  const end = time(to);
  return `${time(from)} to ${time(from).slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end} UTC`;
}

export function percent(part: number, of: number): string {
  if (of === 0) return '0%';
  const share = (100 * part) / of;
  return share > 0 && share < 0.1 ? '<0.1%' : `${share.toFixed(share >= 99.95 || share === 0 ? 0 : 1)}%`;
}

/** How much more or less than before: `+23%`, `new`. */
export function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? '±0' : 'new';
  const ratio = now / before;
  if (ratio >= 10) return `×${ratio.toFixed(0)}`;
  const share = Math.round((ratio - 1) * 100);
  return share === 0 ? '±0' : `${share > 0 ? '+' : '−'}${Math.abs(share)}%`;
}

function sizeLabel(dimension: Dimension, bucket: number): string {
  const { from, to } = bucketBounds(dimension, bucket);
  const unit = dimension.id === 'bytes_size' ? humanBytes : humanNumber;
  if (to === Infinity) return `${unit(from)} or more`;
  return dimension.id === 'packets_size' && to - from === 1 ? unit(from) : `${unit(from)} to under ${unit(to)}`;
}

/** A value of a dimension as people read it; control characters never reach the page. */
export function label(id: DimensionId, value: string | number | null): string {
  const dimension = DIMENSIONS[id];
  if (value === null) return 'none';
  if (typeof value === 'number') {
    if (dimension.edges !== undefined) return sizeLabel(dimension, value);
    if (id === 'weekday_hour') return `${WEEKDAYS[Math.floor(value / 24)] ?? ''} ${String(value % 24).padStart(2, '0')}:00`;
  }
  return humanValue(value, dimension.unit);
}

/** A row in words: `48 records, 20.0% of its records rejected`. */
export const inWords = (row: PanelRow, measure: Measure): string =>
  `${full(measure, row[measure])} ${measure}${row.rejected > 0 ? `, ${percent(row.rejected, row.records)} of its records rejected` : ''}`;

/** How much of the measure was rejected, as far as it is known: counts exactly, bytes and packets not at all. */
export const rejectedShare = (row: PanelRow): number => (row.records === 0 ? 0 : row.rejected / row.records);
