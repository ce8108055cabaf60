/** The simulation as tables: for the terminal and for docs/scale.md. */
import { lakeLines } from '../../lib/cost/lake';
import { DAYS, LIST_PRICES } from '../../lib/cost/prices';
import { DYNAMO_A_PASS, DYNAMO_A_RUN, PASSES, PASSES_A_DAY, READS_A_FILE, runGb, runsOf, watchLines } from '../../lib/cost/watch';
import { estimateMonth } from '../../lib/estimate';
import { FUNCTIONS } from './assumed';
import { type Limit, LIMITS } from './limits';
import { type Network, scaled, TERABYTE } from './network';
import { foldersOf, listings, objectsAnHour, rawHours, SCHEDULES, watchOf } from './work';

/** A source is a page, or a file of the repository, which the package does not have. */
const nameWithSource = ({ name, source }: Limit): string =>
  source.startsWith('https:') ? `[${name}](${source})` : `${name} (\`${source}\`)`;

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const SMALL = scaled(TERABYTE, 0.1);
/** Beyond this nothing is looked for. */
const MOST_TIMES = 100;

/** How many times {@link TERABYTE} a network is at which a limit is reached; undefined where size does not bring it there. */
export function breaksAt({ use, limit }: Limit): number | undefined {
  let [low, high] = [0.0001, MOST_TIMES];
  if (use(scaled(TERABYTE, high)) <= limit) return undefined;
  if (use(scaled(TERABYTE, low)) > limit) return 0;
  while (high / low > 1.001) {
    const middle = Math.sqrt(low * high);
    if (use(scaled(TERABYTE, middle)) > limit) high = middle;
    else low = middle;
  }
  return low;
}

const number = (value: number): string =>
  (value >= 100 ? Math.round(Number(value.toPrecision(2))) : Number(value.toPrecision(2))).toLocaleString('en');
const withUnit = (value: number, unit: string) => `${number(value)}${unit === '' ? '' : ` ${unit}`}`;
const percent = (use: number, limit: number) => `${number((100 * use) / limit)} %`;

function breaks(limit: Limit): string {
  const times = breaksAt(limit);
  if (times === undefined) return '';
  if (times === 0) return 'at any size';
  const { gbPerDay, accounts } = scaled(TERABYTE, times);
  return `${number(gbPerDay / 1000)} TB, ${number(accounts)} accounts`;
}

export function limitTable(linked: boolean): Table {
  const share = ({ use, limit }: Limit) => use(TERABYTE) / limit;
  return {
    head: ['quota', 'limit', 'at 100 GB', 'at 1 TB', 'share', 'breaks at', ...(linked ? [] : ['source'])],
    rows: [...LIMITS]
      .sort((a, b) => share(b) - share(a))
      .map((one) => [
        linked ? nameWithSource(one) : one.name,
        withUnit(one.limit, one.unit),
        withUnit(one.use(SMALL), one.unit),
        withUnit(one.use(TERABYTE), one.unit),
        percent(one.use(TERABYTE), one.limit),
        breaks(one),
        ...(linked ? [] : [one.source]),
      ]),
  };
}

/** Requests of a day. */
export interface Requests {
  readonly lists: number;
  /** Of raw objects by Athena. */
  readonly reads: number;
}

/** Runs a day; of relations the one at the full hour lists a day, the others two hours. */
const RUNS = { relations: 96, relationsAtFullHour: 24, compact: 72 };
/** Compaction copies an hour and sums it up. */
const COMPACT_READS = 2;
const RELATION_READS = 2;

export function requestsADay(network: Network, lake: boolean): Requests {
  const { relations, compact } = FUNCTIONS;
  const lists =
    RUNS.relationsAtFullHour * listings(network, relations) +
    (RUNS.relations - RUNS.relationsAtFullHour) * listings(network, { days: 1, hours: 2 }) +
    (lake ? RUNS.compact * listings(network, compact) : 0);
  const passes = 24 * (PASSES * RELATION_READS + (lake ? COMPACT_READS : 0));
  const runs = SCHEDULES.reduce((sum, schedule) => sum + (runsOf(schedule) / DAYS) * rawHours(schedule, lake), 0);
  return { lists, reads: objectsAnHour(network) * READS_A_FILE * (passes + runs) };
}

