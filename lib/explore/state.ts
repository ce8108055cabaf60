/** What is looked at, as the query part of an address: one codec for the browser, the server and shared links. */
import { DIMENSIONS, DIMENSION_IDS, type DimensionId, isDimension } from './dimensions';

export const MEASURES = ['records', 'bytes', 'packets'] as const;
export type Measure = (typeof MEASURES)[number];

export interface Filter {
  /** Any of these; integers as numbers. */
  readonly values: readonly (string | number)[];
  /** None of these instead. */
  readonly exclude: boolean;
}

export interface ExploreState {
  /** Zoom, `[from, to)` in Unix seconds; undefined for all. */
  readonly range?: TimeRange | undefined;
  /** A part of the zoom; panels other than the timeline show only this. */
  readonly brush?: TimeRange | undefined;
  readonly measure: Measure;
  /** Also count the period of the same length before. */
  readonly compare: boolean;
  readonly filters: Readonly<Partial<Record<DimensionId, Filter>>>;
}

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export const EVERYTHING: ExploreState = { measure: 'records', compare: false, filters: {} };

/** All filters but that of one dimension. */
export const withoutFilter = (filters: ExploreState['filters'], id: string): ExploreState['filters'] =>
  Object.fromEntries(Object.entries(filters).filter(([name]) => name !== id));

/** An address that says something else than a state. */
export class StateError extends Error {
  override name = 'StateError';
}

const MOST_VALUES = 200;
const LONGEST_VALUE = 256;

const iso = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
export const printRange = ({ from, to }: TimeRange) => `${iso(from)}/${iso(to)}`;

/** 1, 2, 3, 7 as `1-3,7`. */
function printRuns(values: readonly number[]): string {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const value of sorted) {
    const last = runs.at(-1);
    if (last?.[1] === value - 1) last[1] = value;
    else runs.push([value, value]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}

/** The query part without `?`; parameters of others (`view`, …) are not touched by {@link decodeState}. */
export function encodeState(state: ExploreState): string {
  const params = new URLSearchParams();
  if (state.range !== undefined) params.set('range', printRange(state.range));
  if (state.brush !== undefined) params.set('brush', printRange(state.brush));
  if (state.measure !== 'records') params.set('by', state.measure);
  if (state.compare) params.set('compare', 'previous');
  for (const id of DIMENSION_IDS) {
    const filter = state.filters[id];
    if (filter === undefined || filter.values.length === 0) continue;
    const name = filter.exclude ? `not.${id}` : id;
    if (DIMENSIONS[id].type === 'integer') params.set(name, printRuns(filter.values.map(Number)));
    else for (const value of filter.values) params.append(name, String(value));
  }
  return params.toString();
}

/** @throws StateError naming parameter, got and expected */
export function parseRange(name: string, text: string): TimeRange {
  const [from = NaN, to = NaN] = text.split('/').map((part) => Date.parse(part) / 1000);
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from >= to || from < 0 || text.split('/').length !== 2)
    throw new StateError(
      `${name}: got ${JSON.stringify(text)}; expected two times with the earlier first, such as 2026-11-20T00:00:00Z/2026-11-20T06:00:00Z`,
    );
  return { from, to };
}

function parseRuns(name: string, text: string): number[] {
  const bad = () => new StateError(`${name}: got ${JSON.stringify(text)}; expected whole numbers and ranges such as 22,80,8000-8010`);
  const values = text.split(',').flatMap((run) => {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(run);
    if (match === null) throw bad();
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last < first || last - first >= MOST_VALUES) throw bad();
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return [...new Set(values)].sort((a, b) => a - b);
}

/** @throws StateError naming parameter, got and expected */
export function decodeState(text: string): ExploreState {
  const params = new URLSearchParams(text);
  const filters: Partial<Record<DimensionId, Filter>> = {};
  const range = params.get('range');
  const brush = params.get('brush');
  const measure = params.get('by') ?? 'records';
  if (!(MEASURES as readonly string[]).includes(measure))
    throw new StateError(`by: got ${JSON.stringify(measure)}; expected ${MEASURES.join(', ')}`);
  const compare = params.get('compare');
  if (compare !== null && compare !== 'previous') throw new StateError(`compare: got ${JSON.stringify(compare)}; expected previous`);
  for (const name of new Set(params.keys())) {
    const exclude = name.startsWith('not.');
    const id = exclude ? name.slice(4) : name;
    if (!isDimension(id)) continue;
    if (filters[id] !== undefined) throw new StateError(`${name}: given both as a filter and as its opposite; expected one of them`);
    const texts = params.getAll(name);
    const values = DIMENSIONS[id].type === 'integer' ? parseRuns(name, texts.join(',')) : [...new Set(texts)];
    if (values.length > MOST_VALUES) throw new StateError(`${name}: got ${values.length} values; expected at most ${MOST_VALUES}`);
    for (const value of values)
      if (typeof value === 'string' && (value === '' || value.length > LONGEST_VALUE))
        throw new StateError(`${name}: got a value of ${value.length} characters; expected 1 to ${LONGEST_VALUE}`);
    filters[id] = { values, exclude };
  }
  return {
    ...(range === null ? {} : { range: parseRange('range', range) }),
    ...(brush === null ? {} : { brush: parseRange('brush', brush) }),
    measure: measure as Measure,
    compare: compare !== null,
    filters,
  };
}
