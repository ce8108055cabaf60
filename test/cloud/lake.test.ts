import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DeleteObjectCommand, GetObjectTaggingCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Catalogue } from '../../lib/analysis/catalogue';
import { missingFields, openParameters, tableOf } from '../../lib/analysis/requirements';
import { AthenaEngine } from '../../lib/engine/athena';
import { definitionPrefix } from '../../lib/flow-log/definition';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS, partitionsNamed } from '../../lib/flow-log/layout';
import { FLAT_TABLE } from '../../lib/flow-log/tables';
import { hourAfter, hourOf, hoursBetween, hourStart } from '../../lib/lake/hours';
import { runAnalysis } from '../../lib/run';
import { flowlogs } from '../support/cli';
import { temporaryFolder } from '../support/logs';
import { cdk, deliver, deploy, ROOT, s3 } from './support';

/** The lake as users deploy it: the real function on the emulator, its SQL on Trino. */
const folder = temporaryFolder();
const out = join(folder, 'cdk.out');
const scratch = join(folder, 'scratch');
const catalogue = new Catalogue();
const lambda = new LambdaClient({});
const STACK = 'FlowLogLake';
const OFFICE = join(ROOT, 'queries', '_fixtures', 'office.v5.log');
const APP = `${process.execPath} ${join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs')} ${join(ROOT, 'test', 'cloud', 'watch-app.ts')}`;

/** The office log, 05:00 to 07:11 on 2026-11-20, moved so that it began on the hour six hours ago. */
const BEGIN = hourStart(hourOf(Date.now() - 6 * 3_600_000)) / 1000;
const shift = BEGIN - Date.UTC(2026, 10, 20, 5) / 1000;
const HOURS = hoursBetween(hourOf(BEGIN * 1000), hourOf((BEGIN + 3 * 3600) * 1000));
const WINDOW = { from: BEGIN, to: BEGIN + 3 * 3600 };

let outputs: Record<string, string> = {};
let engine: AthenaEngine;
let target: { catalogue: Catalogue; engine: AthenaEngine; table: string; partitions: ReturnType<typeof partitionsNamed> };

const home = () => ({
  bucket: outputs['BucketName']!,
  prefix: definitionPrefix('vpc', parseFormat('recommended'), 'parquet', LAYOUTS['plain-hourly']!),
  layout: LAYOUTS['plain-hourly']!,
  fileFormat: 'parquet' as const,
  account: '000000000000',
  region: 'us-east-1',
});

async function compact(input: object): Promise<Record<string, unknown>> {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: outputs['CompactFunctionName'], Payload: JSON.stringify(input) }));
  const payload = JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as Record<string, unknown>;
  if (answer.FunctionError !== undefined) throw new Error(JSON.stringify(payload));
  return payload;
}

