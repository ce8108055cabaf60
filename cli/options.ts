import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { listEntries, type ParameterValue } from '../lib/analysis/literal';
import { SOURCE_FORMATS, type SourceFormat } from '../lib/source/sniff';
import { UsageError } from './errors';
import { OUTPUT_FORMATS, type OutputFormat } from './output';

/** Options that several commands share, spelt once. */

export const collect = (value: string, earlier: string[] | undefined) => [...(earlier ?? []), value];

export const wholeNumber = (least: number) => (text: string) => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least) throw new InvalidArgumentError(`expected a whole number of at least ${least}.`);
  return number;
};

const memorySize = (text: string) => {
  if (!/^\d+(?:\.\d+)?\s*(?:[KMGT]i?B|%)$/i.test(text)) throw new InvalidArgumentError('expected a size such as 400MB or 4GB.');
  return text;
};

export interface SourceOptions {
  logFormat?: string;
  sourceFormat?: SourceFormat;
  cache: boolean;
  threads: number;
  memory: string;
  quiet?: boolean;
  strict?: boolean;
  rejects?: string;
}

export interface WindowOptions {
  from?: string;
  to?: string;
  scope?: string[];
}

export interface OutputOptions {
  output: OutputFormat;
  out?: string;
  limit?: number;
  csvSafe?: boolean;
}

export interface CatalogueOptions {
  queries?: string[];
}

export const catalogueOption = (command: Command): Command =>
  command.addOption(
    new Option('--queries <dir>', 'folder of your own analyses; adds to ours, or overrides them by id (repeatable)').argParser(collect),
  );

export const paramOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--param <name=value>',
      'value of a parameter, see `flowlogs show <id>`; lists with commas or from a file as @FILE (repeatable)',
    ).argParser(collect),
  );

export const scopeOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--scope <kind=value>',
      'vpc=ID, subnet=ID, eni=ID or cidr=NETWORK; several values with commas, a leading ! leaves them out (repeatable)',
    ).argParser(collect),
  );

export const windowOptions = (command: Command): Command =>
  scopeOption(
    command
      .option('--from <time>', 'start of the window, inclusive: 2026-11-20, 2026-11-20T05:00Z or -24h (default: first record)')
      .option('--to <time>', 'end of the window, exclusive (default: after the last record)'),
  );

export function sourceOptions(command: Command, memory = '320MB'): Command {
  return command
    .option('--log-format <format>', "format of logs without header line: default, recommended, all, names, or AWS's '${…}' string")
    .addOption(new Option('--source-format <name>', 'whose flow logs these are (default: told by content)').choices(SOURCE_FORMATS))
    .option('--strict', 'fail if any line is rejected or any value does not fit its field')
    .option('--rejects <file>', 'write rejected lines and bad values with their reasons (NDJSON)')
    .addOption(
      new Option('--threads <n>', 'threads of the query engine').argParser(wholeNumber(1)).default(availableParallelism(), 'all cores'),
    )
    .addOption(
      new Option('--memory <size>', 'memory of the query engine; larger work spills to disk').argParser(memorySize).default(memory),
    )
    .option('--no-cache', 'read the files again instead of keeping them as Parquet in the cache folder')
    .option('-q, --quiet', 'print no notices and no progress');
}

export function outputOptions(command: Command, formats: readonly string[] = OUTPUT_FORMATS): Command {
  return command
    .addOption(new Option('-o, --output <format>', 'form of the answer').choices(formats).default('table'))
    .option('--out <file>', 'write the answer to a file instead of standard output')
    .option('--csv-safe', 'csv: an apostrophe before text that a spreadsheet would compute (default: only with --out)')
    .option('--no-csv-safe', 'csv: text as it is, also with --out')
    .addOption(new Option('--limit <n>', 'print at most n rows').argParser(wholeNumber(0)));
}

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
