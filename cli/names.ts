/** `--names`: what answers say of addresses. */
import { existsSync } from 'node:fs';
import { Option } from '@commander-js/extra-typings';
import type { Names } from '../lib/inventory/names';
import { UsageError } from './errors';
import { commonOptions, type OptionsOf } from './option-group';
import { collect } from './options';

export const NAMES = commonOptions('Names', (command) =>
  command.addOption(
    new Option(
      '--names <names>',
      'what is known of addresses: auto (owner, AS number and country, from the data of this package), none, or your own: CSV, MMDB, output of `aws ec2 describe-network-interfaces` and others, or a folder of these (repeatable)',
    )
      .argParser(collect)
      .default(undefined, 'auto'),
  ),
);

export type NamesOptions = OptionsOf<typeof NAMES>;

/** Undefined for `none`. @throws UsageError, SourceError that names file, line and reason */
export async function namesOf({ names = [] }: NamesOptions): Promise<Names | undefined> {
  const files = names.filter((name) => name !== 'auto');
  if (files.includes('none')) {
    if (names.length > 1) throw new UsageError(`--names none excludes others; got ${names.join(', ')}`);
    return undefined;
  }
  for (const file of files)
    if (!existsSync(file))
      throw new UsageError(`--names ${file}: no such file; expected auto, none, or a file or folder of names (docs/inventory.md)`);
  const { openNames } = await import('../lib/inventory/names.js');
  return openNames(files);
}
