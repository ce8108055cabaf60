import { Option } from '@commander-js/extra-typings';
import { humanValue } from '../lib/analysis/human';
import { durationSeconds } from '../lib/analysis/duration';
import type { RelationTables } from '../lib/analysis/relations';
import type { QueryEngine, QueryStats } from '../lib/engine/engine';
import { athenaCost, insightsCost, PRICES } from '../lib/engine/price';
import { awsSentence } from '../lib/aws-error';
import { OUTPUTS } from '../lib/finding/names';
import { type Format, parseFormat } from '../lib/flow-log/format';
import { type Partition, partitionsNamed } from '../lib/flow-log/layout';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { keptTables } from '../lib/lake/relations';
import { UsageError } from './errors';
import { interruption } from './interrupt';
import { commonOptions, type OptionsOf } from './option-group';
import { amount, collect, partitionOption, type TimeOptions } from './options';
import { notice, print } from './say';
import { boundsOf } from './time';

export const REMOTE = commonOptions('Athena and Logs Insights', (command) =>
  command
    .addOption(
      new Option(
        '--engine <engine>',
        'where the records are: duckdb for local files and s3://, athena for a deployed stack, insights for a log group',
      )
        .choices(['duckdb', 'athena', 'insights'])
        .default('duckdb', 'duckdb'),
    )
    .option('--stack <name>', 'Athena: CloudFormation stack whose workgroup and view to use')
    .option('--workgroup <name>', 'Athena: workgroup, without --stack')
    .option('--database <name>', 'Athena: database of the view, without --stack')
    .option('--table <name>', 'Athena: view or table (default: flow_records)')
    .addOption(partitionOption("the stack's, else hour"))
    .addOption(new Option('--log-group <name>', 'Logs Insights: log group (repeatable)').argParser(collect))
    .option('--dry-run', 'print the query without running it; for Logs Insights also what it would scan')
    .addOption(
      new Option(
        '--price <usd>',
        `USD per TB (Athena, default ${PRICES.athenaPerTb}) or GB (Logs Insights, default ${PRICES.insightsPerGb}) scanned, for the cost shown`,
      ).argParser(amount),
    ),
);

export type RemoteOptions = OptionsOf<typeof REMOTE>;

/** Where a remote question goes. */
export interface Remote {
  readonly engine: QueryEngine;
  readonly table: string;
  readonly partitions: readonly Partition[];
  readonly format: Format | undefined;
  /** What the stack keeps for detections. */
  readonly relations: RelationTables;
  /** What a run cost, for people. */
  cost(stats: QueryStats): string;
  /** Bytes that an Insights query over the window would scan; undefined if unknown. */
  estimate(window: { from: number; to: number }): Promise<number | undefined>;
}

export async function openRemote(options: RemoteOptions & { logFormat?: string | undefined }): Promise<Remote> {
  return options.engine === 'athena' ? openAthena(options) : openInsights(options);
}

export function partitionsOf(text: string): Partition[] {
  if (text === 'none') return [];
  try {
    return partitionsNamed(text);
  } catch (error) {
    throw new UsageError(`--partition: ${(error as Error).message} (several with commas), or none`);
  }
}

async function openAthena(options: RemoteOptions): Promise<Remote> {
  const outputs = options.stack === undefined ? undefined : await outputsOf(options.stack);
  const view = outputs?.get(OUTPUTS.records);
  const workgroup = options.workgroup ?? outputs?.get(OUTPUTS.workgroup);
  const database = options.database ?? view?.split('.')[0];
  if (options.stack !== undefined && view === undefined)
    throw new UsageError(`stack ${options.stack} has no output ${OUTPUTS.records}: expected a stack of this project that has tables`);
  if (workgroup === undefined || database === undefined)
    throw new UsageError('--engine athena needs --stack NAME, or --workgroup NAME and --database NAME');
  const table = options.table ?? view?.split('.')[1] ?? RECORDS_TABLE;
  const { AthenaClient } = await import('@aws-sdk/client-athena');
  const { AthenaEngine } = await import('../lib/engine/athena.js');
  return {
    engine: new AthenaEngine(new AthenaClient({ maxAttempts: 8 }), { workgroup, database }),
    table: `${database}.${table}`,
    partitions: partitionsOf(options.partition ?? outputs?.get(OUTPUTS.partitions) ?? 'hour'),
    format: undefined,
    relations: outputs?.get(OUTPUTS.relationsFunction) === undefined ? {} : keptTables(database),
    cost: ({ bytesScanned = 0 }) =>
      spent(bytesScanned, athenaCost(bytesScanned, options.price), `${options.price ?? PRICES.athenaPerTb} per TB, 10 MB at least`),
    estimate: () => Promise.resolve(undefined),
  };
}

