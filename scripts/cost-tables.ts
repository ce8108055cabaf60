/** Tables of docs/cost.md: what `flowlogs estimate` says of each example, and the prices that it uses. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { main } from '../cli/program';
import { LIST_PRICES, type PriceName } from '../lib/cost/prices';
import { EXAMPLES } from '../test/templates/configurations';

const GB_PER_DAY = 100;

/** Columns of the table by what an item of the estimate is called. */
const COLUMNS: readonly (readonly [string, RegExp])[] = [
  ['delivery', /^(delivery|conversion) to /],
  ['storage', /^storage in /],
  ['100 questions a day', /^(Athena|Logs Insights)$/],
  ['lake', /^lake, /],
];
/** Before each line of what a stack runs by itself. */
const WATCH = 'watch';

interface Line {
  readonly item: string;
  readonly usd_per_month: number;
}

async function estimated(file: string): Promise<readonly Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cost-'));
  try {
    const out = join(folder, 'lines.json');
    const options = ['--gb-per-day', String(GB_PER_DAY), '--config', file, '-f', 'json', '-o', out, '--quiet'];
    const code = await main(['node', 'flowlogs', 'estimate', ...options]);
    if (code !== 0) throw new Error(`flowlogs estimate --config ${file} ended with exit code ${code}`);
    return JSON.parse(readFileSync(out, 'utf8')) as Line[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const table = (head: readonly string[], align: '---' | '---:', rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : align)), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const usd = (amount: number) => (amount === 0 ? '' : Math.round(amount).toLocaleString('en'));

async function exampleTable(): Promise<string> {
  const rows: string[][] = [];
  for (const file of EXAMPLES) {
    const lines = await estimated(file);
    const sums = new Map<string, number>();
    const definitions = new Set<string>();
    for (const { item, usd_per_month: amount } of lines.filter(({ item }) => item !== 'total')) {
      const [definition = '', name = ''] = item.split(': ');
      if (definition !== WATCH) definitions.add(definition);
      const column = definition === WATCH ? WATCH : COLUMNS.find(([, pattern]) => pattern.test(name))?.[0];
      if (column === undefined) throw new Error(`${file}: ${item} is in no column of the table`);
      sums.set(column, (sums.get(column) ?? 0) + amount);
    }
    const total = [...sums.values()].reduce((sum, amount) => sum + amount, 0);
    const name = basename(file);
    rows.push([
      `[${name}](../examples/${name})`,
      String(definitions.size),
      ...[...COLUMNS.map(([column]) => column), WATCH].map((column) => usd(sums.get(column) ?? 0)),
      `$${Math.round(total).toLocaleString('en')}`,
    ]);
  }
  return table(['example', 'definitions', ...COLUMNS.map(([column]) => column), WATCH, 'a month'], '---:', rows);
}

/** What a price is for, and how sure it is. */
const MEANING: Readonly<Record<PriceName, readonly [per: string, confidence: string]>> = {
  vendedToS3: ['GB of text, by tier', 'first tier from a bill, the rest from a public price note'],
  vendedToLogs: ['GB of text, by tier', 'public price note'],
  vendedToLogsInfrequent: ['GB of text, by tier', 'public price note'],
  parquetConversion: ['GB of text', 'low: often quoted as 0.03'],
  s3Storage: ['GB-month', 'public'],
  s3Writes: ['million PUT and LIST requests', 'public'],
  s3Reads: ['million GET requests', 'public'],
  logsStorage: ['GB-month', 'whether CloudWatch bills compressed bytes is unverified'],
  logsIngestion: ['GB that functions print', 'public'],
  athenaPerTb: ['TB scanned, ten megabytes a query at least', 'public'],
  insightsPerGb: ['GB scanned', 'public'],
  lambdaGbSecond: ['GB-second', 'public'],
  lambdaCalls: ['million calls', 'public'],
  dynamoWrites: ['million writes on demand', 'public'],
  dynamoReads: ['million reads on demand', 'public'],
  schedulerCalls: ['million calls', 'public'],
  kmsRequests: ['million requests', 'public'],
  customMetric: ['metric and month', 'public'],
  alarm: ['alarm and month', 'public'],
  dashboard: ['dashboard and month', 'public'],
  kmsKey: ['key and month', 'public'],
};

const priceTable = (): string =>
  table(
    ['price', 'USD (us-east-1)', 'per', 'confidence'],
    '---',
    Object.entries(MEANING).map(([name, [per, confidence]]) => {
      const price: number | readonly number[] = LIST_PRICES[name as PriceName];
      return [`\`${name}\``, [price].flat().join(', '), per, confidence];
    }),
  );

/** Texts by mark. */
export const costTables = async (): Promise<Record<'examples' | 'prices', string>> => ({
  examples: await exampleTable(),
  prices: priceTable(),
});
