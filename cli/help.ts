import { type Command, type CommandUnknownOpts, Help, type Option } from '@commander-js/extra-typings';
import { similar } from '../lib/analysis/similar';
import { groupedBy } from '../lib/finding/grouped';
import { UsageError } from './errors';
import { commonOf } from './option-group';
import { print } from './say';
import { wrapped } from './wrap';

const OPTIONS = 'options';

const flagsOf = (options: readonly Option[]): string =>
  options
    .filter(
      ({ hidden, negate, long }) =>
        !hidden && !(negate && options.some((other) => !other.negate && other.long === long?.replace('--no-', '--'))),
    )
    .map(({ short, long = '' }) => (short === undefined ? long : `${short}/${long}`))
    .join(', ');

/** A command in the list of commands: that it has options goes without saying. */
export const termOf = (command: CommandUnknownOpts): string => new Help().subcommandTerm(command).replace(' [options]', '');

/** Help of a command: its own options in full, common ones by name. */
export function helpOf(command: CommandUnknownOpts, helper: Help): string {
  const common = commonOf(command);
  const hidden = new Set([...common.values()].flat());
  const visible = helper.visibleOptions.bind(helper);
  helper.visibleOptions = (one) => visible(one).filter((option) => !hidden.has(option));
  const own = Help.prototype.formatHelp.call(helper, command, helper);
  if (common.size === 0) return own;
  const lines = [...common].map(([heading, options]) =>
    wrapped(`  ${heading}: ${flagsOf(options)}`, helper.helpWidth ?? 80, '    ').replace(/^ ?/, '  '),
  );
  return `${own}\nCommon options (\`flowlogs help options\` describes them):\n${lines.join('\n')}\n`;
}

interface Described {
  readonly option: Option;
  readonly commands: string[];
}

/** Common options of all commands, by heading, each once. */
function commonOptionsHelp(program: CommandUnknownOpts): string {
  const groups = new Map<string, Map<string, Described>>();
  for (const command of program.commands)
    for (const [heading, options] of commonOf(command)) {
      const group = groups.get(heading) ?? new Map<string, Described>();
      groups.set(heading, group);
      for (const option of options) {
        const known = group.get(option.flags) ?? { option, commands: [] };
        known.commands.push(command.name());
        group.set(option.flags, known);
      }
    }
  const helper = program.createHelp();
  const width = Math.max(...[...groups.values()].flatMap((group) => [...group.keys()].map((flags) => flags.length)));
  const columns = process.stdout.isTTY ? process.stdout.columns : 80;
  helper.helpWidth = columns;
  const described = ({ option }: Described) => helper.formatItem(option.flags, width, helper.optionDescription(option), helper);
  const text = [...groups].map(([heading, group]) => {
    const sets = groupedBy([...group.values()], ({ commands }) => commands.join(', '));
    const parts = [...sets].map(
      ([commands, options]) =>
        `${options.map(described).join('\n')}\n${wrapped(`  In: ${commands}`, columns, '      ').replace(/^ ?/, '  ')}`,
    );
    return `${heading}:\n${parts.join('\n')}`;
  });
  return `Options that mean the same in every command that has them.\n\n${text.join('\n\n')}\n`;
}

export function registerHelp(program: Command): void {
  program
    .command('help [topic]')
    .description('help for a command; `help options` describes the common options')
    .action((topic) => {
      if (topic === undefined) print(program.helpInformation());
      else if (topic === OPTIONS) print(commonOptionsHelp(program));
      else {
        const names = program.commands.map((command) => command.name());
        const found = program.commands.find((command) => command.name() === topic);
        if (found !== undefined) return found.outputHelp();
        const [near] = similar(topic, [...names, OPTIONS]);
        throw new UsageError(`help ${topic}: no such command${near === undefined ? '; see `flowlogs help`' : `; did you mean ${near}?`}`);
      }
    });
}
