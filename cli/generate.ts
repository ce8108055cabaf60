import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { parseTime } from '../lib/analysis/time';
import { isoTime } from '../lib/analysis/render';
import { parseFormat } from '../lib/flow-log/format';
import { LAYOUTS } from '../lib/flow-log/layout';
import { generate } from '../lib/synthetic/generate';
import { type PlantKind, PLANTS } from '../lib/synthetic/plant';
import { UsageError } from './errors';
import { humanBytes, humanNumber } from '../lib/analysis/human';
import { interruption } from './interrupt';
import { notice } from './say';

interface GenerateCommandOptions {
  format: string;
  layout: string;
  records: string;
  from: string;
  hours: string;
  hosts: string;
  seed: string;
  account: string;
  region: string;
  plant: string;
  quiet?: boolean;
}

const GROUND_TRUTH = 'ground-truth.json';

function integer(option: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min) throw new UsageError(`--${option} ${text}: expected a whole number of at least ${min}`);
  return value;
}

function plantsOf(text: string): PlantKind[] {
  if (text === 'none') return [];
  if (text === 'all') return [...PLANTS];
  return text.split(',').map((name) => {
    const kind = PLANTS.find((known) => known === name.trim());
    if (kind === undefined) throw new UsageError(`--plant ${name}: expected all, none or some of ${PLANTS.join(', ')}`);
    return kind;
  });
}

export function registerGenerate(program: Command): void {
  program
    .command('generate <folder>')
    .description('write deterministic synthetic flow logs with planted incidents and their ground truth')
    .option('--format <format>', "default, recommended, all, names, or AWS's '${…}' string", 'default')
    .addOption(new Option('--layout <layout>', 'how the objects are keyed').choices(Object.keys(LAYOUTS)).default('plain-hourly'))
    .option('--records <n>', 'ordinary records; planted ones come on top', '100000')
    .option('--from <time>', 'first 5-minute slot', '2026-11-20')
    .option('--hours <n>', 'length of the logs', '24')
    .option('--hosts <n>', 'network interfaces', '120')
    .option('--seed <n>', 'the same seed gives the same logs', '1')
    .option('--account <id>', 'account id', '123456789012')
    .option('--region <region>', 'Region', 'us-east-1')
    .option('--plant <kinds>', `incidents: all, none or some of ${PLANTS.join(', ')}`, 'all')
    .option('-q, --quiet', 'print no notices')
    .addHelpText(
      'after',
      `\nThe planted incidents are listed in <folder>/${GROUND_TRUTH}.\n\nExamples:\n  flowlogs generate logs --records 5000000 --layout plain\n  flowlogs generate logs --format all --plant vertical-scan --hours 48 && flowlogs detect logs/AWSLogs`,
    )
    .action(async (folder: string, options: GenerateCommandOptions) => {
      const from = Math.floor(parseTime(options.from, Date.now()) / 300) * 300;
      const to = from + integer('hours', options.hours, 1) * 3600;
      const layout = LAYOUTS[options.layout];
      if (layout === undefined) throw new UsageError(`--layout ${options.layout}: expected ${Object.keys(LAYOUTS).join(', ')}`);
      const result = await generate(folder, {
        seed: integer('seed', options.seed, 0),
        format: parseFormat(options.format),
        layout,
        account: options.account,
        region: options.region,
        records: integer('records', options.records, 0),
        from,
        to,
        hosts: integer('hosts', options.hosts, 1),
        plants: plantsOf(options.plant),
        signal: interruption(),
        onProgress: (done, of) => {
          if (process.stderr.isTTY && options.quiet !== true) process.stderr.write(`\r${done}/${of} objects${done === of ? '\n' : ''}`);
        },
      });
      const truth = result.incidents.map((incident) => ({ ...incident, from: isoTime(incident.from), to: isoTime(incident.to) }));
      await fs.writeFile(join(folder, GROUND_TRUTH), `${JSON.stringify(truth, null, 2)}\n`);
      notice(
        `Wrote ${humanNumber(result.records)} records in ${humanNumber(result.objects)} ${result.objects === 1 ? 'object' : 'objects'} (${humanBytes(result.bytes)}), ${isoTime(from)} to ${isoTime(to)}.`,
        options.quiet,
      );
    });
}
