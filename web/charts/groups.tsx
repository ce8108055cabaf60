import { humanValue } from '../../lib/analysis/human';
import type { PanelRow } from '../../lib/explore/panels';
import type { Measure } from '../../lib/explore/state';
import { change, full, inWords, rejectedShare } from './format';

export interface GroupsProps {
  readonly rows: readonly PanelRow[];
  readonly measure: Measure;
  readonly onPair?: (source: string, destination: string) => void;
}

/** From which kind of network to which, largest first. */
export function Groups({ rows, measure, onPair }: GroupsProps) {
  if (rows.length === 0) return <p class="empty">No data.</p>;
  const most = Math.max(1, ...rows.map((row) => row[measure]));
  return (
    <ul class="bars">
      {[...rows]
        .sort((a, b) => b[measure] - a[measure])
        .map((row) => {
          const [source, destination] = [String(row.key[0]), String(row.key[1])];
          const said = `${humanValue(source, undefined)} to ${humanValue(destination, undefined)}: ${inWords(row, measure)}`;
          const content = (
            <>
              <span class="bar" style={{ width: `${(100 * row[measure]) / most}%` }}>
                <span class="bar-rejected" style={{ width: measure === 'records' ? `${100 * rejectedShare(row)}%` : '0' }} />
              </span>
              <span class="bar-label">
                <bdi>{humanValue(source, undefined)}</bdi> → <bdi>{humanValue(destination, undefined)}</bdi>
              </span>
              {row.previous !== undefined && <span class="bar-change">{change(row[measure], row.previous)}</span>}
              <span class="bar-value">{full(measure, row[measure])}</span>
            </>
          );
          return (
            <li key={`${source}\n${destination}`} {...(onPair === undefined ? { class: 'bar-row', title: said } : {})}>
              {onPair === undefined ? (
                content
              ) : (
                <button
                  type="button"
                  class="bar-row"
                  title={said}
                  aria-label={`${said}. Filter by it`}
                  onClick={() => onPair(source, destination)}
                >
                  {content}
                </button>
              )}
            </li>
          );
        })}
    </ul>
  );
}
