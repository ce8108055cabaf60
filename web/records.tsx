import { useEffect, useRef, useState } from 'preact/hooks';
import { COLUMN_UNITS, humanNumber, humanValue } from '../lib/analysis/human';
import { encodeState, type ExploreState } from '../lib/explore/state';
import { CopyButton, useNotice } from './card';
import { time } from './charts/format';
import { call, download, messageOf } from './client';
import type { Route } from './route';
import type { About, Texts } from './types';

const ROW = 28;
const PAGE = 200;
/** Browsers limit the height of a page; longer lists need a filter. */
const MOST_ROWS = 400_000;

type Cells = readonly (string | number | boolean | null)[];

export interface RecordsProps {
  readonly about: About;
  readonly state: ExploreState;
  readonly sort: Route['sort'];
  readonly onSort: (sort: Route['sort']) => void;
}

/** The records of the selection; only the rows in sight are fetched. */
export function RecordsView({ about, state, sort, onSort }: RecordsProps) {
  const text = encodeState({ ...state, compare: false });
  const sorted = sort ?? { column: 'start', descending: false };
  const key = `${text}\n${JSON.stringify(sorted)}`;
  const [count, setCount] = useState<number | undefined>(undefined);
  const [first, setFirst] = useState(0);
  const [error, setError] = useState<string | undefined>(undefined);
  const pages = useRef(new Map<string, Cells[] | 'loading'>());
  const [, redraw] = useState(0);
  const [note, say] = useNotice();
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const abort = new AbortController();
    setCount(undefined);
    setError(undefined);
    pages.current.clear();
    box.current?.scrollTo(0, 0);
    call<{ count: number }>('count', { state: text }, abort.signal).then(
      (answer) => setCount(answer.count),
      (failure: unknown) => !abort.signal.aborted && setError(messageOf(failure)),
    );
    return () => abort.abort();
  }, [key]);

  const visible = Math.ceil((box.current?.clientHeight ?? 600) / ROW) + 4;
  const rows = Math.min(count ?? 0, MOST_ROWS);
  const last = Math.min(rows, first + visible);
  useEffect(() => {
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page++) {
      const name = `${key}\n${page}`;
      if (pages.current.has(name)) continue;
      pages.current.set(name, 'loading');
      call<{ rows: Cells[] }>('records', { state: text, sort: sorted, offset: page * PAGE, limit: PAGE }).then(
        (answer) => {
          pages.current.set(name, answer.rows);
          redraw((n) => n + 1);
        },
        (failure: unknown) => {
          pages.current.delete(name);
          setError(messageOf(failure));
        },
      );
    }
  }, [key, first, last]);

  const cellsOf = (row: number): Cells | undefined => {
    const page = pages.current.get(`${key}\n${Math.floor(row / PAGE)}`);
    return Array.isArray(page) ? page[row % PAGE] : undefined;
  };
  return (
    <div class="grid">
      <section class="card span-12" aria-labelledby="records-title">
        <header class="card-head">
          <div>
            <h2 id="records-title">Records</h2>
            <p class="meaning" data-testid="record-count">
              {count === undefined
                ? 'Counting …'
                : `${humanNumber(count)} flow-log records match the filters${count > MOST_ROWS ? `; ${humanNumber(MOST_ROWS)} of ${humanNumber(count)} are listed` : ''}. Click a heading to sort.`}
            </p>
          </div>
          <div class="card-actions">
            <button
              type="button"
              onClick={() => {
                say('Writing the file …');
                download('export', { state: text, sort: sorted }, 'records.csv').then(
                  () =>
                    say(
                      count !== undefined && count > 1_000_000
                        ? `1,000,000 of ${humanNumber(count)} records were saved. The copied command gives all with -o records.csv.`
                        : 'Saved as records.csv.',
                    ),
                  (failure: unknown) => setError(messageOf(failure)),
                );
              }}
            >
              Export CSV
            </button>
            <CopyButton title="Records" load={() => call<Texts>('texts', { state: text, panel: 'records' })} />
          </div>
        </header>
        <p class="visually-hidden" role="status">
          {note}
        </p>
        {note !== '' && <p class="note">{note}</p>}
        {error !== undefined && <p class="problem">{error}</p>}
        <div
          ref={box}
          class="records"
          tabindex={0}
          role="region"
          aria-label="Records, scrollable"
          onScroll={() => setFirst(Math.max(0, Math.floor((box.current?.scrollTop ?? 0) / ROW) - 2))}
        >
          <table class="rows virtual" aria-rowcount={count ?? -1}>
            <thead>
              <tr>
                {about.columns.map(({ name }) => (
                  <th key={name} scope="col" aria-sort={sorted.column === name ? (sorted.descending ? 'descending' : 'ascending') : 'none'}>
                    <button
                      type="button"
                      class="sort"
                      onClick={() => onSort({ column: name, descending: sorted.column === name ? !sorted.descending : false })}
                    >
                      {name} {sorted.column === name ? (sorted.descending ? '↓' : '↑') : ''}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {first > 0 && (
                <tr aria-hidden="true">
                  <td colSpan={about.columns.length} style={{ height: `${first * ROW}px`, padding: 0 }} />
                </tr>
              )}
              {Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i).map((row) => {
                const cells = cellsOf(row);
                return (
                  <tr
                    key={row}
                    aria-rowindex={row + 2}
                    class={cells?.[about.columns.findIndex(({ name }) => name === 'action')] === 'REJECT' ? 'is-rejected' : ''}
                  >
                    {about.columns.map(({ name }, i) => (
                      <td key={name} class={typeof cells?.[i] === 'number' ? 'number' : ''}>
                        {cells === undefined ? '…' : <bdi>{shown(name, cells[i] ?? null)}</bdi>}
                      </td>
                    ))}
                  </tr>
                );
              })}
              {rows > last && (
                <tr aria-hidden="true">
                  <td colSpan={about.columns.length} style={{ height: `${(rows - last) * ROW}px`, padding: 0 }} />
                </tr>
              )}
            </tbody>
          </table>
          {count === 0 && <p class="empty">No record matches all filters. Remove one above.</p>}
        </div>
      </section>
    </div>
  );
}

const shown = (name: string, value: string | number | boolean | null): string =>
  (name === 'start' || name === 'end') && typeof value === 'number' ? time(value) : humanValue(value, COLUMN_UNITS[name]);
