import { join } from 'node:path';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { Catalogue } from '../../lib/analysis/catalogue';
import type { Row } from '../../lib/analysis/columns';
import { durationSeconds } from '../../lib/analysis/duration';
import { exampleParameters } from '../../lib/analysis/render';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { InsightsEngine } from '../../lib/engine/insights';
import { parseFormat, sqlNameOf } from '../../lib/flow-log/format';
import { runAnalysis } from '../../lib/run';
import { sqlName } from '../../lib/source/duckdb';
import { inParallel } from '../../lib/parallel';
import { flowlogs } from '../support/cli';
import { temporaryFolder, withLogs, writeLog } from '../support/logs';
import { deploy, received, ROOT } from './support';

/**
 * Saved Logs Insights queries as deployed, run through StartQuery. No Logs Insights exists outside AWS: the emulator's runs
 * on our own implementation of the language (docs/insights.md).
 */
const catalogue = new Catalogue();
const folder = temporaryFolder();
const NOW = Math.floor(Date.now() / 1000);
const shift = NOW - 600 - Date.UTC(2026, 10, 20, 7, 11) / 1000;
const format = parseFormat('recommended');
const logs = new CloudWatchLogsClient({});
let logGroup = '';
let lines: string[] = [];

beforeAll(async () => {
  const outputs = await deploy('FlowLogInsights', ['-c', 'config=examples/cloudwatch-logs.yaml'], { out: join(folder, 'cdk.out') });
  logGroup = outputs['LogGroupName']!;
  lines = await withLogs([join(ROOT, 'queries', '_fixtures', 'office.v5.log')], async (records) => {
    const there = new Set(records.columns.map(({ name }) => name));
    const values = format.names.map(sqlNameOf).map((name) => {
      const value = name === 'start' || name === 'end' ? `${sqlName(name)} + ${shift}` : sqlName(name);
      return there.has(name) ? `coalesce(CAST(${value} AS VARCHAR), '-')` : "'-'";
    });
    const rows = await records.db.rows(
      `SELECT "start" + ${shift} AS at, concat_ws(' ', ${values.join(', ')}) AS line FROM flow_records ORDER BY 1`,
    );
    await logs.send(new CreateLogStreamCommand({ logGroupName: logGroup, logStreamName: 'eni-0a1-all' }));
    await logs.send(
      new PutLogEventsCommand({
        logGroupName: logGroup,
        logStreamName: 'eni-0a1-all',
        logEvents: rows.map(({ at, line }) => ({ timestamp: Number(at) * 1000, message: String(line) })),
      }),
    );
    return rows.map(({ line }) => String(line));
  });
}, 120_000);

const sorted = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).sort();

test('every saved query gives the rows that DuckDB gives from the Athena text', async () => {
  const saved = (await received('AWS::Logs::QueryDefinition'))
    .map(({ properties }) => properties as { Name: string; QueryString: string; LogGroupNames: string[] })
    .filter(({ Name }) => Name.startsWith('FlowLogInsights/'));
  expect(saved.length).toBeGreaterThan(50);
  const engine = new InsightsEngine(logs, { logGroups: [logGroup] });
  const file = writeLog(folder, 'group.log', `${format.names.join(' ')}\n${lines.join('\n')}\n`);
  const failures = await withLogs([file], async (records) => {
    const duckdb = await DuckDbEngine.over(records);
    return inParallel(saved, 2, async ({ Name, QueryString, LogGroupNames }) => {
      const analysis = catalogue.get(Name.split('/').at(-1) ?? '');
      const window = { from: NOW - (durationSeconds(analysis.window) ?? 0), to: NOW };
      const local = await runAnalysis(
        { catalogue, engine: duckdb, table: 'flow_records' },
        { analysis, window, parameters: exampleParameters(analysis) },
      );
      const { rows } = await engine.run(QueryString, { columns: analysis.columns, window });
      const [got, want] = [sorted(rows), sorted(local.result.rows)];
      if (LogGroupNames.join() !== logGroup) return `${Name}: saved for ${LogGroupNames.join()}`;
      return got.join('\n') === want.join('\n') ? undefined : `${Name}:\n  got      ${got.join(' ')}\n  expected ${want.join(' ')}`;
    });
  });
  expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
}, 300_000);

test('flowlogs asks the log group, and estimates before it does', async () => {
  const env = Object.fromEntries(
    ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((name) => [name, process.env[name] ?? '']),
  );
  const ask = [
    'query',
    'top-rejected-sources',
    '--engine',
    'insights',
    '--log-group',
    logGroup,
    '--log-format',
    'recommended',
    '--from',
    '-24h',
    '-f',
    'json',
  ];
  const answer = await flowlogs(ask, { env });
  expect([answer.code, answer.stderr]).toEqual([0, expect.stringMatching(/^Scanned .* per GB\)/m)]);
  expect((JSON.parse(answer.stdout) as Row[])[0]).toEqual({
    ...{ srcaddr: '203.0.113.7', srcaddr_owner: null, srcaddr_country: null, srcaddr_asn: null },
    records: 3,
  });
  const dry = await flowlogs([...ask, '--dry-run'], { env });
  expect(dry.stdout).toMatch(/^parse @message "\* .*\n\| filter action = "REJECT"/);
  expect(dry.stderr).toMatch(/^Estimate\. Scanned/m);
  const detect = await flowlogs(
    ['detect', '--engine', 'insights', '--log-group', logGroup, '--log-format', 'recommended', '--from', '-6h'],
    { env },
  );
  expect([detect.code, detect.stdout + detect.stderr]).toEqual([
    0,
    expect.stringMatching(/Not judged: .*rejection-spike.*: no Logs Insights query/),
  ]);
  const missing = await flowlogs(['query', 'top-talkers', '--engine', 'insights', '--log-group', 'nobody'], { env });
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('ResourceNotFoundException')]);
}, 60_000);
