import type { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import type { Told } from '../told';

export interface Peer {
  readonly name: string;
  /** Where its rules are published. */
  readonly source: string;
  run(engine: DuckDbEngine): Promise<Told[]>;
}

const DEDUP_SECONDS = 6 * 3600;

/** Theirs repeat with every run; as ours repeat nothing for six hours, each is told once for an actor and six hours. */
function once(told: readonly Told[]): Told[] {
  const open = new Map<string, number>();
  return [...told]
    .sort((a, b) => a.from - b.from)
    .filter((one) => {
      const key = `${one.rule} ${[...one.names].join()}`;
      const earlier = open.get(key);
      if (earlier !== undefined && one.from < earlier + DEDUP_SECONDS) return false;
      open.set(key, one.from);
      return true;
    });
}

/** A rule as SQL over `flow_records` with columns `actor`, `at` and `seconds`: who, since when, how long the window is. */
export interface Rule {
  readonly name: string;
  readonly severity: Told['severity'];
  readonly sql: string;
}

export const peer = (name: string, source: string, rules: readonly Rule[]): Peer => ({
  name,
  source,
  async run(engine) {
    const told: Told[] = [];
    for (const rule of rules) {
      const { rows } = await engine.run(rule.sql);
      for (const row of rows) {
        const from = Number(row['at']);
        const until = from + Number(row['seconds']);
        const actor = String(row['actor']);
        told.push({
          rule: rule.name,
          severity: rule.severity,
          names: new Set(actor.split(' ')),
          from,
          until,
          tellable: until,
          event: `${rule.name} ${actor} ${from}`,
          title: `${rule.name}: ${actor}`,
        });
      }
    }
    return once(told);
  },
});

export const REJECTED = `action = 'REJECT'`;
export const ACCEPTED = `action = 'ACCEPT'`;
export const isPrivate = (column: string) =>
  `(starts_with(${column}, '10.') OR starts_with(${column}, '192.168.') OR regexp_matches(${column}, '^172\\.(1[6-9]|2[0-9]|3[01])\\.'))`;
export const isPublic = (column: string) => `(NOT ${isPrivate(column)} AND ${column} <> '-')`;

/** Count of ten minutes, looked at every five. */
export const sliding = (actor: string, value: string, where: string, threshold: number) => `
  WITH slots AS (SELECT ${actor} AS actor, "start" // 300 AS slot, ${value} AS n FROM flow_records WHERE ${where} GROUP BY 1, 2),
  pairs AS (
    SELECT actor, slot, n + coalesce(sum(n) OVER (PARTITION BY actor ORDER BY slot RANGE BETWEEN 1 FOLLOWING AND 1 FOLLOWING), 0) AS n FROM slots
  )
  SELECT actor, slot * 300 AS at, 600 AS seconds FROM pairs WHERE n > ${threshold}`;

/** Count of an hour against mean and deviation of at most 720 hours before it; hours without records count as zero. */
export const hourly = (actor: string, value: string, where: string, verdict: string, leastHours: number) => `
  WITH counted AS (SELECT ${actor} AS actor, "start" // 3600 AS bucket, ${value} AS n FROM flow_records WHERE ${where} GROUP BY 1, 2),
  bounds AS (SELECT min("start") // 3600 AS first FROM flow_records),
  past AS (
    SELECT actor, bucket, n, least(720, bucket - first) AS hours,
      coalesce(sum(n) OVER w, 0) AS total, coalesce(sum(CAST(n AS DOUBLE) * n) OVER w, 0) AS squares
    FROM counted, bounds WINDOW w AS (PARTITION BY actor ORDER BY bucket RANGE BETWEEN 720 PRECEDING AND 1 PRECEDING)
  ), judged AS (
    SELECT actor, bucket, n, total / hours AS mean, sqrt(greatest(squares / hours - (total / hours) * (total / hours), 0)) AS deviation
    FROM past WHERE hours >= ${leastHours}
  )
  SELECT actor, bucket * 3600 AS at, 3600 AS seconds FROM judged WHERE ${verdict}`;
