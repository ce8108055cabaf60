import { useRef } from 'preact/hooks';
import { DIMENSIONS, type DimensionId } from '../../lib/explore/dimensions';
import type { PanelRow } from '../../lib/explore/panels';
import type { Measure } from '../../lib/explore/state';
import { full, label, rejectedShare, short } from './format';
import { onActivate } from './keys';

const HEIGHT = 132;
const BASE = HEIGHT - 22;
const TOP = 14;

export interface HistogramProps {
  readonly id: Extract<DimensionId, 'bytes_size' | 'packets_size'>;
  readonly rows: readonly PanelRow[];
  readonly measure: Measure;
  readonly width: number;
  readonly selected: ReadonlySet<number>;
  /** Buckets from … to …, both included. Absent: nothing to brush. */
  readonly onBrush?: (from: number, to: number, done: boolean) => void;
  readonly onEnter?: () => void;
}

/** So few occur that a bar would fill the view: empty neighbours give it its size. */
const LEAST_BUCKETS = 9;

/** Buckets from below the smallest to above the largest that occur, so that gaps are seen. */
export function Histogram({ id, rows, measure, width, selected, onBrush, onEnter }: HistogramProps) {
  const start = useRef<number | undefined>(undefined);
  const found = new Map(rows.map((row) => [Number(row.key[0]), row]));
  const keys = [...found.keys()];
  if (keys.length === 0) return <p class="empty">No data.</p>;
  const end = DIMENSIONS[id].edges?.length ?? 0;
  const first = Math.max(0, Math.min(...keys) - 1);
  const last = Math.min(end, Math.max(Math.max(...keys) + 1, first + LEAST_BUCKETS));
  const buckets = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const most = Math.max(1, ...rows.map((row) => row[measure]));
  const step = width / buckets.length;
  const at = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return first + Math.max(0, Math.min(buckets.length - 1, Math.floor(((event.clientX - box.left) / box.width) * buckets.length)));
  };
  const move = (event: PointerEvent, done: boolean) => {
    if (start.current === undefined || onBrush === undefined) return;
    const now = at(event);
    onBrush(Math.min(start.current, now), Math.max(start.current, now), done);
    if (done) start.current = undefined;
  };
  const edge = DIMENSIONS[id].edges ?? [];
  const tick = (bucket: number) => short(id === 'bytes_size' ? 'bytes' : 'packets', bucket === 0 ? 0 : (edge[bucket - 1] ?? 0));
  const every = Math.ceil(buckets.length / Math.max(2, Math.floor(width / 62)));
  return (
    <svg
      class={`chart ${onBrush === undefined ? '' : 'brushable'}`}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="group"
      aria-label={DIMENSIONS[id].title}
      onPointerEnter={onEnter}
      onPointerDown={(event: PointerEvent) => {
        if (onBrush === undefined) return;
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        start.current = at(event);
        move(event, false);
      }}
      onPointerMove={(event: PointerEvent) => move(event, false)}
      onPointerUp={(event: PointerEvent) => move(event, true)}
    >
      <line class="grid" x1={0} x2={width} y1={BASE} y2={BASE} />
      {buckets.map((bucket, i) => {
        const row = found.get(bucket);
        const value = row?.[measure] ?? 0;
        const height = value === 0 ? 0 : Math.max(1.5, ((BASE - TOP) * value) / most);
        const rejected = row === undefined || measure !== 'records' ? 0 : height * rejectedShare(row);
        const said = `${label(id, bucket)}: ${full(measure, value)} ${measure}`;
        return (
          <g
            key={bucket}
            class={selected.size === 0 || selected.has(bucket) ? 'bucket' : 'bucket faded'}
            {...(onBrush === undefined
              ? {}
              : {
                  role: 'button',
                  tabindex: 0,
                  'aria-pressed': selected.has(bucket),
                  'aria-label': said,
                  onKeyDown: onActivate((event) => {
                    const range = event.shiftKey && selected.size > 0 ? [...selected, bucket] : [bucket];
                    onBrush(Math.min(...range), Math.max(...range), true);
                  }),
                })}
          >
            <title>{said}</title>
            <rect class="hit" x={i * step} width={step} y={0} height={BASE} />
            <rect
              class="accepted"
              x={i * step + 0.75}
              width={Math.max(1, step - 1.5)}
              y={BASE - height}
              height={Math.max(0, height - rejected)}
            />
            <rect class="rejected" x={i * step + 0.75} width={Math.max(1, step - 1.5)} y={BASE - rejected} height={rejected} />
            {i % every === 0 && (
              <text class="axis" x={i * step} y={HEIGHT - 7}>
                {tick(bucket)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
