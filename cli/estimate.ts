import { type Command, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { Catalogue } from '../lib/analysis/catalogue';
import { lakeLines } from '../lib/cost/lake';
import type { EstimateLine } from '../lib/cost/line';
import { LIST_PRICES, type PriceName, type Prices } from '../lib/cost/prices';
import { savingsOf } from '../lib/cost/savings';
import { type EstimatedSchedule, type ScheduleChoice, schedulesOf } from '../lib/cost/schedules';
import { insightsLines, type WatchRequest, watchLines } from '../lib/cost/watch';
import { estimateMonth, type EstimatedDestination, type EstimateRequest } from '../lib/estimate';
import { parseFormat, sqlNameOf } from '../lib/flow-log/format';
import { SCOPES } from '../lib/flow-log/definition';
import { type OutputOptions, outputOptions } from './options';
import { writeRows } from './output';
import { notice } from './say';

interface EstimateOptions extends OutputOptions {
  gbPerDay: number;
  destination: EstimatedDestination;
  retentionDays: number;
  queriesPerDay: number;
  hoursPerQuery: number;
  price?: Partial<Prices>;
  config?: string;
  schedules: boolean;
  quiet?: boolean;
}

const DESTINATIONS: readonly EstimatedDestination[] = ['s3-parquet', 's3-text', 'logs', 'logs-infrequent', 'firehose'];

const COLUMNS = [
  { name: 'item', type: 'string' },
  { name: 'how', type: 'string' },
  { name: 'usd_per_month', type: 'number' },
] as const;

const amount = (text: string) => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) throw new InvalidArgumentError('expected a number of at least 0.');
  return number;
};

/** `athenaPerTb=5`; tiers with commas: `vendedToS3=0.25,0.15,0.075,0.05`. */
function priceOption(text: string, earlier: Partial<Prices> | undefined): Partial<Prices> {
  const [name = '', value = ''] = text.split('=');
  if (!Object.hasOwn(LIST_PRICES, name)) throw new InvalidArgumentError(`expected one of ${Object.keys(LIST_PRICES).join(', ')}.`);
  const numbers = value.split(',').map(amount);
  const tiered = typeof LIST_PRICES[name as PriceName] !== 'number';
  if (!tiered && numbers.length !== 1) throw new InvalidArgumentError(`${name}: expected one price.`);
  return { ...earlier, [name]: tiered ? numbers : numbers[0] };
}

export function registerEstimate(program: Command): void {
  const command = program
    .command('estimate')
    .description('what logging and asking costs a month')
    .addOption(
      new Option('--gb-per-day <gb>', 'text that AWS delivers a day, uncompressed; with --config, for each definition')
        .argParser(amount)
        .makeOptionMandatory(),
    )
    .option('--config <file>', "an app's configuration: a line per definition, each with its destination and retention")
    .addOption(new Option('--destination <destination>', 'where to').choices(DESTINATIONS).default('s3-parquet'))
    .addOption(new Option('--retention-days <days>', 'how long records are kept').argParser(amount).default(365))
    .addOption(new Option('--queries-per-day <n>', 'questions a day, by people and schedules').argParser(amount).default(100))
    .addOption(new Option('--hours-per-query <hours>', 'hours of logs that a question reads').argParser(amount).default(24))
    .addOption(
      new Option('--price <name=usd>', `another price: ${Object.keys(LIST_PRICES).join(', ')} (repeatable)`).argParser(priceOption),
    )
    .option('--no-schedules', 'without what a deployed stack runs by itself')
    .option('-q, --quiet', 'print no notices')
    .addHelpText(
      'after',
      `
How much is delivered? \`describe\` of a day's objects tells records and bytes; 1 million records in the recommended format are about 0.2 GB.

Examples:
  flowlogs estimate --gb-per-day 100
  flowlogs estimate --gb-per-day 5 --config examples/everything.yaml
  flowlogs estimate --gb-per-day 5 --destination logs --retention-days 30 --price insightsPerGb=0.0063`,
    );
  outputOptions(command, ['table', 'json', 'ndjson', 'csv', 'markdown']).action(async (options: EstimateOptions) => {
    const month = options.config === undefined ? plain(options) : await ofConfiguration(options.config, options);
    const lines = [...month.lines, ...month.watch];
    const sum = (list: readonly EstimateLine[]) => list.reduce((all, { usd }) => all + usd, 0);
    const rows = [
      ...lines.map(({ item, how, usd }) => ({ item, how, usd_per_month: cents(usd) })),
      { item: 'total', how: '', usd_per_month: cents(sum(lines)) },
    ];
    await writeRows(options, COLUMNS, rows);
    if (month.watch.length > 0) {
      const largest = [...month.watch].sort((a, b) => b.usd - a.usd).slice(0, LARGEST);
      notice(
        `The watch is $${sum(month.watch).toFixed(0)} of it, most for ${largest.map(({ item, usd }) => `${item.replace('watch: ', '')} ($${usd.toFixed(0)})`).join(', ')}.`,
        options.quiet,
      );
    }
    if (month.request !== undefined && options.quiet !== true)
      for (const { option, usd } of savingsOf(month.request, month.choice ?? {}, chosen).slice(0, LARGEST))
        notice(`  ${option} would save $${usd.toFixed(0)} a month.`, options.quiet);
    notice('List prices of us-east-1 as of 2026, free tiers left out; yours may differ: --price, docs/cost.md.', options.quiet);
  });
}

