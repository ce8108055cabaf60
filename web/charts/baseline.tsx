import { scaleLinear, scaleUtc } from 'd3-scale';
import { humanValue, type Unit } from '../../lib/analysis/human';
import { timeTick } from './format';

const HEIGHT = 120;
const LEFT = 62;
const MOST_COLUMNS = 400;

export interface BaselineProps {
  /** Value per bucket that has one; the others are zero. */
  readonly series: readonly { readonly time: number; readonly value: number }[];
  /** Seconds of a bucket. */
  readonly step: number;
  readonly found: { readonly from: number; readonly to: number };
  readonly unit: Unit | undefined;
  readonly width: number;
}

/** What a finding was compared with: its past, and itself in red. */
export function Baseline({ series, step, found, unit, width }: BaselineProps) {
  if (series.length === 0) return null;
  const [from, to] = [Math.min(...series.map(({ time }) => time)), Math.max(...series.map(({ time }) => time)) + step];
  const x = scaleUtc([new Date(from * 1000), new Date(to * 1000)], [LEFT, width - 8]);
  // The largest of each stretch is drawn, so that no spike is lost.
  const stretch = Math.max(1, Math.ceil((to - from) / step / MOST_COLUMNS)) * step;
  const columns = new Map<number, { value: number; found: boolean }>();
  for (const { time, value } of series) {
    const at = Math.floor((time - from) / stretch);
    const before = columns.get(at);
    const isFound = time >= found.from && time < found.to;
    columns.set(at, { value: Math.max(value, before?.value ?? 0), found: isFound || before?.found === true });
  }
  const y = scaleLinear([0, Math.max(1, ...series.map(({ value }) => value))], [HEIGHT - 20, 8]).nice(3);
  const bar = Math.max(1.2, ((width - LEFT - 8) * stretch) / (to - from) - 0.6);
  return (
    <svg class="chart" width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label="Baseline of the finding">
      {y.ticks(3).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={LEFT} x2={width - 8} y1={y(tick)} y2={y(tick)} />
          <text class="axis" x={LEFT - 6} y={y(tick)} dy="0.32em" text-anchor="end">
            {humanValue(tick, unit)}
          </text>
        </g>
      ))}
      {[...columns].map(([at, column]) => (
        <rect
          key={at}
          class={column.found ? 'rejected' : 'past'}
          x={x(new Date((from + at * stretch) * 1000))}
          width={bar}
          y={y(column.value)}
          height={HEIGHT - 20 - y(column.value)}
        >
          <title>{`${new Date((from + at * stretch) * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC: ${humanValue(column.value, unit)}`}</title>
        </rect>
      ))}
      {x.ticks(Math.max(2, Math.floor(width / 120))).map((tick) => (
        <text key={tick.getTime()} class="axis" x={x(tick)} y={HEIGHT - 5} text-anchor="middle">
          {timeTick(tick)}
        </text>
      ))}
    </svg>
  );
}
