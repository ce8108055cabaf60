/** Options that several commands share, as groups whose types come from their definitions. */
import type { Command, Option, OptionValues } from '@commander-js/extra-typings';

type Bare = Command;

export interface OptionGroup<O extends OptionValues> {
  /** Heading in `flowlogs help options`; undefined: each command lists them itself. */
  readonly heading: string | undefined;
  readonly add: (command: Bare) => Command<[], O>;
}

/** What the options of a group, or of a function that makes one, are parsed to. */
export type OptionsOf<G> = G extends OptionGroup<infer O> ? O : G extends (...args: never[]) => OptionGroup<infer O> ? O : never;

/** Options of one kind, described once in `flowlogs help options`. */
export const commonOptions = <O extends OptionValues>(heading: string, add: OptionGroup<O>['add']): OptionGroup<O> => ({ heading, add });

/** Options that mean the same in every command, but take other values. */
export const ownOptions = <O extends OptionValues>(add: OptionGroup<O>['add']): OptionGroup<O> => ({ heading: undefined, add });

type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;

/** Common options of a command, by heading. */
const common = new WeakMap<object, Map<string, Option[]>>();

export const commonOf = (command: object): ReadonlyMap<string, readonly Option[]> => common.get(command) ?? new Map<string, Option[]>();

/** The command with the options of the groups. */
export function withOptions<A extends unknown[], O extends OptionValues, G extends readonly OptionGroup<OptionValues>[]>(
  command: Command<A, O>,
  ...groups: G
): Command<A, O & Intersection<OptionsOf<G[number]>>> {
  const shared = new Map<string, Option[]>();
  for (const { heading, add } of groups) {
    const before = command.options.length;
    add(command as unknown as Bare);
    if (heading !== undefined) shared.set(heading, [...(shared.get(heading) ?? []), ...command.options.slice(before)]);
  }
  common.set(command, shared);
  return command as unknown as Command<A, O & Intersection<OptionsOf<G[number]>>>;
}
