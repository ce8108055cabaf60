import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
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
import { answerOptions, CSV, FILE, ROW_FORMATS, type RowOptions, ROWS } from './answer-options';
import { withOptions } from './option-group';
import { amount, QUIET } from './options';
import { writeRows, type Writing } from './output';
import { notice } from './say';

interface EstimateOptions extends Writing, RowOptions {
  readonly gbPerDay: number;
  readonly destination: EstimatedDestination;
  readonly retentionDays: number;
  readonly queriesPerDay: number;
  readonly hoursPerQuery: number;
  readonly price?: Partial<Prices> | undefined;
  readonly config?: string | undefined;
  readonly schedules: boolean;
}

const DESTINATIONS: readonly EstimatedDestination[] = ['s3-parquet', 's3-text', 'logs', 'logs-infrequent', 'firehose'];

const COLUMNS = [
  { name: 'item', type: 'string' },
  { name: 'how', type: 'string' },
  { name: 'usd_per_month', type: 'number' },
] as const;

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
    .description('estimate the monthly cost of logging, queries and detections')
    .addOption(
      new Option('--gb-per-day <gb>', 'flow logs per day, as uncompressed text; with --config, of each definition')
        .argParser(amount)
        .makeOptionMandatory(),
    )
    .option('--config <file>', 'configuration of the app: a line per definition, with its destination and retention')
    .addOption(
      new Option('--destination <destination>', 'destination of the flow logs').choices(DESTINATIONS).default('s3-parquet' as const),
    )
    .addOption(new Option('--retention-days <days>', 'retention of the records').argParser(amount).default(365))
    .addOption(new Option('--queries-per-day <n>', 'queries per day, by people and schedules').argParser(amount).default(100))
    .addOption(new Option('--hours-per-query <hours>', 'hours of logs that a query reads').argParser(amount).default(24))
    .addOption(
      new Option('--price <name=usd>', `price to use instead: ${Object.keys(LIST_PRICES).join(', ')} (repeatable)`).argParser(priceOption),
    )
    .option('--no-schedules', 'leave out the scheduled detections of a deployed stack')
    .addHelpText(
      'after',
      `
\`flowlogs describe\` of a day's objects counts records; 1 million records in the recommended format are about 0.2 GB.

Examples:
  flowlogs estimate --gb-per-day 100
  flowlogs estimate --gb-per-day 5 --config examples/everything.yaml
  flowlogs estimate --gb-per-day 5 --destination logs --retention-days 30 --price insightsPerGb=0.0063`,
    );
  withOptions(command, answerOptions(ROW_FORMATS, FILE), ROWS, CSV, QUIET).action(async (options) => {
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
        `The watch is $${sum(month.watch).toFixed(0)} of the total; the largest items: ${largest.map(({ item, usd }) => `${item.replace('watch: ', '')} ($${usd.toFixed(0)})`).join(', ')}.`,
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
