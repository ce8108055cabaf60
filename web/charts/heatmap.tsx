import { useRef } from 'preact/hooks';
import { WEEK_HOURS } from '../../lib/explore/dimensions';
import type { PanelRow } from '../../lib/explore/panels';
import type { Measure } from '../../lib/explore/state';
import { WEEKDAYS } from '../../lib/flow-log/names';
import { full, label } from './format';
import { onActivate } from './keys';

const LEFT = 38;
const ROW = 20;
const HEIGHT = 7 * ROW + 20;

export interface HeatmapProps {
  readonly rows: readonly PanelRow[];
  readonly measure: Measure;
  readonly width: number;
  readonly selected: ReadonlySet<number>;
  /** Absent: nothing to select. */
  readonly onSelect?: (cells: readonly number[], done: boolean) => void;
  readonly onEnter?: () => void;
}

const cellsBetween = (a: number, b: number): number[] => {
  const [d1, d2] = [Math.floor(a / 24), Math.floor(b / 24)].sort((p, q) => p - q) as [number, number];
  const [h1, h2] = [a % 24, b % 24].sort((p, q) => p - q) as [number, number];
  return Array.from({ length: WEEK_HOURS }, (_, cell) => cell).filter(
    (cell) => Math.floor(cell / 24) >= d1 && Math.floor(cell / 24) <= d2 && cell % 24 >= h1 && cell % 24 <= h2,
  );
};

/** Hours of the week; the darker, the more. */
export function Heatmap({ rows, measure, width, selected, onSelect, onEnter }: HeatmapProps) {
  const values = new Map(rows.map((row) => [Number(row.key[0]), row[measure]]));
  const [least, most] = [Math.min(...values.values()), Math.max(1, ...values.values())];
  // Evenly busy hours still differ: shades go from the least to the most busy one.
  const shade = (value: number) => (value === 0 ? 0.06 : most === least ? 0.6 : 0.2 + (0.8 * (value - least)) / (most - least));
  const step = (width - LEFT) / 24;
  const start = useRef<number | undefined>(undefined);
  const at = (event: PointerEvent): number | undefined => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const hour = Math.floor((((event.clientX - box.left) / box.width) * width - LEFT) / step);
    const day = Math.floor((((event.clientY - box.top) / box.height) * HEIGHT) / ROW);
    return hour < 0 || hour > 23 || day < 0 || day > 6 ? undefined : day * 24 + hour;
  };
  const move = (event: PointerEvent, done: boolean) => {
    const now = at(event);
    if (start.current !== undefined && now !== undefined) onSelect?.(cellsBetween(start.current, now), done);
    if (done) start.current = undefined;
  };
  const button = (cells: readonly number[], name: string) =>
    onSelect === undefined
      ? {}
      : {
          role: 'button' as const,
          tabindex: 0,
          class: 'axis-button',
          'aria-label': name,
          onClick: () => onSelect(cells, true),
          onKeyDown: onActivate(() => onSelect(cells, true)),
        };
  return (
    <svg
      class={`chart ${onSelect === undefined ? '' : 'brushable'}`}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="group"
      aria-label="Hour and weekday, UTC"
      onPointerEnter={onEnter}
      onPointerDown={(event: PointerEvent) => {
        start.current = onSelect === undefined ? undefined : at(event);
        if (start.current === undefined) return;
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        move(event, false);
      }}
      onPointerMove={(event: PointerEvent) => move(event, false)}
      onPointerUp={(event: PointerEvent) => move(event, true)}
    >
      {Array.from({ length: WEEK_HOURS }, (_, cell) => {
        const value = values.get(cell) ?? 0;
        return (
          <rect
            key={cell}
            class={selected.size === 0 || selected.has(cell) ? 'cell' : 'cell faded'}
            x={LEFT + (cell % 24) * step + 0.5}
            y={Math.floor(cell / 24) * ROW + 0.5}
            width={Math.max(1, step - 1)}
            height={ROW - 1}
            rx={2}
            style={{ fillOpacity: shade(value) }}
          >
            <title>{`${label('weekday_hour', cell)} UTC: ${full(measure, value)} ${measure}`}</title>
          </rect>
        );
      })}
      {WEEKDAYS.map((day, i) => (
        <g key={day} {...button(cellsBetween(i * 24, i * 24 + 23), `All of ${day}`)}>
          <text class="axis" x={LEFT - 6} y={i * ROW + ROW / 2} dy="0.32em" text-anchor="end">
            {day}
          </text>
        </g>
      ))}
      {Array.from({ length: 24 }, (_, hour) => hour)
        .filter((hour) => hour % (width < 420 ? 6 : 3) === 0)
        .map((hour) => (
          <g key={hour} {...button(cellsBetween(hour, 6 * 24 + hour), `${hour}:00 of every day`)}>
            <text class="axis" x={LEFT + hour * step + step / 2} y={HEIGHT - 5} text-anchor="middle">
              {String(hour).padStart(2, '0')}
            </text>
          </g>
        ))}
    </svg>
  );
}
