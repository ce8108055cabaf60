/** A cube in memory: a brush that moves adds what it gained and takes away what it lost, instead of asking the database. */
import type { Database } from '../source/duckdb';
import { SUMMED } from './cube';
import type { Measure, TimeRange } from './state';

/** A row as the database gives it: keys as `k0`, `k1`, and sums. */
export type RawRow = Readonly<Record<string, unknown>>;

export interface RowsWanted {
  /** Numbers of buckets, `[from, to)`. */
  readonly buckets: TimeRange;
  readonly measure: Measure;
  /** So many of the largest groups, those of `first` before all; undefined for all groups in the order of their keys. */
  readonly top: number | undefined;
  /** Values of `k0` whose groups come first. */
  readonly first: readonly number[];
}

export class Sums {
  /** Rows that are added up in `totals`: `[from, to)`. */
  private from = 0;
  private to = 0;
  private readonly totals: readonly Float64Array[];

  /**
   * @param keys of the groups, in the order that decides between equals
   * @param firstBucket number of the first bucket
   * @param starts first row of each bucket, and the number of rows
   * @param group of each row
   * @param values of each row: integers, whose sums stay exact below 2^53
   */
  constructor(
    private readonly keys: readonly RawRow[],
    private readonly firstBucket: number,
    private readonly starts: Uint32Array,
    private readonly group: Uint32Array,
    private readonly values: readonly Float64Array[],
  ) {
    this.totals = SUMMED.map(() => new Float64Array(keys.length));
  }

  get size(): number {
    return this.group.length;
  }

  rows({ buckets, measure, top, first }: RowsWanted): RawRow[] {
    this.move(this.rowAt(buckets.from), this.rowAt(buckets.to));
    const groups = top === undefined ? this.present() : this.largest(measure, top, new Set(first));
    return groups.map((g) => ({
      ...this.keys[g],
      ...Object.fromEntries(SUMMED.map((name, i) => [name, this.totals[i]?.[g] ?? 0])),
    }));
  }

  private rowAt(bucket: number): number {
    const last = this.starts.length - 1;
    return this.starts[Math.min(last, Math.max(0, bucket - this.firstBucket))] ?? 0;
  }

  private move(from: number, to: number): void {
    const kept = Math.min(to, this.to) - Math.max(from, this.from);
    if (2 * kept <= this.to - this.from) {
      for (const total of this.totals) total.fill(0);
      this.add(from, to, 1);
    } else {
      this.add(from, this.from, 1);
      this.add(this.from, from, -1);
      this.add(this.to, to, 1);
      this.add(to, this.to, -1);
    }
    this.from = from;
    this.to = to;
  }

  private add(from: number, to: number, sign: 1 | -1): void {
    const { group } = this;
    for (let i = 0; i < SUMMED.length; i++) {
      const [total, values] = [this.totals[i], this.values[i]];
      if (total === undefined || values === undefined) continue;
      for (let row = from; row < to; row++) {
        const g = group[row] ?? 0;
        total[g] = (total[g] ?? 0) + sign * (values[row] ?? 0);
      }
    }
  }

  private present(): number[] {
    const groups: number[] = [];
    this.totals[SUMMED.indexOf('records')]?.forEach((records, g) => {
      if (records > 0) groups.push(g);
    });
    return groups;
  }

  private largest(measure: Measure, top: number, first: ReadonlySet<number>): number[] {
    const [records, sums] = [this.totals[SUMMED.indexOf('records')], this.totals[SUMMED.indexOf(measure)]];
    if (records === undefined || sums === undefined) return [];
    const isFirst = (g: number) => first.size > 0 && first.has(Number(this.keys[g]?.['k0']));
    const before = (a: number, b: number) => {
      const [one, other] = [isFirst(a), isFirst(b)];
      return one === other ? (sums[a] ?? 0) > (sums[b] ?? 0) : one;
    };
    // Groups come in the order that decides between equals, so a later one must be larger to go before.
    const best: number[] = [];
    for (let g = 0; g < records.length; g++) {
      if (records[g] === 0 || (best.length === top && !before(g, best[top - 1] ?? 0))) continue;
      let at = Math.min(best.length, top - 1);
      while (at > 0 && before(g, best[at - 1] ?? 0)) {
        best[at] = best[at - 1] ?? 0;
        at--;
      }
      best[at] = g;
    }
    return best;
  }
}

let serial = 0;

/** Reads a cube over time, unless it has more than `most` rows. `names` are its key columns. */
export async function loadSums(db: Database, table: string, names: readonly string[], most: number): Promise<Sums | undefined> {
  const [row] = await db.rows(`SELECT count(*) AS n FROM ${table}`);
  const size = Number(row?.['n']);
  if (size === 0 || size > most) return undefined;
  const groups = `memory.groups_${++serial}`;
  const list = names.join(', ');
  await db.rows(
    `CREATE TABLE ${groups} AS SELECT ${list}, row_number() OVER (ORDER BY ${list}) - 1 AS g FROM (SELECT DISTINCT ${list} FROM ${table})`,
  );
  try {
    const keys = await db.rows(`SELECT ${list} FROM ${groups} ORDER BY g`);
    const [buckets, group, ...values] = await db.numbers(
      `SELECT a::DOUBLE, g::DOUBLE, ${SUMMED.map((name) => `${name}::DOUBLE`).join(', ')} FROM ${table} AS c ` +
        `JOIN ${groups} AS g ON ${names.map((name) => `c.${name} IS NOT DISTINCT FROM g.${name}`).join(' AND ')} ORDER BY a`,
    );
    if (buckets === undefined || group === undefined) return undefined;
    const firstBucket = buckets[0] ?? 0;
    const starts = new Uint32Array((buckets.at(-1) ?? 0) - firstBucket + 2);
    buckets.forEach((bucket, row) => (starts[bucket - firstBucket + 1] = row + 1));
    // A bucket without rows starts where the one before ends.
    for (let i = 1; i < starts.length; i++) starts[i] = Math.max(starts[i] ?? 0, starts[i - 1] ?? 0);
    return new Sums(keys, firstBucket, starts, new Uint32Array(group), values);
  } finally {
    await db.rows(`DROP TABLE ${groups}`);
  }
}
