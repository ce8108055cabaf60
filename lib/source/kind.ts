import { FOREIGN_SOURCES, foreignTitle, type ForeignSource } from '../flow-log/foreign';

/** What wraps files: they are read once it is taken off. */
export const WRAPPINGS = {
  tar: 'tar archive',
  zip: 'zip archive',
  gzip: 'gzip around another file',
  zstd: 'zstd around another file',
  'utf-16': 'UTF-16 text',
  base64: 'base64 text',
} as const;
export type Wrapping = keyof typeof WRAPPINGS;

const FORMS = {
  aws: 'AWS text',
  'cloudwatch-export': 'CloudWatch Logs export',
  events: 'CloudWatch Logs events',
  csv: 'CSV of records',
  parquet: 'Parquet of records',
  ...WRAPPINGS,
} as const;

/** What a file turned out to be. */
export type Kind = keyof typeof FORMS | ForeignSource;

export const KINDS: Readonly<Record<Kind, string>> = {
  ...FORMS,
  ...(Object.fromEntries(FOREIGN_SOURCES.map((source) => [source, foreignTitle(source)])) as Record<ForeignSource, string>),
};

/** Things that are no records by design, counted by what they are; in words that take an s. */
export const IGNORED = {
  'control-message': 'CloudWatch Logs control message',
  'other-side': "other side's record",
} as const;
export type Ignored = keyof typeof IGNORED;

export type Counts<Name extends string> = Readonly<Partial<Record<Name, number>>>;

export function added<Name extends string>(counts: readonly Counts<Name>[]): Counts<Name> {
  const sum: Partial<Record<Name, number>> = {};
  for (const one of counts) for (const [name, n] of Object.entries(one) as [Name, number][]) sum[name] = (sum[name] ?? 0) + n;
  return sum;
}
