import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { type Command, Option } from '@commander-js/extra-typings';
import { itemOf } from '../lib/describe-flow-log/answer';
import { describeFlowLog, type HttpRequest } from '../lib/describe-flow-log/client';
import { type Call, type CallAnswer, CallError, fetchRange } from '../lib/describe-flow-log/fetch';
import { querySql } from '../lib/describe-flow-log/query';
import { parseZonedTime } from '../lib/describe-flow-log/time';
import { humanBytes, humanCount, humanNumber } from '../lib/analysis/human';
import { RenderError } from '../lib/analysis/literal';
import { isoTime } from '../lib/analysis/render';
import { parseTime } from '../lib/analysis/time';
import { WallTimeError } from '../lib/analysis/zone';
import { QueryError } from '../lib/engine/engine';
import { linesOf } from '../lib/lines-error';
import { AWS } from './aws';
import { answerOptions } from './answer-options';
import { assertFile, isReplaceable } from './draft';
import { UsageError } from './errors';
import { FolderParts } from './fetch-parts';
import { interruption } from './interrupt';
import { withOptions } from './option-group';
import { QUIET, timeZoneOption, wholeNumber } from './options';
import { openRemote } from './remote';
import { notice } from './say';
import { shownIn } from './time';

const FORMATS = ['json', 'ndjson', 'text', 'parquet'] as const;
const DEFAULT_FILE = 'flow-logs.json';

interface FetchCommandOptions {
  readonly from: string;
  readonly to: string;
  readonly account?: string | undefined;
  readonly direction?: string | undefined;
  readonly output?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly stack?: string | undefined;
  readonly timeZone: string;
  readonly format: (typeof FORMATS)[number];
  readonly concurrency: number;
  readonly longest: number;
  readonly sign: boolean;
  readonly quiet?: boolean | undefined;
}

export function registerFetch(program: Command): void {
  const command = program
    .command('fetch')
    .description('fetch records of a time range from a DescribeFlowLog service or the Athena of a stack')
    .requiredOption('--from <time>', "start, inclusive: 'dd-mm-yyyy hh:mm:ss', ISO 8601 or -24h")
    .requiredOption('--to <time>', 'end, exclusive')
    .addOption(timeZoneOption('Asia/Kolkata'))
    .option('-a, --account <id>', 'account ID, for administrators')
    .addOption(new Option('-d, --direction <direction>', 'required with an account').choices(['ingress', 'egress', '0', '1'] as const))
    .option('--endpoint <url>', 'URL of the service; ends with /admin for all accounts')
    .option('--stack <name>', 'CloudFormation stack whose Athena to query, instead of a service')
    .addOption(new Option('--concurrency <n>', 'concurrent calls').argParser(wholeNumber(1)).default(4))
    .addOption(new Option('--longest <minutes>', 'longest interval of one call').argParser(wholeNumber(1)).default(30))
    .option('--no-sign', 'send unsigned requests')
    .addHelpText(
      'after',
      `
-d 0 (ingress) and -d 1 (egress) are the values of direction_ing in the API. JSON is the answer as the service gives it.
To continue an interrupted fetch, run the same command again. From objects in S3, without a service:
flowlogs convert s3://bucket/prefix -f parquet -o folder --from … --to …

Examples:
  flowlogs fetch --from '08-11-2016 16:30:00' --to '08-11-2016 19:35:02' -o my_vpc_flow_log.txt --endpoint https://api.example.com/v1
  flowlogs fetch --from 2026-11-20T00:00Z --to 2026-11-21T00:00Z -a 123456789012 -d 1 --endpoint https://api.example.com/v1/admin
  flowlogs fetch --from -6h --to -1h --stack FlowLogAnalytics -o last-hours.parquet`,
    );
  withOptions(command, answerOptions(FORMATS, `file to write (default: ${DEFAULT_FILE})`), QUIET, AWS).action(fetchCommand);
}

async function fetchCommand(options: FetchCommandOptions): Promise<void> {
  if ((options.endpoint === undefined) === (options.stack === undefined))
    throw new UsageError('fetch needs --endpoint URL or --stack NAME, and not both');
  const endpoint = options.endpoint === undefined ? undefined : endpointOf(options.endpoint);
  if (options.account !== undefined && options.direction === undefined) throw new UsageError('-a needs -d: 0 ingress, 1 egress');
  const [from, to] = [fetchTime('--from', options.from, options), fetchTime('--to', options.to, options)];
  if (from >= to) throw new UsageError(`--from ${options.from} must be before --to ${options.to}`);
  const file = options.output ?? DEFAULT_FILE;
  if (options.format === 'text' || options.format === 'parquet') await assertFile('-o', file);
  // A folder next to a device may not be possible.
  const partsOf = `${(await isReplaceable(file)) ? file : DEFAULT_FILE}.parts`;
  const clock = (seconds: number) => shownIn(options.timeZone)(isoTime(seconds));
  const direction = options.direction === undefined ? undefined : { ingress: '0', egress: '1', '0': '0', '1': '1' }[options.direction];
  const started = performance.now();
  let bytes = 0;
  const question = { from, to, endpoint: options.endpoint ?? options.stack, account: options.account, direction };
  const parts = await FolderParts.open(partsOf, question);
  const call =
    endpoint === undefined
      ? await athenaCall(options, direction)
      : describeFlowLog({
          endpoint,
          account: options.account,
          direction,
          sign: options.sign ? await signer() : (request) => Promise.resolve(request),
          signal: interruption(),
          onBytes: (more) => (bytes += more),
        });
  const show = process.stderr.isTTY && options.quiet !== true;
  try {
    await fetchRange({
      from,
      to,
      call,
      parts,
      maxSeconds: options.longest * 60,
      concurrency: options.concurrency,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      signal: interruption(),
      onProgress: ({ seconds, of, items, calls }) => {
        const rate = bytes / ((performance.now() - started) / 1000);
        if (show)
          process.stderr.write(
            `\r\x1b[K${Math.floor((100 * seconds) / of)}% of ${clock(from)} to ${clock(to)}: ${humanNumber(items)} records in ${humanNumber(calls)} calls, ${humanBytes(rate)}/s`,
          );
      },
    });
  } catch (error) {
    if (error instanceof CallError)
      throw new UsageError([...linesOf(error), `What was fetched is kept in ${partsOf}: the same command goes on from there`]);
    throw error;
  } finally {
    if (show) process.stderr.write('\n');
  }
  const form = options.format === 'ndjson' ? 'ndjson' : 'json';
  const { items, repeated, sha256 } = await parts.merge(file, form);
  if (options.format === 'text' || options.format === 'parquet') await convert(file, options.format);
  await parts.remove();
  const seconds = (performance.now() - started) / 1000;
  notice(
    `Wrote ${humanCount(items, 'record')} to ${file}, ${clock(from)} to ${clock(to)}${repeated > 0 ? `; ${humanCount(repeated, 'duplicate')} removed` : ''}. ` +
      `${humanBytes(bytes)} in ${seconds.toFixed(1)} s. sha256 of the ${form === 'json' ? 'answer' : 'lines'} ${sha256}`,
    options.quiet,
  );
}

