/**
 * How many bytes kept relations are of the text they are made of: `npm run cost:shares -- [--write] [--only KINDS]`.
 * The records are those of the evaluation's ordinary networks in the recommended format, at four densities: as they are, ten days in
 * one (eval/README.md: they are thinned about that much), in six hours, in one hour. Each hour is a file, as CTAS writes it. docs/cost.md
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { WORKLOADS } from '../eval/workloads/all';
import type { Workload } from '../eval/workloads/workload';
import { DAY, MONDAY } from '../eval/world/clock';
import { Sampler } from '../eval/world/sampler';
import { Site } from '../eval/world/site';
import { Catalogue } from '../lib/analysis/catalogue';
import { RELATIONS, type RelationName } from '../lib/analysis/relations';
import { exampleParameters, relationsOf, renderSql } from '../lib/analysis/render';
import { stagesOf } from '../lib/analysis/stages';
import { readsOf } from '../lib/cost/reads';
import { TRINO_TYPES } from '../lib/analysis/view';
import { loadPrelude } from '../lib/engine/duckdb/duckdb';
import { athenaTypeOf, parseFormat, sqlNameOf } from '../lib/flow-log/format';
import { keptSql, MADE, SOURCE } from '../lib/lake/relations';
import { type Database, openDatabase, sqlName, sqlPaths } from '../lib/source/duckdb';
import { printLog } from '../lib/synthetic/capture/lines';

const FORMAT = parseFormat('recommended');
const DAYS = 10;
const HALF = 'reporting';
const HOUR = 3600;
/** How much is folded into what, seconds; the name says how much denser it is. */
const DENSITIES = {
  'as generated': DAYS * DAY,
  'ten days in one': DAY,
  'ten days in six hours': 6 * HOUR,
  'ten days in an hour': HOUR,
} as const;
type Density = keyof typeof DENSITIES;
/** Shares for docs/cost.md and lib/cost/shares.ts. */
const TAKEN: Density = 'ten days in six hours';
/** Parts of the day's hours that are written: all would say the same. */
const HOURS = [0.2, 0.5, 0.85];

/** Compressed bytes by column. */
type Columns = Readonly<Record<string, number>>;

const SHARES = 'lib/cost/shares.ts';

/** Bytes of each stage of each detection for each byte that is read to make it, over the hours that `all_…` hold; conversations of the last one only, as runs read them. */
async function stageShares(
  db: Database,
  catalogue: Catalogue,
  of: Readonly<Record<RelationName, Columns>>,
  hours: readonly number[],
  measure: (select: string, sums: Record<string, number>) => Promise<void>,
): Promise<Record<string, number>> {
  const relations = Object.fromEntries(RELATIONS.map((name) => [name, { table: `all_${name}` }]));
  const last = hours.at(-1) ?? 0;
  const shares: Record<string, number> = {};
  for (const analysis of catalogue.all().filter((one) => one.kind === 'detection' && relationsOf(catalogue, one).size > 0)) {
    const window = { from: last * HOUR, to: (last + 1) * HOUR };
    const whole = renderSql(catalogue, analysis, { window, parameters: exampleParameters(analysis), relations });
    const { stages } = stagesOf(whole, (name) => `"stage_${name}"`);
    for (const stage of stages) {
      await db.rows(`CREATE OR REPLACE TABLE "stage_${stage.name}" AS ${stage.sql}`);
      const columns: Record<string, number> = {};
      await measure(`SELECT * FROM "stage_${stage.name}"`, columns);
      const read = (readsOf(catalogue, analysis, (name) => shares[`${analysis.id} ${name}`] ?? 1).made.get(stage.name) ?? []).reduce(
        (sum, { relation, columns: names, times }) =>
          sum +
          (times * names.reduce((all, name) => all + (of[relation][name] ?? 0), 0)) / (relation === 'conversations' ? hours.length : 1),
        0,
      );
      const bytes = Object.values(columns).reduce((a, b) => a + b, 0);
      shares[`${analysis.id} ${stage.name}`] = read === 0 ? 0 : Number(Math.min(1, bytes / read).toPrecision(2));
    }
  }
  return shares;
}