interface Month {
  readonly lines: readonly EstimateLine[];
  readonly watch: readonly EstimateLine[];
  /** Of a watch over S3. */
  readonly request?: WatchRequest;
  readonly choice?: ScheduleChoice;
}

const LARGEST = 4;
const cents = (usd: number) => Math.round(usd * 100) / 100;
const recommended = () => parseFormat('recommended').names.map(sqlNameOf);
const chosen = (choice: ScheduleChoice) => schedulesOf(new Catalogue(), recommended(), choice);
const named = (name: string, lines: readonly EstimateLine[]) => lines.map((line) => ({ ...line, item: `${name}: ${line.item}` }));
const isLogs = (destination: EstimatedDestination) => destination.startsWith('logs');

/** Of one destination, with what a stack without configuration runs. */
function plain(options: EstimateOptions): Month {
  const lines = estimateMonth({ ...options, prices: options.price });
  if (!options.schedules || options.destination === 'firehose') return { lines, watch: [] };
  return { lines, ...watched(options, chosen({}), options.gbPerDay, options.destination) };
}

function watched(
  { price }: EstimateOptions,
  schedules: readonly EstimatedSchedule[],
  gbPerDay: number,
  destination: EstimatedDestination,
): Pick<Month, 'watch' | 'request'> {
  const request = { gbPerDay, parquet: destination === 's3-parquet', schedules, prices: { ...LIST_PRICES, ...price } };
  return isLogs(destination) ? { watch: insightsLines(request) } : { watch: watchLines(request), request };
}

/** A month of each definition, and of the one watch over all of them. Records that two of them log are delivered, and paid for, twice. */
async function ofConfiguration(file: string, options: EstimateOptions): Promise<Month> {
  const { parseConfig } = await import('../lib/config.js');
  const config = parseConfig(file, readFileSync(file, 'utf8'));
  const months = config.definitions.map(({ id, scope, destination, inRecordsView }) => {
    const logs = destination?.cloudWatchLogs;
    const kept: Pick<EstimateRequest, 'destination' | 'retentionDays'> =
      logs !== undefined
        ? { destination: logs.logGroupClass === 'INFREQUENT_ACCESS' ? 'logs-infrequent' : 'logs', retentionDays: logs.retentionDays ?? 90 }
        : destination?.firehose !== undefined
          ? { destination: 'firehose', retentionDays: 0 }
          : {
              destination: destination?.s3?.fileFormat === 'text' ? 's3-text' : 's3-parquet',
              retentionDays: config.bucket?.expireAfterDays ?? options.retentionDays,
            };
    const [kind] = Object.keys(scope) as (keyof typeof SCOPES)[];
    return { id, ...kept, judged: kind !== undefined && SCOPES[kind].records === 'vpc' && inRecordsView !== false };
  });
  const inS3 = months.filter(({ judged, destination }) => judged && destination.startsWith('s3'));
  const prices: Prices = { ...LIST_PRICES, ...options.price };
  const lake = config.lake;
  const lines = months.flatMap(({ id, destination, retentionDays }) => {
    const raw =
      lake !== undefined && destination.startsWith('s3')
        ? Math.min(retentionDays, lake.expireRawAfterDays ?? retentionDays)
        : retentionDays;
    return named(id, estimateMonth({ ...options, prices: options.price, destination, retentionDays: raw }));
  });
  const compacted =
    lake === undefined
      ? []
      : inS3.flatMap(({ id, destination, retentionDays }) =>
          named(id, lakeLines({ gbPerDay: options.gbPerDay, parquet: destination === 's3-parquet', retentionDays, prices })),
        );
  const [first] = [...inS3, ...months.filter(({ judged, destination }) => judged && isLogs(destination))];
  if (config.watch === false || !options.schedules || first === undefined) return { lines: [...lines, ...compacted], watch: [] };
  const choice: ScheduleChoice = { ...config.watch, profiles: config.profiles };
  const schedules = chosen(choice);
  const { watch, request } = watched(options, schedules, options.gbPerDay * Math.max(1, inS3.length), first.destination);
  return {
    lines: [...lines, ...compacted],
    watch: named('watch', watch),
    ...(request === undefined ? {} : { request, choice }),
  };
}
