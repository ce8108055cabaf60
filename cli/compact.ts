import { type Command, Option } from '@commander-js/extra-typings';
import { humanNumber } from '../lib/analysis/human';
import { isoTime } from '../lib/analysis/render';
import { OUTPUTS } from '../lib/finding/names';
import { type Hour, hourAfter, hourOf, hoursBetween } from '../lib/lake/hours';
import type { Totals } from '../lib/lake/lake';
import { localFolder } from './answer-options';
import { AWS } from './aws';
import { EXIT, UsageError } from './errors';
import { interruption } from './interrupt';
import { withOptions } from './option-group';
import { engineSettings, QUIET, READING, type SourceOptions, TIME, type TimeOptions } from './options';
import { withRecords } from './records';
import { outputsOf } from './remote';
import { notice, print, sayError } from './say';
import { boundsOf } from './time';
import { tellTimeless } from './window';

interface LakeOptions extends SourceOptions, TimeOptions {
  readonly output?: string | undefined;
  readonly stack?: string | undefined;
}

const STACK_OPTION = ['--stack <name>', 'CloudFormation stack whose lake to use, instead of local files'] as const;

export function registerCompact(program: Command): void {
  const command = program
    .command('compact [source...]')
    .description('merge small objects into one sorted Parquet file per hour: locally, or in the lake of a stack')
    .addOption(new Option('-o, --output <folder>', 'folder of the lake').argParser(localFolder))
    .option(...STACK_OPTION)
    .addHelpText(
      'after',
      `
Each hour is replaced in one step, and never by fewer records or columns than it has. To continue an interrupted run, run it
again. --from and --to are for --stack: the hours to compact (default: those that are due).

Examples:
  flowlogs compact logs/ -o lake/ && flowlogs query top-talkers lake/
  flowlogs compact --stack FlowLogAnalytics
  flowlogs compact --stack FlowLogAnalytics --from -30d --to -1d`,
    );
  withOptions(command, TIME, READING, engineSettings(), QUIET, AWS).action(async (sources, options) => {
    if (options.stack !== undefined) await compactStack(options.stack, options);
    else await compactHere(sources, options);
  });
}

export function registerVerifyLake(program: Command): void {
  const command = program
    .command('verify-lake [lake] [source...]')
    .description('compare a lake with the objects it was made from: records, bytes and packets of every hour')
    .option(...STACK_OPTION)
    .addHelpText(
      'after',
      `
Exits with 1 if any hour differs. --from and --to are for --stack: the hours to compare (default: the last day).

Examples:
  flowlogs verify-lake lake/ logs/
  flowlogs verify-lake --stack FlowLogAnalytics --from -7d`,
    );
  withOptions(command, TIME, READING, engineSettings(), QUIET, AWS).action(async (lake, sources, options) => {
    if (options.stack !== undefined) await verifyStack(options.stack, options);
    else await verifyHere(lake, sources, options);
  });
}

async function compactHere(sources: string[], options: LakeOptions): Promise<void> {
  const { output: lake } = options;
  if (sources.length === 0 || lake === undefined) throw new UsageError('compact needs sources and -o FOLDER, or --stack NAME');
  const { compactLocally } = await import('../lib/source/local-lake.js');
  await withRecords({ sources, options, columns: undefined }, async (records) => {
    const show = process.stderr.isTTY && options.quiet !== true;
    const {
      compacted,
      unchanged,
      kept,
      records: count,
    } = await compactLocally(records, lake, {
      signal: interruption(),
      onWait: (holder) => notice(`Waiting: ${holder} is writing ${lake}.`, options.quiet),
      onProgress: (done, of) => {
        if (show) process.stderr.write(`\r\x1b[KCompacting ${done}/${of} hours${done === of ? '\n' : ''}`);
      },
    });
    notice(
      `${humanNumber(compacted)} ${compacted === 1 ? 'hour' : 'hours'} compacted, ${humanNumber(unchanged)} unchanged: ${humanNumber(count)} records.`,
      options.quiet,
    );
    await tellTimeless(records, 'apart', options.quiet);
    for (const { hour, missing } of kept)
      sayError(
        missing > 0
          ? `${hourName(hour)}: the lake holds ${humanNumber(missing)} records that these sources lack; its file was kept. Name all sources of that hour`
          : `${hourName(hour)}: records that are alike differ in columns that only the lake has and in columns that only these sources have; its file was kept. Name sources that have all columns`,
      );
    if (kept.length > 0) process.exitCode = EXIT.error;
  });
}

const hourName = (hour: number | undefined) => (hour === undefined ? 'records without start' : isoTime(hour));

