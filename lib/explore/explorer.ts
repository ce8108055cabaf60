/** Answers of the linked views over prepared records. Equal to the portable SQL of each panel, which a test shows. */
import { sqlString } from '../source/duckdb';
import type { Records } from '../source/records';
import { type Active, buildCube, type Cube, keyNames, keysOf, presence, SUMMED, SUMS, sumSql } from './cube';
import { DIMENSIONS, type DimensionId } from './dimensions';
import { ownDimension, type Panel, type PanelRow } from './panels';
import { filterConditions, pinnedFirst } from './portable';
import { cubeKey, PREPARED_RECORDS, PREPARED_WORDS, type Prepared } from './prepare';
import { encodeState, type ExploreState, type Filter, type TimeRange, withoutFilter } from './state';
import { loadSums, type RawRow, type Sums } from './sums';
import { type Domain, domainOf } from './steps';

/** Cubes and answers that are kept; the oldest go first. */
const CUBES_KEPT = 120;
const ANSWERS_KEPT = 2000;
/** Rows of cubes in memory: of one, and of all. A row takes 36 bytes. */
const LOADED_ROWS = { one: 2_000_000, all: 5_000_000 };

const isWord = (id: DimensionId) => DIMENSIONS[id].type === 'text';

/** The part of time that panels other than the timeline show: the part of the brush within the zoom. */
export function windowOf({ brush, range }: ExploreState, all: TimeRange): TimeRange {
  const zoom = range ?? all;
  if (brush === undefined) return zoom;
  const both = range === undefined ? brush : { from: Math.max(brush.from, range.from), to: Math.min(brush.to, range.to) };
  return both.from < both.to ? both : zoom;
}

/** The part of time that a panel shows: of the timeline the whole zoom, with the brush drawn on it. */
export const panelWindow = (id: Panel['id'] | 'records', state: ExploreState, all: TimeRange): TimeRange =>
  id === 'timeline' ? (state.range ?? all) : windowOf(state, all);

export class Explorer {
  private readonly cubes = new Map<string, Promise<Cube>>();
  /** Cubes in memory, by their table; undefined while one is being read, or where it is too large. */
  private readonly loaded = new Map<string, Sums | undefined>();
  private readonly answers = new Map<string, readonly PanelRow[]>();
  private readonly words = new Map<number, string>();
  private readonly ids = new Map<string, number | undefined>();
  private serial = 0;
  private readonly hasAction: boolean;

  constructor(
    private readonly db: Records['db'],
    private readonly prepared: Prepared,
  ) {
    this.hasAction = prepared.dimensions.has('action');
  }

  domain(state: ExploreState): Domain {
    const { from, to } = state.range ?? this.prepared.range;
    return domainOf(from, to);
  }

