import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { type Command, Option } from 'commander';
import { itemOf } from '../lib/api/answer';
import { describeFlowLog, type HttpRequest } from '../lib/api/client';
import { type Call, type CallAnswer, CallError, fetchRange } from '../lib/api/fetch';
import { querySql } from '../lib/api/query';
import { parseZonedTime, WallTimeError } from '../lib/api/time';
import { humanBytes, humanNumber } from '../lib/analysis/human';
import { isoTime } from '../lib/analysis/render';
import { parseTime } from '../lib/analysis/time';
import { QueryError } from '../lib/engine/engine';
import { UsageError } from './errors';
import { FolderParts } from './fetch-parts';
import { interruption } from './interrupt';
import { wholeNumber } from './options';
import { openRemote } from './remote';
import { notice } from './say';

type Form = 'json' | 'ndjson' | 'text' | 'parquet';

interface FetchCommandOptions {
  start: string;
  end: string;
  account?: string;
  direction?: string;
  out: string;
  endpoint?: string;
  stack?: string;
  timeZone: string;
  output: Form;
  concurrency: number;
  longest: number;
  sign: boolean;
  quiet?: boolean;
}

export function registerFetch(program: Command): void {
  program
    .command('fetch')
    .description('fetch any range from a DescribeFlowLog service, or from the Athena of a stack, into one file')
    .requiredOption(
      '-s, --start <time>',
      "start, inclusive: 'dd-mm-yyyy hh:mm:ss' or ISO 8601 in --time-zone, ISO 8601 with an offset, or -24h",
    )
    .requiredOption('-e, --end <time>', 'end, exclusive')
    .option('-a, --account <id>', 'account, for administrators')
    .addOption(new Option('-d, --direction <direction>', 'required with an account').choices(['ingress', 'egress', '0', '1']))
    .option('-o, --out <file>', 'file to write', 'flow-logs.json')
    .option('--endpoint <url>', 'address of the service; with /admin at its end for every account')
    .option('--stack <name>', 'instead of a service: the CloudFormation stack whose Athena to ask')
    .option('--time-zone <zone>', 'IANA name, for times without one', 'Asia/Kolkata')
    .addOption(
      new Option('--output <form>', 'json: as the service gives it').choices(['json', 'ndjson', 'text', 'parquet']).default('json'),
    )
    .addOption(new Option('--concurrency <n>', 'calls at once').argParser(wholeNumber(1)).default(4))
    .addOption(new Option('--longest <minutes>', 'longest interval of a call').argParser(wholeNumber(1)).default(30))
    .option('--no-sign', 'send requests without signature')
    .option('-q, --quiet', 'print no notices and no progress')
    .addHelpText(
      'after',
      `
-d is what the service documents for direction_ing: 0 or ingress, 1 or egress.
A fetch that was interrupted goes on where it stopped: give the same command again. From objects in S3, without a service:
flowlogs convert s3://bucket/prefix --to parquet --dest folder --since … --until …

Examples:
  flowlogs fetch -s '08-11-2016 16:30:00' -e '08-11-2016 19:35:02' -o my_vpc_flow_log.txt --endpoint https://api.example.com/v1
  flowlogs fetch -s 2026-11-20T00:00Z -e 2026-11-21T00:00Z -a 123456789012 -d 1 --endpoint https://api.example.com/v1/admin
  flowlogs fetch -s -6h -e -1h --stack FlowLogAnalytics --output parquet -o last-hours.parquet`,
    )
    .action(fetchCommand);
}

async function fetchCommand(options: FetchCommandOptions): Promise<void> {
  if ((options.endpoint === undefined) === (options.stack === undefined))
    throw new UsageError('fetch needs --endpoint URL or --stack NAME, and not both');
  const endpoint = options.endpoint === undefined ? undefined : endpointOf(options.endpoint);
  if (options.account !== undefined && options.direction === undefined) throw new UsageError('-a needs -d: 0 ingress, 1 egress');
  checkZone(options.timeZone);
  const [from, to] = [timeOf('-s', options.start, options.timeZone), timeOf('-e', options.end, options.timeZone)];
  if (from >= to) throw new UsageError(`-s ${options.start} must be before -e ${options.end}`);
  const direction = options.direction === undefined ? undefined : { ingress: '0', egress: '1', '0': '0', '1': '1' }[options.direction];
  const started = performance.now();
  let bytes = 0;
  const question = { from, to, endpoint: options.endpoint ?? options.stack, account: options.account, direction };
  const parts = await FolderParts.open(`${options.out}.parts`, question);
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
            `\r\x1b[K${Math.floor((100 * seconds) / of)}% of ${isoTime(from)} to ${isoTime(to)}: ${humanNumber(items)} records in ${humanNumber(calls)} calls, ${humanBytes(rate)}/s`,
          );
      },
    });
  } catch (error) {
    if (error instanceof CallError)
      throw new UsageError(`${error.message}\nWhat was fetched is kept in ${options.out}.parts: the same command goes on from there`);
    throw error;
  } finally {
    if (show) process.stderr.write('\n');
  }
  const form = options.output === 'ndjson' ? 'ndjson' : 'json';
  const { items, repeated, sha256 } = await parts.merge(options.out, form);
  if (options.output === 'text' || options.output === 'parquet') await convert(options.out, options.output);
  await parts.remove();
  const seconds = (performance.now() - started) / 1000;
  notice(
    `${humanNumber(items)} records from ${isoTime(from)} to ${isoTime(to)} in ${options.out}${repeated > 0 ? `; ${humanNumber(repeated)} were given twice and are in it once` : ''}. ` +
      `${humanBytes(bytes)} in ${seconds.toFixed(1)} s. sha256 of the ${form === 'json' ? 'answer' : 'lines'} ${sha256}`,
    options.quiet,
  );
}

function timeOf(option: string, text: string, timeZone: string): number {
  try {
    return parseZonedTime(documented(text), timeZone) ?? parseTime(text, Date.now());
  } catch (error) {
    if (error instanceof WallTimeError) throw new UsageError(`${option}: ${error.message}`);
    throw new UsageError(
      `${option} ${JSON.stringify(text)}: expected 'dd-mm-yyyy hh:mm:ss', ISO 8601 or -24h (${(error as Error).message})`,
    );
  }
}

/** ISO 8601 without an offset is a wall time, too. */
const documented = (text: string): string =>
  text.replace(
    /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2})(:\d{2})?)?$/,
    (_, year: string, month: string, day: string, minutes = '00:00', seconds = ':00') =>
      `${day}-${month}-${year} ${String(minutes)}${String(seconds)}`,
  );

function checkZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new UsageError(`--time-zone ${JSON.stringify(timeZone)}: expected an IANA name such as Europe/Berlin`);
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