async function rawKeys(hour: string): Promise<string[]> {
  const Prefix = `${home().prefix}/AWSLogs/000000000000/vpcflowlogs/us-east-1/${hour}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: home().bucket, Prefix }));
  return Contents.map(({ Key = '' }) => Key);
}

/** Of all that is delivered here; without a bound every hour since the table began would be listed. */
const totals = async () =>
  (await engine.run(`SELECT count(*) AS records, sum(bytes) AS bytes FROM ${target.table} WHERE "hour" >= '${HOURS[0]!}'`)).rows[0];

/** Every question that the format answers, as the view answers it now. */
async function answers(): Promise<Map<string, unknown>> {
  const { columns } = await engine.run(`SELECT * FROM ${target.table} WHERE false`);
  const names = columns.map(({ name }) => name);
  const found = new Map<string, unknown>();
  for (const analysis of catalogue.all()) {
    if (tableOf(analysis) === FLAT_TABLE || missingFields(analysis, {}, names).length > 0 || openParameters(analysis).length > 0) continue;
    if (!['top-rejected-sources', 'logging-gap', 'nodata-by-hour', 'records'].includes(analysis.id)) continue;
    found.set(analysis.id, (await runAnalysis(target, { analysis, window: WINDOW })).result.rows);
  }
  return found;
}

beforeAll(async () => {
  mkdirSync(scratch);
  process.env['WATCH_CONFIG'] = 'examples/lake.yaml';
  process.env['WATCH_PAUSED'] = 'true';
  outputs = await deploy(STACK, [], { app: APP, out });
  const [database = ''] = outputs['RecordsView']!.split('.');
  engine = new AthenaEngine(new AthenaClient({}), { workgroup: outputs['WorkgroupName']!, database });
  target = { catalogue, engine, table: outputs['RecordsView']!, partitions: partitionsNamed(outputs['RecordsPartitions']!) };
  await deliver([OFFICE], { ...home(), shift }, scratch, parseFormat('recommended'));
}, 600_000);

afterAll(async () => {
  await cdk(['destroy', STACK, '--force'], { app: APP, out });
});

test('every answer is the same before and after compaction, and comes from the lake then', async () => {
  const before = await answers();
  const whole = await totals();
  expect(Number(whole?.['records'])).toBeGreaterThan(20);
  expect(before.size).toBe(4);
  const done = await compact({ task: 'compact', hours: HOURS });
  expect(done).toMatchObject({
    compacted: 3,
    records: whole?.['records'],
    failed: [],
    rest: [],
    range: { from: HOURS[0], to: hourAfter(HOURS[2]!) },
  });
  expect(await answers()).toEqual(before);
  expect(await totals()).toEqual(whole);
  expect(await compact({ task: 'verify', hours: HOURS })).toEqual({ verified: 3, differences: [], rest: [] });
  // Verified, so a lifecycle rule may expire them.
  for (const Key of await rawKeys(HOURS[1]!))
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket: home().bucket, Key }))).TagSet).toEqual([
      { Key: 'flow-log-lake', Value: 'verified' },
    ]);
  const paths = await engine.run(`SELECT DISTINCT "$path" AS path FROM ${target.table.split('.')[0]}.flow_records_lake`);
  expect(paths.rows).toHaveLength(3);
  // Raw objects of a compacted hour may go: nobody reads them any more.
  const keys = await rawKeys(HOURS[0]!);
  expect(keys.length).toBeGreaterThan(2);
  for (const Key of keys) await s3.send(new DeleteObjectCommand({ Bucket: home().bucket, Key }));
  expect(await totals()).toEqual(whole);
  expect(await compact({ task: 'compact', hours: HOURS })).toMatchObject({ compacted: 0, failed: [] });
  expect(await totals()).toEqual(whole);
});

test('the lake is sorted: a question after rejected records reads less than all', async () => {
  const { rows } = await engine.run(
    `SELECT action, interface_id, "start" FROM ${target.table.split('.')[0]}.flow_records_lake WHERE "hour" = '${HOURS[1]!}'`,
  );
  const runs = rows.map(({ action }) => action).filter((action, i, all) => action !== all[i - 1]);
  expect(new Set(runs).size).toBe(runs.length);
  for (const action of runs) {
    const places = rows
      .filter((row) => row['action'] === action)
      .map((row) => `${row['interface_id'] as string} ${row['start'] as number}`);
    expect(places).toEqual([...places].sort());
  }
});

test('a late object is told by verify-lake, then compacted; readers see the old hour or the new one, never none or both', async () => {
  const before = await hourly();
  const late = await deliver([OFFICE], { ...home(), shift: shift + 7, delay: 900 }, scratch, parseFormat('recommended'));
  expect(late.length).toBeGreaterThan(3);
  const told = await flowlogs(['verify-lake', '--stack', STACK, '--from', at(WINDOW.from), '--to', at(WINDOW.to)]);
  expect(told).toMatchObject({ code: 1, stdout: expect.stringContaining(HOURS[1]!) });
  const seen = new Set<number>();
  const reading = new AbortController();
  const reader = (async () => {
    while (!reading.signal.aborted) seen.add(Number((await totals())?.['records']));
  })();
  const again = await flowlogs(['compact', '--stack', STACK, '--from', at(WINDOW.from + 3600), '--to', at(WINDOW.to)]);
  reading.abort();
  await reader;
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('2 hours compacted') });
  const after = await hourly();
  expect(after.get(HOURS[1]!)).toBeGreaterThan(before.get(HOURS[1]!)!);
  // Every count that a reader saw is made of whole hours, each as it was or as it is.
  const sums = HOURS.reduce((sofar, hour) => sofar.flatMap((sum) => [before, after].map((counts) => sum + (counts.get(hour) ?? 0))), [0]);
  for (const n of seen) expect(sums).toContain(n);
  expect(seen.size).toBeGreaterThan(0);
  expect((await flowlogs(['verify-lake', '--stack', STACK, '--from', at(WINDOW.from + 3600), '--to', at(WINDOW.to)])).code).toBe(0);
});

test('what Glue or S3 refuse costs an hour its turn, not its records', async () => {
  const whole = await totals();
  await deliver([OFFICE], { ...home(), shift: shift + 11, delay: 1200 }, scratch, parseFormat('recommended'));
  const box = `${process.env['AWS_ENDPOINT_URL'] ?? ''}/_box/faults`;
  await fetch(box, {
    method: 'POST',
    body: JSON.stringify([{ match: 'glue:BatchUpdatePartition', status: 500, code: 'InternalServiceException', times: 20 }]),
  });
  const broken = await compact({ task: 'compact', hours: [HOURS[1]] });
  await fetch(box, { method: 'DELETE' });
  expect(broken).toMatchObject({ compacted: 0, failed: [{ hour: HOURS[1] }] });
  expect(await totals()).toEqual(whole);
  expect(await compact({ task: 'compact', hours: [HOURS[1]] })).toMatchObject({ compacted: 1, failed: [] });
  expect(Number((await totals())?.['records'])).toBeGreaterThan(Number(whole?.['records']));
});

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
async function hourly(): Promise<Map<string, number>> {
  const { rows } = await engine.run(
    `SELECT "hour", count(*) AS n FROM ${target.table.split('.')[0]}.flow_records_lake GROUP BY 1 ORDER BY 1`,
  );
  return new Map(rows.map((row) => [String(row['hour']), Number(row['n'])]));
}
