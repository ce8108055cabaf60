import { existsSync, readFileSync } from 'node:fs';
import { Option } from '@commander-js/extra-typings';
import { canonicalCidr, listEntries } from '../lib/analysis/literal';
import { DEFAULT_GROUPS } from '../lib/explore/dimensions';
import type { Group } from '../lib/explore/portable';
import { UsageError } from './errors';
import { commonOptions } from './option-group';
import { collect } from './options';

export const GROUPS = commonOptions('Explorer and report', (command) =>
  command.addOption(
    new Option(
      '--group <name=networks>',
      'name networks, separated by commas or from a file as @FILE; addresses outside are private or public (repeatable)',
    ).argParser(collect),
  ),
);

/** @throws UsageError naming the option, what was got and what was expected */
export function parseGroups(texts: readonly string[]): Group[] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1)];
    const fail = (why: string): never => {
      throw new UsageError(`--group ${JSON.stringify(text)}: ${why}`);
    };
    if (at < 1 || name === '') return fail('expected name=networks, such as office=203.0.113.0/24');
    if ((DEFAULT_GROUPS as readonly string[]).includes(name)) return fail(`${name} is what addresses outside all groups are called`);
    if (value.startsWith('@') && !existsSync(value.slice(1))) return fail(`no such file ${value.slice(1)}`);
    const entries = value.startsWith('@')
      ? listEntries(readFileSync(value.slice(1), 'utf8'))
      : value.split(',').map((entry) => entry.trim());
    if (entries.length === 0) return fail('the file has no network; expected one a line');
    return {
      name,
      networks: entries.map((entry) => canonicalCidr(entry) ?? fail(`got ${JSON.stringify(entry)}; expected a network such as 10.0.0.0/8`)),
    };
  });
}
