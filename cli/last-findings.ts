/** What the last `detect` listed: `flowlogs explain 3` explains its entry 3. */
import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { isoTime } from '../lib/analysis/render';
import { writeWhole } from './draft';
import { UsageError } from './errors';
import type { TimeOptions } from './options';
import { boundsOf } from './time';

/** Options that say what was looked at, and how. */
const REPEATED = [
  ...['logFormat', 'sourceFormat', 'queries', 'param', 'scope', 'timeZone'],
  ...['engine', 'stack', 'workgroup', 'database', 'table', 'partition', 'logGroup'],
] as const;

const schema = z.strictObject({
  sources: z.array(z.string()),
  options: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  keys: z.array(z.string()),
});

export type LastFindings = z.output<typeof schema>;

const pathIn = (cache: string) => join(cache, 'last-detect.json');

const isPath = (source: string) => source !== '-' && !source.startsWith('s3://');

const absolute = (sources: readonly string[]) => sources.map((source) => (isPath(source) ? resolve(source) : source));

/** A number means an entry of that list: of other logs it would explain what they do not hold. @throws UsageError */
export function assertSameSources(number: string, given: readonly string[], listed: readonly string[]): void {
  if (given.length === 0 || absolute(given).join('\n') === listed.join('\n')) return;
  throw new UsageError(
    `${number}: the last \`flowlogs detect\` listed findings of ${listed.join(', ')}, not of ${given.join(', ')}: run it on these first, or name the key of a finding`,
  );
}

/** Keeps the list where there is a cache; a relative time is kept as the time that it was. */
export async function keepFindings(
  cache: string | undefined,
  sources: readonly string[],
  options: Partial<TimeOptions>,
  keys: readonly string[],
): Promise<void> {
  if (cache === undefined) return;
  const given = options as Readonly<Record<string, unknown>>;
  const repeated = Object.fromEntries(REPEATED.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
  const { from, to } = boundsOf(options);
  const bounds = { ...(from === undefined ? {} : { from: isoTime(from) }), ...(to === undefined ? {} : { to: isoTime(to) }) };
  const last = { sources: absolute(sources), options: { ...repeated, ...bounds }, keys };
  await writeWhole(pathIn(cache), JSON.stringify(last));
}

/** @throws UsageError where there is no such list, or it has no such number */
export async function lastFinding(cache: string | undefined, number: number): Promise<LastFindings & { readonly key: string }> {
  const text = cache === undefined ? undefined : await fs.readFile(pathIn(cache), 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : schema.safeParse(JSON.parse(text));
  if (parsed?.success !== true)
    throw new UsageError(
      `${number}: the cache holds no list of an earlier \`flowlogs detect\`: run it first, or name the key of a finding`,
    );
  const key = parsed.data.keys[number - 1];
  if (key === undefined)
    throw new UsageError(
      `${number}: the last \`flowlogs detect\` listed ${parsed.data.keys.length === 0 ? 'nothing' : `${parsed.data.keys.length}; expected 1 to ${parsed.data.keys.length}`}`,
    );
  return { ...parsed.data, key };
}