/** Writes the records of a network as text. @returns bytes */
function writeNetwork(kind: Workload, index: number, path: string): number {
  const site = new Site({
    random: new Sampler(7000 + index),
    from: MONDAY,
    to: MONDAY + DAYS * DAY,
    egress: 'open',
    inside: 'grouped',
    network: 16 + index,
    aggregationSeconds: 60,
    stamps: 'packets',
  });
  kind.build(site, HALF);
  const file = openSync(path, 'w');
  for (const text of printLog(site.capture.sorted(), { format: FORMAT, account: '123456789012', region: 'us-east-1' }))
    writeSync(file, text);
  closeSync(file);
  return statSync(path).size;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { write: { type: 'boolean', default: false }, only: { type: 'string' } } });
  const work = mkdtempSync(join(tmpdir(), 'shares-'));
  try {
    const kinds = WORKLOADS.filter(({ kind }) => values.only?.split(',').includes(kind) ?? true);
    const paths = kinds.map(({ kind }) => join(work, `${kind}.log`));
    const text = kinds.map((kind, i) => writeNetwork(kind, i, paths[i] ?? '')).reduce((sum, bytes) => sum + bytes, 0);
    const db = await openDatabase({ threads: 1, memory: '1500MB', temporaryFolder: work });
    await loadPrelude(db);
    const types = FORMAT.names.map((name) => `'${sqlNameOf(name)}': '${TRINO_TYPES[athenaTypeOf(name)]}'`).join(', ');
    await db.rows(
      `CREATE TABLE flow_records AS SELECT * FROM read_csv(${sqlPaths(paths)}, columns = {${types}}, delim = ' ', header = true, nullstr = '-', auto_detect = false)`,
    );
    const catalogue = new Catalogue();
    const names = FORMAT.names.map(sqlNameOf);
    const list = names.map(sqlName).join(', ');
    const number = async (sql: string) => Number(Object.values((await db.rows(sql))[0] ?? {})[0] ?? 0);
    const total = await number('SELECT count(*) FROM flow_records');
    const perRecord = text / total;
    const interfaces = await number('SELECT count(DISTINCT interface_id) FROM flow_records');
    console.log(`${kinds.length} networks, ${interfaces} interfaces, ${total} records of ${perRecord.toFixed(0)} bytes of text`);
    /** Writes rows as one Parquet file and adds what its columns take. */
    const measure = async (select: string, sums: Record<string, number>) => {
      const path = join(work, 'hour.parquet');
      await db.rows(`COPY (${select}) TO '${path}' (FORMAT parquet, COMPRESSION gzip)`);
      for (const row of await db.rows(
        `SELECT path_in_schema AS name, sum(total_compressed_size)::DOUBLE AS bytes FROM parquet_metadata('${path}') GROUP BY 1`,
      ))
        sums[String(row['name'])] = (sums[String(row['name'])] ?? 0) + Number(row['bytes']);
    };
    let stages: Readonly<Record<string, number>> = {};
    const shares: Partial<Record<Density, Record<RelationName | 'raw', Columns>>> = {};
    for (const [density, seconds] of Object.entries(DENSITIES) as [Density, number][]) {
      await db.rows(
        `CREATE OR REPLACE TABLE folded AS SELECT * REPLACE (${MONDAY} + ("start" - ${MONDAY}) % ${seconds} AS "start", ${MONDAY} + ("start" - ${MONDAY}) % ${seconds} + "end" - "start" AS "end") FROM flow_records`,
      );
      const span = Math.min(seconds, DAY) / HOUR;
      const begin = MONDAY / HOUR + (seconds > DAY ? 3 * 24 : 0);
      const hours = [...new Set(HOURS.map((part) => begin + Math.floor(part * span)))];
      const ofHour = (table: string, hour: number) => `SELECT * FROM ${table} WHERE "start" / 3600 = ${hour}`;
      const of: Record<RelationName | 'raw', Record<string, number>> = {
        raw: {},
        conversations: {},
        links: {},
        attempts: {},
        interface_hours: {},
      };
      const rows: Record<string, number> = {};
      let seen = 0;
      for (const hour of hours) {
        await db.rows(`CREATE OR REPLACE TABLE one_hour AS ${ofHour('folded', hour)}`);
        seen += await number('SELECT count(*) FROM one_hour');
        await measure(`SELECT ${list} FROM one_hour ORDER BY "end" // 300`, of.raw);
        for (const name of RELATIONS) {
          const made = name === 'conversations' ? MADE : `made_${name}`;
          await db.rows(`CREATE OR REPLACE TABLE ${made} AS ${keptSql(catalogue, name, names).replaceAll(SOURCE, 'one_hour')}`);
          rows[name] = (rows[name] ?? 0) + (await number(`SELECT count(*) FROM ${made}`));
          await measure(`SELECT * FROM ${made}`, of[name]);
          await db.rows(
            hour === hours[0]
              ? `CREATE OR REPLACE TABLE all_${name} AS SELECT * FROM ${made}`
              : `INSERT INTO all_${name} SELECT * FROM ${made}`,
          );
        }
      }
      const bytes = seen * perRecord;
      console.log(`\n${density}: ${(seen / hours.length).toFixed(0)} records an hour`);
      shares[density] = Object.fromEntries(
        Object.entries(of).map(([name, columns]) => {
          const ofText = Object.fromEntries(
            Object.entries(columns).map(([column, size]) => [column, Number((size / bytes).toPrecision(3))]),
          );
          const sum = Object.values(ofText).reduce((a, b) => a + b, 0);
          console.log(
            `${name.padEnd(16)} ${(100 * sum).toFixed(2).padStart(6)} % of the text, ${((rows[name] ?? seen) / seen).toFixed(3)} rows a record`,
          );
          return [name, ofText];
        }),
      ) as Record<RelationName | 'raw', Columns>;
      if (density === TAKEN) stages = await stageShares(db, catalogue, of, hours, measure);
    }
    await db.close();
    if (values.write)
      writeFileSync(
        SHARES,
        await format(
          `/** Made by scripts/relation-shares.ts; docs/cost.md says how. */\n\n/** Bytes of a column in Parquet for each byte of text in the recommended format. */\nexport const RELATION_SHARES = ${JSON.stringify(
            Object.fromEntries(RELATIONS.map((name) => [name, shares[TAKEN]?.[name]])),
          )} as const;\n\n/** Bytes of a stage for each byte that is read to make it; by detection and stage. */\nexport const STAGE_SHARES: Readonly<Record<string, number>> = ${JSON.stringify(stages)};\n`,
          { ...(await resolveConfig(SHARES)), parser: 'typescript' },
        ),
      );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

void main();
