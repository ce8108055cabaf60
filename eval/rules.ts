/** The thresholds that people use now, implemented from their published rules, and ours. */
import type { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import { Catalogue } from '../lib/analysis/catalogue';
import { missingFields, openParameters } from '../lib/analysis/requirements';
import { findingsOf } from '../lib/finding/finding';
import { parseFormat, sqlNameOf } from '../lib/flow-log/format';
import { runAnalysis } from '../lib/run';

/** What a rule tells: the same shape for all of them, one per actor and six hours. */
export interface Told {
  readonly rule: string;
  readonly actors: readonly string[];
  readonly from: number;
  readonly until: number;
}

export interface RuleSet {
  readonly name: string;
  readonly source: string;
  run(engine: DuckDbEngine, window: { from: number; to: number }): Promise<Told[]>;
}

const DEDUP_SECONDS = 6 * 3600;

/** Ours repeat nothing for six hours or more; the others get the same. */
function once(told: readonly Told[]): Told[] {
  const open = new Map<string, Told>();
  const kept: Told[] = [];
  for (const one of [...told].sort((a, b) => a.from - b.from)) {
    const key = `${one.rule} ${one.actors.join()}`;
    const earlier = open.get(key);
    if (earlier !== undefined && one.from < earlier.from + DEDUP_SECONDS) continue;
    open.set(key, one);
    kept.push(one);
  }
  return kept;
}

async function rows(engine: DuckDbEngine, rule: string, sql: string): Promise<Told[]> {
  const result = await engine.run(sql);
  return result.rows.map((row) => ({
    rule,
    actors: [String(row['actor'])],
    from: Number(row['at']),
    until: Number(row['at']) + Number(row['seconds']),
  }));
}

const REJECTED = `action = 'REJECT'`;
const PRIVATE = (column: string) => `starts_with(${column}, '10.')`;

/** Every ten minutes' count, looked at every five minutes. */
const sliding = (actor: string, value: string, where: string, threshold: string) => `
  WITH slots AS (SELECT ${actor} AS actor, "start" / 300 AS slot, ${value} AS n FROM flow_records WHERE ${where} GROUP BY 1, 2),
  pairs AS (SELECT actor, slot, n + coalesce(lead(n) OVER (PARTITION BY actor ORDER BY slot) * CAST(lead(slot) OVER (PARTITION BY actor ORDER BY slot) = slot + 1 AS INTEGER), 0) AS n FROM slots)
  SELECT actor, slot * 300 AS at, 600 AS seconds FROM pairs WHERE n > ${threshold}`;

/** Count of an hour against mean and deviation of the hours before it, at most 720, hours without records as zero. */
const hourly = (actor: string, value: string, where: string, verdict: string) => `
  WITH counted AS (SELECT ${actor} AS actor, "start" / 3600 AS bucket, ${value} AS n FROM flow_records WHERE ${where} GROUP BY 1, 2),
  bounds AS (SELECT min("start") / 3600 AS first FROM flow_records),
  past AS (
    SELECT actor, bucket, n, least(720, bucket - first) AS hours,
      coalesce(sum(n) OVER w, 0) AS total, coalesce(sum(CAST(n AS DOUBLE) * n) OVER w, 0) AS squares
    FROM counted, bounds WINDOW w AS (PARTITION BY actor ORDER BY bucket RANGE BETWEEN 720 PRECEDING AND 1 PRECEDING)
  ), judged AS (SELECT actor, bucket, n, hours, total / hours AS mean, sqrt(greatest(squares / hours - (total / hours) * (total / hours), 0)) AS deviation FROM past WHERE hours >= 24)
  SELECT actor, bucket * 3600 AS at, 3600 AS seconds FROM judged WHERE ${verdict}`;

const BYTES_OUT = `action = 'ACCEPT' AND ${PRIVATE('srcaddr')} AND NOT ${PRIVATE('dstaddr')}`;
const BLOCKED_OUT = `${REJECTED} AND ${PRIVATE('srcaddr')} AND NOT ${PRIVATE('dstaddr')}`;

const statistical = (name: string, verdict: string, source: string): RuleSet => ({
  name,
  source,
  run: async (engine) =>
    once([
      ...(await rows(engine, 'rejected per interface', hourly('interface_id', 'count(*)', REJECTED, verdict))),
      ...(await rows(engine, 'blocked outbound per source', hourly('srcaddr', 'count(*)', BLOCKED_OUT, verdict))),
      ...(await rows(engine, 'bytes out per interface', hourly('interface_id', 'sum(bytes)', BYTES_OUT, verdict))),
    ]),
});

const FOUR_SIGMA = statistical(
  'Splunk mean + 4 sigma',
  'n > mean + 4 * deviation',
  'github.com/splunk/security_content, detect_spike_in_blocked_outbound_traffic_from_your_aws and internal scans',
);

export const RULE_SETS: readonly RuleSet[] = [
  {
    name: 'Elastic thresholds',
    source: 'github.com/elastic/integrations, aws_vpcflow_otel alerting rule templates',
    run: async (engine) =>
      once([
        ...(await rows(engine, '> 100 rejects per interface', sliding('interface_id', 'count(*)', REJECTED, '100'))),
        ...(await rows(engine, '> 1000 rejects per source', sliding('srcaddr', 'count(*)', REJECTED, '1000'))),
        ...(await rows(engine, '> 50 GB per interface', sliding('interface_id', 'sum(bytes)', `action = 'ACCEPT'`, '50000000000'))),
      ]),
  },
  {
    ...FOUR_SIGMA,
    run: async (engine, window) =>
      once([
        ...(await FOUR_SIGMA.run(engine, window)),
        ...(await rows(
          engine,
          'horizontal',
          `SELECT srcaddr AS actor, "start" / 3600 * 3600 AS at, 3600 AS seconds FROM flow_records WHERE ${PRIVATE('srcaddr')} GROUP BY 1, 2, dstport, protocol HAVING count(DISTINCT dstaddr) >= 250`,
        )),
        ...(await rows(
          engine,
          'vertical',
          `SELECT srcaddr AS actor, "start" / 3600 * 3600 AS at, 3600 AS seconds FROM flow_records WHERE ${PRIVATE('srcaddr')} AND dstport < 32768 GROUP BY 1, 2, dstaddr HAVING count(DISTINCT dstport) > 500`,
        )),
      ]),
  },
  statistical('z-score 10', 'n > mean + 10 * greatest(deviation, 1)', 'a fixed z-score over the same counts'),
];

const catalogue = new Catalogue();
/** The records of every data set are in the default format. */
const COLUMNS = parseFormat('default').names.map(sqlNameOf);

export function ours(parameters: (id: string) => Record<string, number> = () => ({}), ids?: readonly string[]): RuleSet {
  return {
    name: 'flow-log-analytics',
    source: 'the default parameters of every detection',
    run: async (engine, window) => {
      const told: Told[] = [];
      for (const analysis of catalogue.all()) {
        if (analysis.kind !== 'detection' || openParameters(analysis).length > 0 || (ids !== undefined && !ids.includes(analysis.id)))
          continue;
        if (missingFields(analysis, {}, COLUMNS).length > 0) continue;
        const own = parameters(analysis.id);
        const { result } = await runAnalysis({ catalogue, engine, table: 'flow_records' }, { analysis, window, parameters: own });
        for (const finding of findingsOf(analysis, result.rows, own))
          told.push({
            rule: analysis.id,
            actors: finding.key.split('/').slice(1),
            from: Date.parse(finding.time) / 1000,
            until: Date.parse(finding.until) / 1000,
          });
      }
      return told;
    },
  };
}
