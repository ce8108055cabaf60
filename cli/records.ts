import { parseFormat } from '../lib/flow-log/format';
import { type Ignored, IGNORED } from '../lib/source/kind';
import type { Records } from '../lib/source/records';
import { SourceError } from '../lib/source/errors';
import { humanCount, humanNumber } from '../lib/analysis/human';
import { cacheOf } from './cache';
import type { SourceOptions, TimeOptions } from './options';
import { ProgressLine } from './progress';
import { interruption } from './interrupt';
import { notice } from './say';
import { boundsOf } from './time';

export interface OpenRequest {
  readonly sources: readonly string[];
  readonly options: SourceOptions & Partial<TimeOptions>;
  /** SQL names that the question reads; undefined reads all. */
  readonly columns: ReadonlySet<string> | undefined;
  /** The command says itself what was rejected. */
  readonly describes?: boolean;
}

/** Opens the sources of a command, hands them to `use`, and accounts for what was not read. */
export async function withRecords<T>(request: OpenRequest, use: (records: Records) => Promise<T>): Promise<T> {
  const { options } = request;
  const { openRecords } = await import('../lib/source/records.js');
  const progress = new ProgressLine(process.stderr.isTTY && options.quiet !== true);
  const cache = await cacheOf(options);
  const local = await localSources(request, cache, progress);
  try {
    const records = await openRecords(local.paths, {
      headless: options.logFormat === undefined ? undefined : parseFormat(options.logFormat),
      source: options.sourceFormat,
      columns: request.columns,
      cache,
      threads: options.threads,
      memory: options.memory,
      signal: interruption(),
      onProgress: (state) => progress.update('Reading', state),
    });
    progress.clear();
    try {
      if (options.rejects !== undefined) await records.writeRejects(options.rejects);
      failIfStrict(records, options);
      if (request.describes !== true) failIfAllRejected(records);
      const answer = await use(records);
      account(records, options);
      return answer;
    } finally {
      await records.close();
    }
  } finally {
    progress.clear();
    await local.remove();
  }
}

async function localSources(
  { sources, options }: OpenRequest,
  cache: string | undefined,
  progress: ProgressLine,
): Promise<{ paths: string[]; remove: () => Promise<void> }> {
  if (!sources.some((source) => source.startsWith('s3://'))) return { paths: [...sources], remove: () => Promise.resolve() };
  const { fetchS3 } = await import('../lib/source/s3.js');
  return fetchS3(sources, {
    ...boundsOf(options),
    cache,
    signal: interruption(),
    onProgress: (state) => progress.update('Fetching', state),
  });
}

function failIfStrict(records: Records, options: SourceOptions): void {
  const { rejectedLines, badValues } = records.totals;
  if (options.strict !== true || rejectedLines + badValues + records.skippedFiles.length === 0) return;
  throw new SourceError([`--strict: ${summary(records)}`, ...details(records)]);
}

/** Nothing can be said of what was not read. */
function failIfAllRejected(records: Records): void {
  const { totals } = records;
  if (totals.records > 0 || totals.rejectedLines === 0) return;
  throw new SourceError([
    `${totals.rejectedLines === 1 ? 'the only line was' : `all ${humanCount(totals.rejectedLines, 'line')} were`} rejected: nothing was read. If the lines have another format, name it: --log-format '<fields>'`,
    ...details(records),
  ]);
}

function summary({ totals, skippedFiles }: Records): string {
  const parts = [`${humanCount(totals.records, 'record')} from ${humanCount(totals.files - skippedFiles.length, 'file')}`];
  if (totals.rejectedLines > 0) parts.push(`${humanCount(totals.rejectedLines, 'line')} of ${humanNumber(totals.lines)} rejected`);
  if (totals.badValues > 0) parts.push(`${humanCount(totals.badValues, 'invalid value')} read as NULL`);
  if (skippedFiles.length > 0) parts.push(`${humanCount(skippedFiles.length, 'file')} skipped`);
  return parts.join(', ');
}

const SHOWN = 5;

function details(records: Records): string[] {
  const lines = records.samples
    .slice(0, SHOWN)
    .map(({ file, line, reason, text }) => `  ${file}:${line}: ${reason}: ${JSON.stringify(text.slice(0, 100))}`);
  const rest = records.totals.rejectedLines + records.totals.badValues - lines.length;
  if (rest > 0) lines.push(`  … and ${humanNumber(rest)} more: --rejects FILE writes them all`);
  for (const { path, why } of records.skippedFiles.slice(0, SHOWN)) lines.push(`  skipped ${path}: ${why}`);
  if (records.skippedFiles.length > SHOWN) lines.push(`  … and ${records.skippedFiles.length - SHOWN} more skipped files`);
  return lines;
}

/** What is no record by design, such as `3 control messages of CloudWatch Logs`. */
export const ignoredOf = ({ ignored }: Records): { what: string; count: number }[] =>
  Object.entries(ignored).map(([what, count]) => ({ what: IGNORED[what as Ignored], count }));

function account(records: Records, options: SourceOptions): void {
  const quiet = options.quiet === true;
  notice(`Read ${summary(records)}.`, quiet);
  for (const { what, count } of ignoredOf(records)) notice(`Left out: ${humanCount(count, what)}.`, quiet);
  for (const line of details(records)) notice(line, quiet);
  const unknown = [...new Set(records.formats.flatMap((format) => format.unknownFields))];
  if (unknown.length > 0) notice(`Fields that this version does not know are kept as strings: ${unknown.join(', ')}`, quiet);
  if (records.assumedFiles.length > 0) {
    notice(
      `${humanCount(records.assumedFiles.length, 'file')} of CloudWatch Logs events without header read as the default format; say --log-format if that is wrong.`,
      quiet,
    );
  }
}
