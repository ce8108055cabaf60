import type { DimensionId } from '../../lib/explore/dimensions';
import type { PanelRow } from '../../lib/explore/panels';
import type { Measure } from '../../lib/explore/state';
import { change, full, inWords, label, rejectedShare } from './format';

export interface BarsProps {
  readonly id: DimensionId;
  readonly rows: readonly PanelRow[];
  readonly measure: Measure;
  readonly compare: boolean;
  readonly selected: ReadonlySet<string | number>;
  /** A value with its name or owner. @default - the value alone */
  readonly named?: (value: string) => string;
  /** Absent: nothing to click. */
  readonly onToggle?: (value: string | number, exclude: boolean) => void;
}

/** The largest values of a dimension, red what was rejected. */
export function Bars({ id, rows, measure, compare, selected, named = String, onToggle }: BarsProps) {
  const most = Math.max(1, ...rows.map((row) => row[measure]));
  if (rows.length === 0) return <p class="empty">No data.</p>;
  return (
    <ul class="bars">
      {rows.map((row) => {
        const value = row.key[0] ?? null;
        const text = label(id, typeof value === 'string' ? named(value) : value);
        const width = (100 * row[measure]) / most;
        const share = measure === 'records' ? rejectedShare(row) : 0;
        const said = `${text}: ${inWords(row, measure)}`;
        const content = (
          <>
            <span class="bar" style={{ width: `${width}%` }}>
              <span class="bar-rejected" style={{ width: `${100 * share}%` }} />
            </span>
            <span class="bar-label">
              <bdi>{text}</bdi>
            </span>
            {compare && row.previous !== undefined && <span class="bar-change">{change(row[measure], row.previous)}</span>}
            <span class="bar-value">{full(measure, row[measure])}</span>
          </>
        );
        if (onToggle === undefined || value === null)
          return (
            <li key={String(value)} class="bar-row" title={said}>
              {content}
            </li>
          );
        return (
          <li key={String(value)}>
            <button
              type="button"
              class="bar-row"
              aria-pressed={selected.has(value)}
              aria-label={`${said}. Filter by it`}
              title={`${said}\nClick: only this. Alt-click: exclude this.`}
              data-value={row[measure]}
              data-key={String(value)}
              onClick={(event: MouseEvent) => onToggle(value, event.altKey)}
            >
              {content}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
