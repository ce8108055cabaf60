/** `-f` and `-o`: what is written, and where to. */
import { extname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { UsageError } from './errors';
import { ownOptions, commonOptions, type OptionsOf } from './option-group';
import { wholeNumber } from './options';

/** Formats of rows. */
export const ROW_FORMATS = ['table', 'json', 'ndjson', 'csv', 'markdown'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];
/** Formats of rows that are streamed from a query. */
export const QUERY_FORMATS = [...ROW_FORMATS, 'parquet'] as const;
export type QueryFormat = (typeof QUERY_FORMATS)[number];

const EXTENSIONS: Readonly<Record<string, string>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.html': 'html',
  '.htm': 'html',
  '.txt': 'text',
  '.log': 'text',
  '.yaml': 'suppressions',
  '.yml': 'suppressions',
};

/** Formats of any command: an old `-o csv` would write a file called csv (docs/adr/0070-one-grammar.md). */
const FORMAT_NAMES = [...QUERY_FORMATS, 'ocsf', 'suppressions', 'text', 'html'];

const REMOTE = /^[a-z0-9]+:\/\//i;

/** A place to write to. `-`: standard output. */
function place(text: string): string | undefined {
  if (FORMAT_NAMES.includes(text))
    throw new InvalidArgumentError(`-o names the file now, and -f the format: say -f ${text}. A file of this name is ./${text}.`);
  if (text === '') throw new InvalidArgumentError('expected a file name.');
  return text === '-' ? undefined : text;
}

function file(text: string): string | undefined {
  if (REMOTE.test(text)) throw new InvalidArgumentError('expected a local file; `flowlogs convert` writes to s3://.');
  return place(text);
}

/** The format that a file name stands for, where the command writes it; undefined where the name says nothing. */
function formatOfName(name: string, formats: readonly string[], fallback: string): string | undefined {
  const extension = extname(name).toLowerCase();
  if (extension === '') return undefined;
  const format = EXTENSIONS[extension];
  if (format !== undefined && formats.includes(format)) return format;
  // A table is plain text.
  if (format === 'text' && formats.includes('table')) return 'table';
  const known = Object.entries(EXTENSIONS).flatMap(([end, one]) => (formats.includes(one) ? [end] : []));
  throw new UsageError(
    `-o ${name}: ${extension} is no format of this command. Name a file with ${known.join(', ')}, or give the format: -f ${formats.join('|')} (default: ${fallback})`,
  );
}

/** A folder or, where the command writes there, `s3://bucket/prefix`. */
export const folder = (text: string): string => {
  if (text === '-') throw new InvalidArgumentError('expected a folder: these are many files.');
  return place(text) ?? text;
};

export const localFolder = (text: string): string => {
  if (REMOTE.test(text)) throw new InvalidArgumentError('expected a local folder; `flowlogs convert` writes to s3://.');
  return folder(text);
};

/** `-f` and `-o` of a command that writes one file, or to standard output. The name of the file says the format, unless `-f` does. */
export const answerOptions = <const F extends string>(formats: readonly [F, ...F[]], what: string, fallback: F = formats[0]) =>
  ownOptions((command) => {
    command.hook('preAction', (_, acting) => inferFormat(acting as unknown as Command, formats, fallback));
    return command
      .addOption(
        new Option('-f, --format <format>', 'output format').choices(formats).default(fallback, `${fallback}, or by the extension of -o`),
      )
      .addOption(new Option('-o, --output <file>', what).argParser(file));
  });

function inferFormat(command: Command, formats: readonly string[], fallback: string): void {
  const output = command.getOptionValue('output') as string | undefined;
  if (output === undefined || command.getOptionValueSource('format') === 'cli') return;
  const format = formatOfName(output, formats, fallback);
  if (format !== undefined) command.setOptionValue('format', format);
}

export const ROWS = commonOptions('Rows', (command) =>
  command.addOption(
    new Option(
      '--limit <n>',
      'give at most n rows, and say how many there are (default: what the question says, else 1000; csv, ndjson, json, parquet: all)',
    ).argParser(wholeNumber(0)),
  ),
);

export const CSV = commonOptions('Rows', (command) =>
  command
    .option('--csv-safe', 'CSV: put an apostrophe before text that a spreadsheet would compute (default: only with -o)')
    .option('--no-csv-safe', 'CSV: write text unchanged, also with -o'),
);

export const FILE = 'write to a file instead of standard output';

export type RowOptions = OptionsOf<typeof ROWS>;
