import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from '@commander-js/extra-typings';
import { isoTime } from '../lib/analysis/render';
import { parseFormat } from '../lib/flow-log/format';
import { LAYOUTS } from '../lib/flow-log/layout';
import { generate } from '../lib/synthetic/generate';
import { type PlantKind, PLANTS } from '../lib/synthetic/plant';
import { UsageError } from './errors';
import { humanBytes, humanNumber } from '../lib/analysis/human';
import { interruption } from './interrupt';
import { localFolder } from './answer-options';
import { withOptions } from './option-group';
import { QUIET, timeZoneOption, wholeNumber } from './options';
import { notice } from './say';
import { timeOf } from './time';

const GROUND_TRUTH = 'ground-truth.json';

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
  const command = program
    .command('generate')
    .description('write synthetic flow logs with planted incidents, and a list of these incidents')
    .option('-f, --format <format>', "default, recommended, all, field names, or AWS's '${…}' string", 'default')
    .addOption(new Option('-o, --output <folder>', 'folder to write to (required)').argParser(localFolder))
    .addOption(new Option('--layout <layout>', 'layout of the object keys').choices(Object.keys(LAYOUTS)).default('plain-hourly'))
    .addOption(new Option('--records <n>', 'number of ordinary records; planted ones are added').argParser(wholeNumber(0)).default(100_000))
    .option('--from <time>', 'start of the first 5-minute interval', '2026-11-20')
    .addOption(new Option('--hours <n>', 'length of the logs').argParser(wholeNumber(1)).default(24))
    .addOption(new Option('--hosts <n>', 'number of network interfaces').argParser(wholeNumber(1)).default(120))
    .addOption(new Option('--seed <n>', 'the same seed gives the same logs').argParser(wholeNumber(0)).default(1))
    .option('--account <id>', 'account ID', '123456789012')
    .option('--region <region>', 'Region', 'us-east-1')
    .option('--plant <kinds>', `incidents to plant: all, none or some of ${PLANTS.join(', ')}`, 'all')
    .addOption(timeZoneOption('UTC'))
    .addHelpText(
      'after',
      `
The planted incidents are listed in ${GROUND_TRUTH} in the folder.

Examples:
  flowlogs generate -o logs --records 5000000 --layout plain
  flowlogs generate -o logs -f all --plant vertical-scan --hours 48 && flowlogs detect logs/AWSLogs`,
    );
  withOptions(command, QUIET).action(async (options) => {
    const folder = options.output;
    if (folder === undefined) throw new UsageError('generate needs -o FOLDER');
    const from = Math.floor(timeOf('--from', options.from, options) / 300) * 300;
    const to = from + options.hours * 3600;
    const layout = LAYOUTS[options.layout];
    if (layout === undefined) throw new UsageError(`--layout ${options.layout}: expected ${Object.keys(LAYOUTS).join(', ')}`);
    const result = await generate(folder, {
      seed: options.seed,
      format: parseFormat(options.format),
      layout,
      account: options.account,
      region: options.region,
      records: options.records,
      from,
      to,
      hosts: options.hosts,
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