async function verifyHere(lake: string | undefined, sources: string[], options: LakeOptions): Promise<void> {
  if (sources.length === 0 || lake === undefined)
    throw new UsageError('verify-lake needs the folder of the lake and the sources it was made from, or --stack NAME');
  const { verifyLocally } = await import('../lib/source/local-lake.js');
  await withRecords({ sources, options, columns: undefined }, async (records) => {
    const differences = await verifyLocally(records, lake);
    tell(
      differences.map(({ hour, raw, lake: own }) => ({ hour: hourName(hour), raw: raw ?? NOTHING, lake: own ?? NOTHING })),
      options,
    );
  });
}

const NOTHING: Totals = { records: 0, bytes: 0, packets: 0 };

function tell(differences: readonly { hour: string; raw: Totals; lake: Totals }[], options: { quiet?: boolean | undefined }): void {
  const text = ({ records, bytes, packets }: Totals) => `${records} records, ${bytes} bytes, ${packets} packets`;
  for (const { hour, raw, lake } of differences) print(`${hour}: raw ${text(raw)}; lake ${text(lake)}\n`);
  if (differences.length > 0) process.exitCode = EXIT.error;
  else notice('Raw objects and lake agree.', options.quiet);
}

/** Hours in one call of the function: its answer comes within its fifteen minutes. */
const HOURS_AT_ONCE = 6;

async function caller(stack: string): Promise<(input: object) => Promise<Record<string, unknown>>> {
  const name = (await outputsOf(stack)).get(OUTPUTS.compactFunction);
  if (name === undefined)
    throw new UsageError(`stack ${stack} has no output ${OUTPUTS.compactFunction}: expected a stack of this project with a lake`);
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  // The answer of a long call takes as long as the function.
  const client = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: 16 * 60_000 } });
  return async (input) => {
    const { Payload, FunctionError } = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(input) }), {
      abortSignal: interruption(),
    });
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString()) as Record<string, unknown>;
    if (FunctionError !== undefined) throw new UsageError(`${name} failed: ${JSON.stringify(answer['errorMessage'] ?? answer)}`);
    return answer;
  };
}

function hoursOf(options: TimeOptions): Hour[] | undefined {
  const { from, to } = boundsOf(options);
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined) throw new UsageError('--to needs --from: the first hour');
  const last = to ?? Math.floor(Date.now() / 1000);
  const first = hourOf(from * 1000);
  const end = hourOf(last * 1000);
  const hours = hoursBetween(first, last % 3600 === 0 ? end : hourAfter(end));
  if (hours.length === 0) throw new UsageError(`--from ${options.from ?? ''} must be before --to ${options.to ?? 'now'}`);
  return hours;
}

async function compactStack(stack: string, options: LakeOptions): Promise<void> {
  const call = await caller(stack);
  const asked = hoursOf(options);
  // Newest first: the range in which the lake is complete grows from its end.
  let waiting = asked === undefined ? undefined : [...asked].reverse();
  const of = waiting?.length;
  let compacted = 0;
  let records = 0;
  const failed: { hour: string; reason: string }[] = [];
  do {
    const hours = waiting?.slice(0, HOURS_AT_ONCE);
    const answer = (await call({ task: 'compact', ...(hours === undefined ? {} : { hours }) })) as {
      compacted: number;
      records: number;
      failed: { hour: string; reason: string }[];
      rest: Hour[];
    };
    compacted += answer.compacted;
    records += answer.records;
    failed.push(...answer.failed);
    waiting = [...answer.rest, ...(waiting?.slice(HOURS_AT_ONCE) ?? [])];
    if (process.stderr.isTTY && options.quiet !== true && of !== undefined)
      process.stderr.write(`\r\x1b[KCompacting ${of - waiting.length}/${of} hours`);
  } while (waiting.length > 0);
  notice(`${humanNumber(compacted)} ${compacted === 1 ? 'hour' : 'hours'} compacted: ${humanNumber(records)} records.`, options.quiet);
  for (const { hour, reason } of failed) sayError(`${hour}: ${reason}`);
  if (failed.length > 0) process.exitCode = EXIT.error;
}

async function verifyStack(stack: string, options: LakeOptions): Promise<void> {
  const call = await caller(stack);
  let waiting = hoursOf(options) ?? hoursOf({ ...options, from: '-1d' }) ?? [];
  const differences: { hour: string; raw: Totals; lake: Totals }[] = [];
  while (waiting.length > 0) {
    const answer = (await call({ task: 'verify', hours: waiting.slice(0, HOURS_AT_ONCE) })) as {
      differences: { hour: string; raw: Totals; lake: Totals }[];
      rest: Hour[];
    };
    differences.push(...answer.differences);
    waiting = [...answer.rest, ...waiting.slice(HOURS_AT_ONCE)];
  }
  tell(differences, options);
}
