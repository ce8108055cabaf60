import { join } from 'node:path';
import { createHandler } from '../../lambda/run-analysis/handler';
import { Catalogue } from '../../lib/analysis/catalogue';
import { durationSeconds } from '../../lib/analysis/duration';
import { openPacked, packCatalogue } from '../../lib/analysis/packed';
import { RELATIONS, type RelationTable, type RelationTables } from '../../lib/analysis/relations';
import { relationText } from '../../lib/analysis/render';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { bucketSeconds, byTime, type Finding, findingOf, findingsOf } from '../../lib/finding/finding';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { runAnalysis } from '../../lib/run';
import type { Records } from '../../lib/source/records';
import { generate } from '../../lib/synthetic/generate';
import { PLANTS } from '../../lib/synthetic/plant';
import { temporaryFolder, withLogs } from '../support/logs';
import { MemoryStore } from '../support/memory-store';

/** What `flowlogs detect` promises: the same findings as a stack whose schedules ran all the time, in numbers and keys. */
const folder = temporaryFolder();
const FROM = Date.UTC(2026, 10, 20) / 1000;
const DAYS = 4;
const TO = FROM + DAYS * 86400;
const catalogue = new Catalogue();
const ids = [...PLANTS, 'beaconing', 'slow-scan', 'new-admin-source', 'rejection-spike-by-network'];
const packed = openPacked(packCatalogue(catalogue, ids));

/** What neither test looks at. */
const IDLE = {
  suppressions: [],
  read: () => Promise.reject(new Error('not used')),
  bury: () => Promise.reject(new Error('not used')),
  publish: () => undefined,
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  about: { stack: 'S', account: '1', region: 'r', runbookUrl: '' },
  commandOptions: () => '',
};

/** As a stack keeps them: more than a run asks for. Both sides read them, which neither test looks at; test/analysis/relations.test.ts does. */
async function keptRelations(records: Records, columns: ReadonlySet<string>): Promise<RelationTables> {
  const kept: Record<string, RelationTable> = {};
  for (const name of RELATIONS) {
    const text = relationText(catalogue, name, {
      records: 'flow_records',
      within: 'true',
      scope: 'true',
      columns,
      conversations: kept['conversations']?.table,
    });
    await records.db.rows(`CREATE TABLE kept_${name} AS SELECT * FROM ${text}`);
    kept[name] = { table: `kept_${name}`, byDelivery: true };
  }
  return kept;
}

test('runs one after the other, overlapping, find what one pass over the files finds', async () => {
  const logs = join(folder, 'logs');
  await generate(logs, {
    seed: 7,
    format: parseFormat('recommended'),
    layout: LAYOUTS['plain-hourly']!,
    account: '123456789012',
    region: 'us-east-1',
    records: 240_000,
    from: FROM,
    to: TO,
    hosts: 60,
    plants: PLANTS,
  });
  await withLogs([logs], async (records) => {
    const engine = await DuckDbEngine.over(records);
    const columns = new Set(records.columns.map(({ name }) => name));
    const target = { catalogue: packed, engine, table: 'flow_records', columns, relations: await keptRelations(records, columns) };
    const found: string[] = [];
    for (const id of ids) {
      const analysis = catalogue.get(id);
      // Incidents begin on the third day: less past than a deployed stack waits for.
      const parameters: Record<string, number> = analysis.parametersOf.includes('robust_spike')
        ? { warm_up_buckets: 24 }
        : id === 'logging-gap'
          ? { min_seen_buckets: 24 }
          : {};
      const bucket = bucketSeconds(analysis, parameters);
      const store = new MemoryStore();
      const told: string[] = [];
      const handler = createHandler({
        catalogue: packed,
        target: () => Promise.resolve(target),
        store,
        sinks: [{ name: 'test', tell: async (all) => void told.push(...all.map(({ finding }) => finding.key)) }],
        ...IDLE,
        now: () => TO * 1000,
      });
      // Its own interval for short ones would be thousands of runs; overlap and alignment are the same at any interval.
      const every = Math.max(durationSeconds(analysis.schedule ?? '') ?? 3600, 8 * 3600);
      for (let time = FROM + every; time <= TO + 86400; time += every)
        await handler(
          {
            schedule: id,
            analysis: id,
            engine: 'athena',
            scheduledTime: new Date(Math.min(time, TO) * 1000 + 1_200_000).toISOString(),
            everySeconds: every,
            lagSeconds: 1200,
            overlapSeconds: 3600,
            parameters,
          },
          { getRemainingTimeInMillis: () => 900_000 },
        );
      const scheduled: Finding[] = [...store.items.values()].map(({ state }) => findingOf(analysis, state, bucket)).sort(byTime);
      const { result } = await runAnalysis(target, { analysis, window: { from: FROM, to: TO }, parameters });
      const local = findingsOf(analysis, result.rows, parameters);
      expect(scheduled).toEqual(local);
      expect(new Set(told)).toEqual(new Set(local.map(({ key }) => key)));
      if (local.length > 0) found.push(id);
    }
    expect(found).toEqual(expect.arrayContaining([...PLANTS]));
  });
}, 180_000);

test('every run prunes partitions to its window, its lookback and the slack of delivery', async () => {
  const queries: string[] = [];
  const { PARTITIONS } = await import('../../lib/flow-log/layout.js');
  for (const id of ids) {
    const handler = createHandler({
      catalogue: packed,
      target: () =>
        Promise.resolve({
          catalogue: packed,
          table: 'db.flow_records',
          partitions: [PARTITIONS.hour],
          engine: {
            name: 'athena',
            language: 'sql',
            run: async (query: string) => {
              queries.push(query);
              return { columns: [], rows: [], truncated: false, stats: { queryId: 'q', recordsRead: 0, bytesScanned: 0, elapsedMs: 0 } };
            },
            stream: () => Promise.reject(new Error('not used')),
          },
        }),
      store: new MemoryStore(),
      sinks: [],
      ...IDLE,
      now: () => 0,
    });
    const analysis = catalogue.get(id);
    const every = durationSeconds(analysis.schedule ?? '')!;
    await handler(
      {
        schedule: id,
        analysis: id,
        engine: 'athena',
        scheduledTime: '2026-11-20T12:30:00Z',
        everySeconds: every,
        lagSeconds: 1200,
        overlapSeconds: 3600,
      },
      { getRemainingTimeInMillis: () => 900_000 },
    );
    const bounds = [...queries.at(-1)!.matchAll(/"hour" (>=|<=) '(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)'/g)].map(
      (match) => Date.UTC(Number(match[2]), Number(match[3]) - 1, Number(match[4]), Number(match[5])) / 3_600_000,
    );
    const bucket = bucketSeconds(analysis);
    const hours = (Math.max(every, bucket) + 3600 + (durationSeconds(analysis.lookback ?? '') ?? 0)) / 3600;
    expect(bounds.length).toBeGreaterThanOrEqual(2);
    // One hour of slack behind, one at each end for bounds within an hour, and up to a bucket for the overlap's own.
    expect(Math.max(...bounds) - Math.min(...bounds)).toBeLessThanOrEqual(Math.ceil(hours) + 2 + bucket / 3600);
  }
  expect(queries).toHaveLength(ids.length);
});