export function dayTable(): Table {
  const row = (name: string, of: (network: Network) => number): string[] => [name, number(of(SMALL)), number(of(TERABYTE))];
  const runs = SCHEDULES.reduce((sum, schedule) => sum + runsOf(schedule) / DAYS, 0);
  const queries = SCHEDULES.reduce((sum, schedule) => sum + (runsOf(schedule) / DAYS) * schedule.queries, 0) + PASSES_A_DAY * 4;
  const watch = (network: Network, item: RegExp) =>
    watchLines(watchOf(network))
      .find((line) => item.test(line.item))
      ?.how.match(/[\d,.]+/)?.[0]
      ?.replaceAll(',', '') ?? '';
  const scans = (network: Network) =>
    Number(watch(network, /^relations, made/)) / DAYS +
    SCHEDULES.reduce((sum, schedule) => sum + (runsOf(schedule) / DAYS) * runGb(schedule, watchOf(network)), 0);
  const dynamo = (kind: 'reads' | 'writes') => (runs * DYNAMO_A_RUN[kind] + PASSES_A_DAY * DYNAMO_A_PASS[kind]) / 86_400;
  return {
    head: ['a day', '100 GB', '1 TB'],
    rows: [
      row('interfaces', ({ interfaces }) => interfaces),
      row('folders an hour: accounts × Regions', foldersOf),
      row('objects', (network) => 24 * objectsAnHour(network)),
      row('KB of text in an object', (network) => (network.gbPerDay * 1e6) / (24 * objectsAnHour(network))),
      row('partitions of a question over a day, without a lake', (network) => 25 * foldersOf(network)),
      row('runs of detections', () => runs),
      row('queries of detections and relations', () => queries),
      row('GB that they scan', scans),
      row('GB-seconds of Lambda', (network) => Number(watch(network, /^Lambda/)) / DAYS),
      row('reads of DynamoDB a second', () => dynamo('reads')),
      row('writes of DynamoDB a second, without findings', () => dynamo('writes')),
      row('listings, with a lake', (network) => requestsADay(network, true).lists),
      row('requests for raw objects, without a lake', (network) => requestsADay(network, false).reads),
      row('requests for raw objects, with a lake', (network) => requestsADay(network, true).reads),
    ],
  };
}

function dollars(network: Network, lake: boolean): readonly (readonly [string, number])[] {
  const { gbPerDay } = network;
  const year = { gbPerDay, destination: 's3-parquet', retentionDays: 365, queriesPerDay: 0, hoursPerQuery: 24 } as const;
  const delivered = (pattern: RegExp) => total(estimateMonth(year).filter(({ item }) => pattern.test(item)));
  const watch = watchLines(watchOf(network)).filter(({ item }) => item !== 'S3 requests');
  const { lists, reads } = requestsADay(network, lake);
  return [
    ['delivery and conversion', delivered(/^(delivery|conversion) to/)],
    ['storage of a year', delivered(/^storage/)],
    ['relations', total(watch.filter(({ item }) => item.startsWith('relations')))],
    ['schedules', total(watch.filter(({ item }) => item.startsWith('schedule ')))],
    ['the rest of the watch', total(watch.filter(({ item }) => !/^(relations|schedule )/.test(item)))],
    [
      'lake, with a year of data',
      lake ? total(lakeLines({ gbPerDay, parquet: true, retentionDays: year.retentionDays, prices: LIST_PRICES })) : 0,
    ],
    ['listings of the functions', (lists * DAYS * LIST_PRICES.s3Writes) / 1e6],
    ['requests for raw objects by Athena', (reads * DAYS * LIST_PRICES.s3Reads) / 1e6],
  ];
}

const total = (lines: readonly { readonly usd: number }[]) => lines.reduce((sum, { usd }) => sum + usd, 0);

export function dollarTable(): Table {
  const columns = [dollars(SMALL, false), dollars(TERABYTE, false), dollars(TERABYTE, true)];
  const sums = columns.map((column) => column.reduce((sum, [, usd]) => sum + usd, 0));
  return {
    head: ['$ a month', '100 GB', '1 TB', '1 TB with a lake'],
    rows: [
      ...(columns[0] ?? []).map(([item], i) => [item, ...columns.map((column) => number(column[i]?.[1] ?? 0))]),
      ['together', ...sums.map(number)],
    ],
  };
}

const markdown = ({ head, rows }: Table): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

export function plain({ head, rows }: Table): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((cells) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 || i === head.indexOf('source') ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ');
  return [head, ...rows].map((cells) => line(cells).trimEnd()).join('\n');
}

/** Texts of docs/scale.md by mark. */
export const scaleDocs = (): Record<'day' | 'limits' | 'dollars', string> => ({
  day: markdown(dayTable()),
  limits: markdown(limitTable(true)),
  dollars: markdown(dollarTable()),
});
