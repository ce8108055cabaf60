import { type Command, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import {
  estimateMonth,
  type EstimatedDestination,
  type EstimatedSchedule,
  type EstimateLine,
  type EstimateRequest,
  LIST_PRICES,
  type PriceName,
  type Prices,
} from '../lib/estimate';
import { Catalogue } from '../lib/analysis/catalogue';
import { durationSeconds } from '../lib/analysis/duration';
import { missingFields, openParameters } from '../lib/analysis/requirements';
import { OVERLAP_SECONDS, runWindow } from '../lib/analysis/schedule';
import { bucketSeconds } from '../lib/finding/finding';
import { parseFormat, sqlNameOf } from '../lib/flow-log/format';
import { DELIVERY_SLACK_SECONDS } from '../lib/flow-log/layout';
import { columnsNeeded } from '../lib/run';
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
    const schedules = options.schedules ? defaultSchedules() : [];
    const request = { ...options, prices: options.price, schedules };
    const lines = options.config === undefined ? estimateMonth(request) : await ofDefinitions(options.config, request);
    const round = (usd: number) => Math.round(usd * 100) / 100;
    const total = { item: 'total', how: '', usd_per_month: round(lines.reduce((sum, { usd }) => sum + usd, 0)) };
    const rows = [...lines.map(({ item, how, usd }) => ({ item, how, usd_per_month: round(usd) })), total];
    await writeRows(options, COLUMNS, rows);
    const watched = rows
      .filter(({ item }) => /schedule |metrics of runs|alarms|dashboard/.test(item))
      .reduce((sum, row) => sum + row.usd_per_month, 0);
    if (watched > 0)
      notice(
        `The watch (schedules, metrics, alarms) is $${watched.toFixed(0)} of it; examples/watch.yaml shows how to thin it out.`,
        options.quiet,
      );
    notice('List prices of us-east-1 as of 2026, free tiers left out; yours may differ: --price, docs/cost.md.', options.quiet);
  });
}

/** Every detection of the recommended format at its own interval, as a stack without configuration runs them. */
export function defaultSchedules(): EstimatedSchedule[] {
  const catalogue = new Catalogue();
  const columns = parseFormat('recommended').names.map(sqlNameOf);
  return catalogue
    .all()
    .filter(
      (analysis) =>
        analysis.kind === 'detection' &&
        analysis.schedule !== undefined &&
        missingFields(analysis, {}, columns).length === 0 &&
        openParameters(analysis).length === 0,
    )
    .map((analysis) => {
      const every = durationSeconds(analysis.schedule ?? '') ?? 3600;
      const { from, to } = runWindow({
        scheduledTime: 1e9,
        lagSeconds: 0,
        everySeconds: every,
        bucketSeconds: bucketSeconds(analysis),
        overlapSeconds: OVERLAP_SECONDS,
      });
      const back = analysis.lookback === undefined ? 0 : (durationSeconds(analysis.lookback) ?? 0);
      // Objects are looked for until an hour after the window: their folders are named by when they were published.
      return {
        name: analysis.id,
        runsPerDay: 86400 / every,
        hoursPerRun: (to - from + back + DELIVERY_SLACK_SECONDS) / 3600,
        columns: [...(columnsNeeded(catalogue, analysis, {}) ?? [])],
      };
    });
}

/** A month of each definition of a configuration. Records that two of them log are delivered, and paid for, twice. */
async function ofDefinitions(file: string, request: EstimateRequest): Promise<EstimateLine[]> {
  const { parseConfig } = await import('../lib/config.js');
  const config = parseConfig(file, readFileSync(file, 'utf8'));
  return config.definitions.flatMap(({ id, destination }) => {
    const logs = destination?.cloudWatchLogs;
    const kept: Pick<EstimateRequest, 'destination' | 'retentionDays'> =
      logs !== undefined
        ? { destination: logs.logGroupClass === 'INFREQUENT_ACCESS' ? 'logs-infrequent' : 'logs', retentionDays: logs.retentionDays ?? 90 }
        : destination?.firehose !== undefined
          ? { destination: 'firehose', retentionDays: 0 }
          : {
              destination: destination?.s3?.fileFormat === 'text' ? 's3-text' : 's3-parquet',
              retentionDays: config.bucket?.expireAfterDays ?? request.retentionDays,
            };
    const watched = config.watch === false || kept.destination === 'firehose' ? [] : request.schedules;
    return estimateMonth({ ...request, ...kept, schedules: watched }).map((line) => ({ ...line, item: `${id}: ${line.item}` }));
  });
}