async function openInsights(options: RemoteOptions & { logFormat?: string | undefined }): Promise<Remote> {
  const logGroups = options.logGroup ?? [];
  if (logGroups.length === 0) throw new UsageError('--engine insights needs --log-group NAME');
  const { CloudWatchLogsClient, DescribeLogGroupsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const { InsightsEngine } = await import('../lib/engine/insights.js');
  const client = new CloudWatchLogsClient({ maxAttempts: 8 });
  return {
    engine: new InsightsEngine(client, { logGroups }),
    table: RECORDS_TABLE,
    partitions: [],
    relations: {},
    format: options.logFormat === undefined ? undefined : parseFormat(options.logFormat),
    cost: ({ bytesScanned = 0 }) =>
      spent(bytesScanned, insightsCost(bytesScanned, options.price), `${options.price ?? PRICES.insightsPerGb} per GB`),
    // A share of what the group holds: the time since it was made (or since records expire) is spread evenly.
    estimate: async ({ from, to }) => {
      let bytes = 0;
      for (const name of logGroups) {
        const { logGroups: found = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
        const group = found.find(({ logGroupName }) => logGroupName === name);
        if (group === undefined)
          throw new UsageError(
            `log group ${JSON.stringify(name)}: not found in this account and Region. Correct the name, or say where it is with --region and --aws-profile`,
          );
        const now = Date.now() / 1000;
        const kept = group.retentionInDays === undefined ? Infinity : group.retentionInDays * 86400;
        const held = Math.max(Math.min(now - (group.creationTime ?? 0) / 1000, kept), 60);
        bytes += (group.storedBytes ?? 0) * Math.min(1, (Math.min(to, now) - Math.max(from, now - held)) / held);
      }
      return Math.max(0, Math.round(bytes));
    },
  };
}

const spent = (bytes: number, usd: number, how: string) =>
  `Scanned ${humanValue(bytes, 'bytes')}, about $${usd < 0.01 ? usd.toPrecision(2) : usd.toFixed(2)} ($${how}).`;

export async function outputsOf(stack: string): Promise<Map<string, string>> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient({ maxAttempts: 5 });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }), { abortSignal: interruption() });
    return new Map((Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']));
  } catch (error) {
    if ((error as Error).name !== 'ValidationError' || !(error as Error).message.includes('does not exist')) throw error;
    throw new UsageError(
      `stack ${JSON.stringify(stack)}: not found in this account and Region. Deploy it, or name its Region and account with --region and --aws-profile`,
    );
  }
}

/** The window of a remote question: the analysis's own length up to now, where nothing was said. */
export function remoteWindow(options: Partial<TimeOptions>, fallback: string): { from: number; to: number } {
  const asked = boundsOf(options);
  const to = asked.to ?? Math.floor(Date.now() / 1000);
  const from = asked.from ?? to - (durationSeconds(fallback) ?? 86400);
  if (from >= to) throw new UsageError(`--from ${options.from ?? `(${fallback} before --to)`} must be before --to ${options.to ?? 'now'}`);
  return { from, to };
}

/** `--dry-run`: the text to standard output, what it would scan to standard error. */
export async function printDryRun(remote: Remote, query: string, window: { from: number; to: number }, quiet: boolean): Promise<void> {
  print(`${query}\n`);
  const bytes = await remote.estimate(window).catch((error: unknown) => {
    // The answer is the query: it needs neither a network nor an account.
    const sentence = awsSentence(error);
    if (sentence === undefined) throw error;
    return notice(`No estimate of what it would scan. ${sentence}`, quiet);
  });
  if (bytes !== undefined)
    notice(`Estimate. ${remote.cost({ queryId: '', recordsRead: undefined, bytesScanned: bytes, elapsedMs: 0 })}`, quiet);
}

/** Sources are files: a remote engine takes none, the local one needs some. */
export function checkSources(options: RemoteOptions, sources: readonly string[]): void {
  if (options.engine === 'duckdb' && sources.length === 0)
    throw new UsageError(
      "missing required argument 'source': files, folders, globs, s3:// prefixes or - for standard input (or --engine athena, --engine insights)",
    );
  if (options.engine !== 'duckdb' && sources.length > 0)
    throw new UsageError(`--engine ${options.engine} reads no files; got ${sources.join(', ')}. Leave them out, or leave --engine out`);
  if (options.engine === 'duckdb' && options.dryRun === true)
    throw new UsageError('--dry-run is for --engine athena and --engine insights; see `flowlogs render`');
}
