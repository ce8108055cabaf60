/** Options that several commands share, spelt once. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { durationSeconds } from '../lib/analysis/duration';
import { listEntries, type ParameterValue } from '../lib/analysis/literal';
import { isTimeZone } from '../lib/analysis/zone';
import { PARTITIONS } from '../lib/flow-log/layout';
import { SOURCE_FORMATS } from '../lib/source/sniff';
import { UsageError } from './errors';
import { commonOptions, type OptionsOf } from './option-group';

export const collect = (value: string, earlier: string[] | undefined) => [...(earlier ?? []), value];

export const wholeNumber = (least: number) => (text: string) => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < least)
    throw new InvalidArgumentError(`expected a whole number of at least ${least}.`);
  return number;
};

export const amount = (text: string) => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) throw new InvalidArgumentError('expected a number of at least 0.');
  return number;
};

const memorySize = (text: string) => {
  if (!/^\d+(?:\.\d+)?\s*(?:[KMGT]i?B|%)$/i.test(text)) throw new InvalidArgumentError('expected a size such as 400MB or 4GB.');
  return text;
};

const lastDuration = (text: string) => {
  if (durationSeconds(text) === undefined) throw new InvalidArgumentError('expected a duration such as 24h or 7d.');
  return text;
};

const timeZone = (text: string) => {
  if (text === 'local') return Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!isTimeZone(text)) throw new InvalidArgumentError('expected UTC, local or an IANA name such as Europe/Berlin.');
  return text;
};

export const timeZoneOption = (zone: string) =>
  new Option('--time-zone <zone>', 'time zone of times without an offset, and of times in text output: UTC, local or an IANA name')
    .argParser(timeZone)
    .default(zone, zone);

export const CATALOGUE = commonOptions('Questions', (command) =>
  command.addOption(
    new Option(
      '--queries <dir>',
      'folder of your own questions, added to the built-in ones; the same ID replaces a built-in (repeatable)',
    ).argParser(collect),
  ),
);

export const PARAMETERS = commonOptions('Questions', (command) =>
  command.addOption(
    new Option(
      '--param <name=value>',
      'parameter of a question, see `flowlogs show <id>`; lists with commas, or from a file as @FILE (repeatable)',
    ).argParser(collect),
  ),
);

export const SCOPE = commonOptions('Time and scope', (command) =>
  command
    .addOption(
      new Option(
        '--scope <kind=value>',
        'only records of vpc=ID, subnet=ID, eni=ID, src=NETWORK, dst=NETWORK, cidr=NETWORK (either end), dstport=PORT, srcport=PORT, ' +
          'port=PORT (either end), protocol=NAME, action=REJECT or direction=egress; several values with commas, ports also as ssh ' +
          'or 8000-8999; a leading ! excludes them (repeatable)',
      ).argParser(collect),
    )
    .addOption(
      new Option(
        '--where <condition>',
        'only records that meet a SQL condition, such as "bytes > 1000000 AND NOT is_private(dstaddr)"; functions of Athena, and ' +
          'is_private(address), in_network(address, network), port_name(port) (repeatable)',
      ).argParser(collect),
    ),
);

export const TIME = commonOptions('Time and scope', (command) =>
  command
    .option(
      '--from <time>',
      'start of the window, inclusive: 2026-11-20, 2026-11-20T05:00Z, -24h, today or yesterday (default: first record)',
    )
    .option('--to <time>', 'end of the window, exclusive (default: after the last record)')
    .addOption(new Option('--last <duration>', 'the time up to now, such as 24h or 7d; instead of --from and --to').argParser(lastDuration))
    .hook('preAction', (_, acting) => {
      const { last, from, to }: { last?: string; from?: string; to?: string } = acting.opts();
      if (last === undefined) return;
      if (from !== undefined || to !== undefined) throw new UsageError('--last is instead of --from and --to: leave one of them out');
      (acting as unknown as Command).setOptionValueWithSource('from', `-${last}`, 'cli').setOptionValueWithSource('to', 'now', 'cli');
    })
    .addOption(timeZoneOption('UTC')),
);

export const QUIET = commonOptions('Performance and verbosity', (command) =>
  command.option('-q, --quiet', 'print only data and errors: no notices, no progress'),
);

export const READING = commonOptions('Reading logs', (command) =>
  command
    .option('--log-format <format>', "format of logs without a header line: default, recommended, all, field names, or AWS's '${…}' string")
    .addOption(new Option('--source-format <vendor>', 'vendor format (default: auto-detect)').choices(SOURCE_FORMATS))
    .option('--strict', 'fail if any line is rejected or any value is invalid')
    .option('--rejects <file>', 'write rejected lines and invalid values, with their reasons, to a file (NDJSON)')
    .option('--no-cache', 'parse the files again; do not keep them as Parquet in the cache folder'),
);

export const engineSettings = (memory = '320MB') =>
  commonOptions('Performance and verbosity', (command) =>
    command
      .addOption(
        new Option('--threads <n>', 'threads of the query engine').argParser(wholeNumber(1)).default(availableParallelism(), 'all cores'),
      )
      .addOption(
        new Option('--memory <size>', 'memory of the query engine; larger queries spill to disk')
          .argParser(memorySize)
          .default(memory, '320MB; explore, report: 1GB; convert: 160MB'),
      ),
  );

export const partitionOption = (fallback: string) =>
  new Option(
    '--partition <columns>',
    `partition columns of the Athena table: ${Object.keys(PARTITIONS).join(', ')}, several with commas, or none (default: ${fallback})`,
  );

export type SourceOptions = OptionsOf<typeof READING> & OptionsOf<typeof engineSettings> & OptionsOf<typeof QUIET>;
export type TimeOptions = OptionsOf<typeof TIME>;
export type ScopeOptions = OptionsOf<typeof SCOPE>;
export type CatalogueOptions = OptionsOf<typeof CATALOGUE>;

/** `k=v` pairs; `k=@FILE` takes a list from a file, an entry a line. */
export function parseParams(texts: readonly string[] | undefined): Record<string, ParameterValue> {
  const params: Record<string, ParameterValue> = {};
  for (const text of texts ?? []) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--param ${JSON.stringify(text)}: expected name=value`);
    const value = text.slice(at + 1);
    params[text.slice(0, at)] = value.startsWith('@') ? listOf(text, value.slice(1)) : value;
  }
  return params;
}

function listOf(text: string, file: string): string[] {
  if (!existsSync(file)) throw new UsageError(`--param ${JSON.stringify(text)}: no such file ${file}`);
  const entries = listEntries(readFileSync(file, 'utf8'));
  if (entries.length === 0) throw new UsageError(`--param ${JSON.stringify(text)}: ${file} has no entry; expected one a line`);
  return entries;
}
