import type { Catalogue } from '../lib/analysis/catalogue';
import type { Asking } from '../lib/finding/checks';
import type { AwsOptions } from './aws';
import type { SourceOptions, CatalogueOptions } from './options';
import type { RemoteOptions } from './remote';

const given = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);

/** Options of reading that a printed command must repeat. */
export const readingArgs = ({
  logFormat,
  sourceFormat,
  region,
  awsProfile,
  queries,
}: Pick<SourceOptions, 'logFormat' | 'sourceFormat'> & AwsOptions & CatalogueOptions): string[] => [
  ...given('--log-format', logFormat),
  ...given('--source-format', sourceFormat),
  ...given('--region', region),
  ...given('--aws-profile', awsProfile),
  ...(queries ?? []).flatMap((folder) => given('--queries', folder)),
];

/** Printed commands repeat the options of this command. */
export function askingOf(
  catalogue: Catalogue,
  sources: readonly string[],
  options: RemoteOptions & SourceOptions & AwsOptions & CatalogueOptions,
): Asking {
  const { engine, stack, workgroup, database, table, partition, logGroup = [] } = options;
  const reading = readingArgs(options);
  if (engine === 'duckdb') return { where: sources, reading };
  if (engine === 'athena')
    return {
      where: [
        ...['--engine', 'athena', ...given('--stack', stack), ...given('--workgroup', workgroup), ...given('--database', database)],
        ...[...given('--table', table), ...given('--partition', partition)],
      ],
      reading,
    };
  return {
    where: ['--engine', 'insights', ...logGroup.flatMap((name) => ['--log-group', name])],
    reading,
    unable: (question) => {
      const { insights, engines } = catalogue.get(question);
      return insights === undefined ? engines?.insights : undefined;
    },
  };
}
