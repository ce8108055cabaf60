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
import { type Analysis, Catalogue } from '../lib/analysis/catalogue';
import { durationSeconds } from '../lib/analysis/duration';
import { OPTIONAL_COLUMNS, RELATIONS } from '../lib/analysis/relations';
import { renderSql } from '../lib/analysis/render';
import { missingFields, openParameters } from '../lib/analysis/requirements';
import { OVERLAP_SECONDS, runWindow } from '../lib/analysis/schedule';
import { bucketSeconds } from '../lib/finding/finding';
import { parseFormat, sqlNameOf } from '../lib/flow-log/format';
import { DELIVERY_SLACK_SECONDS, PARTITIONS } from '../lib/flow-log/layout';
import { KEPT_COLUMNS, keptTable, keptTables, RELATIONS_REQUIRE } from '../lib/lake/relations';
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

type Reads = NonNullable<EstimatedSchedule['relations']>;

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
    const request = { ...options, prices: options.price, schedules, relations: relationsMade() };
    const lines = options.config === undefined ? estimateMonth(request) : await ofDefinitions(options.config, request);
    const round = (usd: number) => Math.round(usd * 100) / 100;
    const total = { item: 'total', how: '', usd_per_month: round(lines.reduce((sum, { usd }) => sum + usd, 0)) };
    const rows = [...lines.map(({ item, how, usd }) => ({ item, how, usd_per_month: round(usd) })), total];
    await writeRows(options, COLUMNS, rows);
    const watched = rows
      .filter(({ item }) => /schedule |of relations|metrics of runs|alarms|dashboard/.test(item))
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
  const able = catalogue
    .all()
    .filter(
      (analysis) =>
        analysis.kind === 'detection' &&
        analysis.schedule !== undefined &&
        missingFields(analysis, {}, columns).length === 0 &&
        openParameters(analysis).length === 0,
    );
  return able
    .filter(({ id }) => !able.some(({ replaces }) => replaces.includes(id)))
    .map((analysis) => {
      const every = durationSeconds(analysis.schedule ?? '') ?? 3600;
      const window = runWindow({
        scheduledTime: 1e9,
        lagSeconds: 0,
        everySeconds: every,
        bucketSeconds: bucketSeconds(analysis),
        overlapSeconds: OVERLAP_SECONDS,
      });
      const relations = relationsRead(catalogue, analysis, window);
      const back = analysis.lookback === undefined ? 0 : (durationSeconds(analysis.lookback) ?? 0);
      return {
        name: analysis.id,
        runsPerDay: 86400 / every,
        // Objects are looked for until an hour after the window: their folders are named by when they were published.
        hoursPerRun: (window.to - window.from + back + DELIVERY_SLACK_SECONDS) / 3600,
        columns: relations.length > 0 ? [] : [...(columnsNeeded(catalogue, analysis, {}) ?? [])],
        relations,
      };
    });
}

/**
 * Hours of relations as they are made (lib/lake/athena-relations.ts): of the records twice, of the conversations by each of the others. An hour
 * is made every quarter of an hour while its objects come, of what is there by then: two and a half times it in all.
 */
function relationsMade(): EstimatedSchedule {
  const columns = KEPT_COLUMNS.conversations.map(({ name }) => name);
  return {
    name: 'relations',
    runsPerDay: 24 * 2.5,
    hoursPerRun: 2,
    columns: [...RELATIONS_REQUIRE, ...Object.keys(OPTIONAL_COLUMNS)],
    relations: RELATIONS.filter((name) => name !== 'conversations').map(() => ({ name: 'conversations', hours: 1, columns })),
  };
}

/** What a run's text reads of the kept tables: each time that it names one, hours by its partitions and the columns that are named around it. */
function relationsRead(catalogue: Catalogue, analysis: Analysis, window: { from: number; to: number }): Reads {
  const kept = renderSql(catalogue, analysis, { window, relations: keptTables('db'), partitions: [PARTITIONS.hour] });
  const plain = Object.fromEntries(RELATIONS.map((name) => [name, { table: keptTable(name) }]));
  const text = renderSql(catalogue, analysis, { window, relations: plain });
  const hourOf = (hour = '') => Date.parse(`${hour.slice(0, 10).replaceAll('/', '-')}T${hour.slice(11)}:00:00Z`) / 3_600_000;
  return RELATIONS.flatMap((name) => {
    const places = [...text.matchAll(new RegExp(`\\b${keptTable(name)}\\b`, 'g'))].map(({ index }) => selectAround(text, index));
    // The text names it once and Athena reads it at every use.
    const [span] = kept.matchAll(new RegExp(`"db"\\."${keptTable(name)}"[^()]*?"hour" >= '([\\d/]+)' AND "hour" <= '([\\d/]+)'`, 'g'));
    return places.map((place) => ({
      name,
      hours: hourOf(span?.[2]) - hourOf(span?.[1]) + 1,
      columns: KEPT_COLUMNS[name].map((one) => one.name).filter((column) => new RegExp(`\\b${column}\\b`).test(place)),
    }));
  });
}

/** The SELECT that names a table: what is within the brackets around it. */
function selectAround(text: string, at: number): string {
  const edge = (step: 1 | -1) => {
    let open = 0;
    for (let i = at; i >= 0 && i < text.length; i += step) {
      open += text[i] === (step === 1 ? ')' : '(') ? 1 : text[i] === (step === 1 ? '(' : ')') ? -1 : 0;
      if (open === 1) return i;
    }
    return step === 1 ? text.length : 0;
  };
  return text.slice(edge(-1), edge(1));
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