/** The service documents times as `dd-mm-yyyy hh:mm:ss`. */
function fetchTime(option: string, text: string, zone: { timeZone: string }): number {
  try {
    return parseZonedTime(text, zone.timeZone) ?? parseTime(text, Date.now(), zone.timeZone);
  } catch (error) {
    if (error instanceof WallTimeError) throw new UsageError(`${option}: ${error.message}`);
    if (error instanceof RenderError)
      throw new UsageError(
        `${option} ${JSON.stringify(text)}: expected 'dd-mm-yyyy hh:mm:ss', ISO 8601 such as 2026-11-20T05:00:00Z, or -24h`,
      );
    throw error;
  }
}

function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new UsageError(
      `--endpoint ${JSON.stringify(text)}: expected an address such as https://api.example.com/v1, without user and password`,
    );
  return url;
}

/** SigV4 for API Gateway, with whatever credentials the environment has. */
async function signer(): Promise<(request: HttpRequest) => Promise<HttpRequest>> {
  const [{ SignatureV4 }, { Sha256 }, { defaultProvider }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-crypto/sha256-js'),
    import('@aws-sdk/credential-provider-node'),
  ]);
  const region = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const signature = new SignatureV4({ service: 'execute-api', region, credentials: defaultProvider(), sha256: Sha256 });
  return async ({ url, headers }) => {
    const signed = await signature.sign({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers,
    });
    return { url, headers: signed.headers };
  };
}

/** The same answers straight from Athena: no service in between, no limits of one. */
async function athenaCall(
  { stack, account }: FetchCommandOptions,
  direction: string | undefined,
): Promise<(call: Call) => Promise<CallAnswer>> {
  const remote = await openRemote({ engine: 'athena', ...(stack === undefined ? {} : { stack }) });
  const { columns } = await remote.engine.run(`SELECT * FROM ${remote.table} WHERE false`);
  const view = { name: remote.table, columns: columns.map(({ name }) => name), partitions: remote.partitions };
  const id = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 32);
  return async ({ from, to }) => {
    try {
      const { rows } = await remote.engine.run(
        querySql({ from, to, account, direction: direction === undefined ? undefined : direction === '1' ? 'egress' : 'ingress' }, view),
        { signal: interruption() },
      );
      return { items: rows.map((row) => itemOf(row, id)), nextToken: undefined };
    } catch (error) {
      if (error instanceof QueryError && error.kind === 'throttled') throw new CallError(error.message, 'busy');
      if (error instanceof QueryError && error.kind === 'limit') throw new CallError(error.message, 'too-large');
      throw error;
    }
  };
}

/** The answer as records: AWS's words, and the service's own columns behind them. */
async function convert(path: string, form: 'text' | 'parquet'): Promise<void> {
  const { openRecords } = await import('../lib/source/records.js');
  const { sqlName, sqlString } = await import('../lib/source/duckdb.js');
  const answer = `${path}.answer`;
  await fs.rename(path, answer);
  const records = await openRecords([answer], { source: 'jcs', cache: undefined, threads: 2, memory: '320MB' });
  try {
    const draft = `${path}.partial`;
    const columns = records.columns.map(({ name }) => sqlName(name)).join(', ');
    const how =
      form === 'parquet' ? 'FORMAT parquet, COMPRESSION zstd' : "FORMAT csv, HEADER true, DELIMITER ' ', QUOTE '', ESCAPE '', NULLSTR '-'";
    const list =
      form === 'parquet'
        ? columns
        : records.formats[0]?.format
            .split(' ')
            .map((name, i) => `${sqlName(records.columns[i]?.name ?? '')} AS ${sqlName(name.replace(/[${}]/g, ''))}`)
            .join(', ');
    await records.db.rows(
      `SET preserve_insertion_order = true; COPY (SELECT ${list ?? '*'} FROM flow_records ORDER BY "start") TO ${sqlString(draft)} (${how})`,
    );
    await fs.rename(draft, path);
    await fs.rm(answer);
  } finally {
    await records.close();
  }
}