  /**
   * Rows of a panel. `active` is what the user brushes now: the first answer then makes a table that the next ones add up.
   * @throws whatever `signal` was aborted with
   */
  async panel(
    panel: Panel,
    state: ExploreState,
    options: { active?: Active | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<readonly PanelRow[]> {
    const key = `${panel.id}?${encodeState(effective(panel, state))}`;
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const rows = await this.rows(panel, state, options);
    const compared = state.compare ? await this.compare(panel, state, rows, options.signal) : rows;
    remember(this.answers, key, compared, ANSWERS_KEPT);
    return compared;
  }

  /** Makes the tables for a brush before it begins; those for the time are also read into memory. */
  async warm(state: ExploreState, active: Active, signal?: AbortSignal): Promise<void> {
    for (const panel of this.prepared.panels) {
      if (panel.by.includes(active)) continue;
      signal?.throwIfAborted();
      const cube = await this.cubeFor(panel, state, active);
      if (active === 'time' && cube !== undefined) await this.load(cube.table, keyNames(panel));
    }
  }

  private async load(table: string, names: readonly string[]): Promise<void> {
    if (this.loaded.has(table)) return;
    this.loaded.set(table, undefined);
    this.loaded.set(table, await loadSums(this.db, table, names, LOADED_ROWS.one));
    let rows = [...this.loaded.values()].reduce((sum, one) => sum + (one?.size ?? 0), 0);
    for (const [old, sums] of this.loaded) {
      if (rows <= LOADED_ROWS.all) break;
      if (sums === undefined) continue;
      this.loaded.delete(old);
      rows -= sums.size;
    }
  }

  private async rows(
    panel: Panel,
    state: ExploreState,
    { active, signal }: { active?: Active | undefined; signal?: AbortSignal | undefined },
  ): Promise<PanelRow[]> {
    const first = await this.first(panel, state);
    const fromCube = await this.cubeRows(panel, state, active, signal, first);
    if (fromCube !== undefined) return fromCube;
    const conditions = await this.conditions(panel, state);
    const { step } = this.domain(state);
    const groups = `SELECT ${keysOf(panel, step).join(', ')}, ${SUMS} FROM ${PREPARED_RECORDS} WHERE ${conditions.join(' AND ')} GROUP BY ALL`;
    return this.decode(
      panel,
      step,
      await this.db.rows(`SELECT * FROM (${groups}) ORDER BY ${orderOf(panel, state, first)}${limitOf(panel)}`, signal),
    );
  }

  /** Values of `k0` whose groups come before larger ones. */
  private async first(panel: Panel, state: ExploreState): Promise<number[]> {
    const pinned = panel.top === undefined ? undefined : pinnedFirst(panel, state);
    return pinned === undefined ? [] : this.idsOf(pinned.id, pinned.values);
  }

  /** Rows added up from a cube, where one has all that the selection needs. */
  private async cubeRows(
    panel: Panel,
    state: ExploreState,
    active: Active | undefined,
    signal: AbortSignal | undefined,
    first: readonly number[],
  ): Promise<PanelRow[] | undefined> {
    const choices: (Active | undefined)[] = [active, 'time'];
    for (const choice of choices) {
      if (choice === undefined || (choice !== 'time' && panel.by.includes(choice))) continue;
      const part = this.cubePart(panel, state, choice);
      if (part === undefined) continue;
      const cube = await this.cubeFor(panel, state, choice, choice === active);
      if (cube === undefined) continue;
      const { step } = this.domain(state);
      const rows =
        (part.buckets && this.loaded.get(cube.table)?.rows({ buckets: part.buckets, measure: state.measure, top: panel.top, first })) ??
        (await this.db.rows(`${cubeSql(cube, panel, part.condition)} ORDER BY ${orderOf(panel, state, first)}${limitOf(panel)}`, signal));
      if (cube.leftOut !== undefined) {
        const last = rows.at(-1);
        if (rows.length < (panel.top ?? 0) || Number(last?.[state.measure]) <= cube.leftOut) continue;
      }
      return this.decode(panel, step, rows);
    }
    return undefined;
  }

  /** The part of a cube that is the selection; undefined if it does not fall on its edges. */
  private cubePart(panel: Panel, state: ExploreState, active: Active): CubePart | undefined {
    if (active !== 'time') {
      const filter = state.filters[active];
      if (filter === undefined) return { condition: 'true' };
      const values = filter.values.map(Number).join(', ');
      return { condition: filter.exclude ? `(a IS NULL OR a NOT IN (${values}))` : `a IN (${values})` };
    }
    const { step } = this.cubeDomain(panel, state);
    // Buckets of the timeline itself must be those of its own domain.
    if (panel.id === 'timeline') return this.domain(state).step === step && state.range === undefined ? { condition: 'true' } : undefined;
    const { from, to } = windowOf(state, this.prepared.range);
    const all = state.range ?? this.prepared.range;
    if (from % step !== 0 && from > all.from) return undefined;
    if (to % step !== 0 && to < all.to) return undefined;
    const buckets = { from: Math.floor(from / step), to: Math.ceil(to / step) };
    return { condition: `a >= ${buckets.from} AND a < ${buckets.to}`, buckets };
  }

  /** Without filters of others, the prepared cube of the whole range serves, also within a zoom that falls on its buckets. */
  private usesPrepared(panel: Panel, state: ExploreState): boolean {
    const others = filterConditions(state.filters, ownDimension(panel), (id) => id);
    if (others.length > 0 || pinnedFirst(panel, state) !== undefined) return false;
    const { step } = this.prepared.domain;
    return [state.range, state.brush].every((range) => range === undefined || (range.from % step === 0 && range.to % step === 0));
  }

  private cubeDomain(panel: Panel, state: ExploreState): Domain {
    return this.usesPrepared(panel, state) ? this.prepared.domain : this.domain(state);
  }

  private async cubeFor(panel: Panel, state: ExploreState, active: Active, build = true): Promise<Cube | undefined> {
    if (active === 'time' && this.usesPrepared(panel, state)) return this.prepared.cubes.get(cubeKey(panel, state.measure));
    // The brush itself is not part of what a cube holds.
    const base: ExploreState =
      active === 'time'
        ? { ...state, brush: undefined, compare: false }
        : { ...state, compare: false, filters: withoutFilter(state.filters, active) };
    const key = `${active}/${panel.id}?${encodeState(effective(panel, base, true))}`;
    const known = this.cubes.get(key);
    if (known !== undefined) {
      remember(this.cubes, key, known, CUBES_KEPT);
      return known;
    }
    if (!build) return undefined;
    // Not cancelled with the question: the next move of the brush needs it too.
    const pending = this.buildCube(panel, base, active);
    this.cubes.set(key, pending);
    pending.catch(() => this.cubes.delete(key));
    for (const [old, cube] of this.cubes) {
      if (this.cubes.size <= CUBES_KEPT) break;
      this.cubes.delete(old);
      void cube
        .then(({ table }) => {
          this.loaded.delete(table);
          return this.db.rows(`DROP TABLE IF EXISTS ${table}`);
        })
        .catch(() => undefined);
    }
    return pending;
  }

  private async buildCube(panel: Panel, state: ExploreState, active: Active): Promise<Cube> {
    const ids = await this.first(panel, state);
    return buildCube(this.db, {
      table: `memory.cube_${++this.serial}`,
      records: PREPARED_RECORDS,
      panel,
      measure: state.measure,
      active,
      step: this.domain(state).step,
      conditions: await this.conditions(panel, state),
      ...(ids.length > 0 ? { always: `k0 IN (${ids.join(', ')})` } : {}),
    });
  }

  /** Conditions over prepared records. What the records do not have, no value of a filter meets. */
  private async conditions(panel: Panel, state: ExploreState): Promise<string[]> {
    const window = panelWindow(panel.id, state, this.prepared.range);
    const conditions = [`s >= ${window.from}`, `s < ${window.to}`, ...presence(panel, this.hasAction)];
    for (const [id, filter] of Object.entries(state.filters) as [DimensionId, Filter][]) {
      if (id === ownDimension(panel)) continue;
      const ids = this.prepared.dimensions.has(id) ? await this.idsOf(id, filter.values) : [];
      if (ids.length === 0) conditions.push(filter.exclude ? 'true' : 'false');
      else conditions.push(filter.exclude ? `(${id} IS NULL OR ${id} NOT IN (${ids.join(', ')}))` : `${id} IN (${ids.join(', ')})`);
    }
    return conditions;
  }

  /** Adds to each row its measure in the period of the same length before. */
  private async compare(
    panel: Panel,
    state: ExploreState,
    rows: readonly PanelRow[],
    signal: AbortSignal | undefined,
  ): Promise<readonly PanelRow[]> {
    const shown = panelWindow(panel.id, state, this.prepared.range);
    const length = shown.to - shown.from;
    const before = { from: shown.from - length, to: shown.from };
    const earlier: ExploreState = { ...state, range: before, brush: undefined };
    const conditions = await this.conditions(panel, earlier);
    const { step } = this.domain(state);
    const keys = panel.by.map((by, i) => `${by === 'time' ? `(s + ${length}) / ${step}` : by} AS k${i}`);
    const only = panel.top === undefined ? [] : await this.onlyShown(panel, rows);
    const previous = await this.decode(
      panel,
      step,
      await this.db.rows(
        `SELECT ${keys.join(', ')}, ${SUMS} FROM ${PREPARED_RECORDS} WHERE ${[...conditions, ...only].join(' AND ')} GROUP BY ALL`,
        signal,
      ),
    );
    const found = new Map(previous.map((row) => [JSON.stringify(row.key), row]));
    const joined = rows.map((row) => {
      const key = JSON.stringify(row.key);
      const was = found.get(key)?.[state.measure] ?? 0;
      found.delete(key);
      return { ...row, previous: was };
    });
    const gone =
      panel.top === undefined
        ? [...found.values()].map((row) => ({ key: row.key, records: 0, rejected: 0, bytes: 0, packets: 0, previous: row[state.measure] }))
        : [];
    return [...joined, ...gone];
  }

  private async onlyShown(panel: Panel, rows: readonly PanelRow[]): Promise<string[]> {
    if (rows.length === 0) return ['false'];
    const tuples = await Promise.all(
      rows.map(async ({ key }) => {
        const parts = await Promise.all(panel.by.map(async (by, i) => (by === 'time' ? [] : this.idsOf(by, [key[i] ?? '']))));
        return `(${parts.map((ids, i) => `${panel.by[i] ?? ''} = ${ids[0] ?? 'NULL'}`).join(' AND ')})`;
      }),
    );
    return [`(${tuples.join(' OR ')})`];
  }

  private async idsOf(id: DimensionId, values: readonly (string | number)[]): Promise<number[]> {
    if (!isWord(id)) return values.map(Number);
    const unknown = values.map(String).filter((value) => !this.ids.has(value));
    if (unknown.length > 0) {
      const rows = await this.db.rows(`SELECT id, word FROM ${PREPARED_WORDS} WHERE word IN (${unknown.map(sqlString).join(', ')})`);
      const found = new Map(rows.map((row) => [String(row['word']), Number(row['id'])]));
      for (const value of unknown) remember(this.ids, value, found.get(value), ANSWERS_KEPT * 10);
    }
    return values.map(String).flatMap((value) => this.ids.get(value) ?? []);
  }

  private async decode(panel: Panel, step: number, rows: readonly RawRow[]): Promise<PanelRow[]> {
    const wordKeys = panel.by.flatMap((by, i) => (by !== 'time' && isWord(by) ? [`k${i}`] : []));
    const unknown = new Set(
      rows.flatMap((row) => wordKeys.flatMap((key) => (row[key] === null || this.words.has(Number(row[key])) ? [] : [Number(row[key])]))),
    );
    if (unknown.size > 0) {
      for (const row of await this.db.rows(`SELECT id, word FROM ${PREPARED_WORDS} WHERE id IN (${[...unknown].join(', ')})`))
        this.words.set(Number(row['id']), String(row['word']));
    }
    return rows.map((row) => ({
      key: panel.by.map((by, i) => {
        const value = row[`k${i}`];
        if (value === null || value === undefined) return null;
        if (by === 'time') return Number(value) * step;
        return isWord(by) ? (this.words.get(Number(value)) ?? null) : Number(value);
      }),
      records: Number(row['records']),
      rejected: Number(row['rejected']),
      bytes: Number(row['bytes']),
      packets: Number(row['packets']),
    }));
  }
}

/** A condition over `a`; where it is a run of buckets of time, that too. */
interface CubePart {
  readonly condition: string;
  readonly buckets?: TimeRange;
}

function cubeSql(cube: Cube, panel: Panel, condition: string): string {
  const sums = SUMMED.map((name) => `${sumSql(name)} AS ${name}`).join(', ');
  return `SELECT * FROM (SELECT ${keyNames(panel).join(', ')}, ${sums} FROM ${cube.table} WHERE ${condition} GROUP BY ALL)`;
}

function orderOf(panel: Panel, state: ExploreState, first: readonly number[]): string {
  const names = keyNames(panel);
  if (panel.top === undefined) return names.join(', ');
  return [...(first.length > 0 ? [`k0 IN (${first.join(', ')}) DESC`] : []), `${state.measure} DESC`, ...names].join(', ');
}

const limitOf = ({ top }: Panel): string => (top === undefined ? '' : ` LIMIT ${top}`);

/** The state as far as it changes a panel. */
function effective(panel: Panel, state: ExploreState, forCube = false): ExploreState {
  const pinned = pinnedFirst(panel, state);
  const filters = Object.fromEntries(
    (Object.entries(state.filters) as [DimensionId, Filter][]).filter(
      ([id]) => id !== ownDimension(panel) || (panel.top !== undefined && id === pinned?.id),
    ),
  );
  return {
    ...state,
    filters,
    // Panels that show all their groups are the same for every measure, unless they say how it was before.
    measure: panel.top === undefined && (!state.compare || forCube) ? 'records' : state.measure,
    ...(panel.id === 'timeline' ? { brush: undefined } : {}),
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const old of map.keys()) {
    if (map.size <= most) break;
    map.delete(old);
  }
}
