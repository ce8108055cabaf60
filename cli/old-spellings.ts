/** Spellings of 0.1: understood with a notice for one release, or, where the name means something else now, refused (docs/adr/0070-one-grammar.md). */
import type { EventEmitter } from 'node:events';
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { formatFor } from './convert';
import { UsageError } from './errors';
import { notice } from './say';

const ANSWERING = ['list', 'query', 'sql', 'insights', 'detect', 'explain', 'tune', 'describe', 'estimate', 'report', 'fetch'];

/** Options whose value belongs to another name now. */
const RENAMED: readonly { readonly commands: readonly string[]; readonly old: string; readonly now: string }[] = [
  { commands: ANSWERING, old: '--out <file>', now: '--output' },
  { commands: ['convert', 'compact'], old: '--dest <place>', now: '--output' },
  { commands: ['convert'], old: '--since <time>', now: '--from' },
  { commands: ['convert'], old: '--until <time>', now: '--to' },
  { commands: ['fetch'], old: '-s, --start <time>', now: '--from' },
  { commands: ['fetch'], old: '-e, --end <time>', now: '--to' },
];

/** Says once what to write instead, when the command is about to run. */
const said = new WeakMap<CommandUnknownOpts, Set<string>>();

function sayLater(command: CommandUnknownOpts, sentence: string): void {
  const known = said.get(command);
  if (known !== undefined) {
    known.add(sentence);
    return;
  }
  const sentences = new Set([sentence]);
  said.set(command, sentences);
  command.hook('preAction', (_, acting) => {
    for (const one of sentences) notice(`${one} The old spelling works until the next release.`, acting.getOptionValue('quiet') === true);
  });
}

/** As if the option had been typed: parsed and checked likewise. Commands of commander are emitters, which its typings leave out. */
const give = (command: CommandUnknownOpts, option: string, value: string) =>
  (command as unknown as EventEmitter).emit(`option:${option}`, value);

const asOption = (command: CommandUnknownOpts, flags: string, act: (value: string) => void): void => {
  const option = new Option(flags).hideHelp();
  command.addOption(option);
  command.on(`option:${option.name()}`, act);
};

function renamed(command: CommandUnknownOpts): void {
  for (const { commands, old, now } of RENAMED) {
    if (!commands.includes(command.name())) continue;
    asOption(command, old, (value) => {
      sayLater(command, `${/--[a-z]+/.exec(old)?.[0] ?? old} is ${now} now.`);
      give(command, now.slice(2), value);
    });
  }
}

const CHANGED: Readonly<Record<string, (command: CommandUnknownOpts) => void>> = {
  report: (command) =>
    asOption(command, '--markdown', () => {
      sayLater(command, '--markdown is -f markdown now.');
      give(command, 'format', 'markdown');
    }),
  explore: (command) =>
    asOption(command, '--engine <name>', (value) => {
      if (value !== 'duckdb') throw new UsageError(`--engine ${value}: explore reads files, folders and s3:// only; leave --engine out`);
      sayLater(command, '--engine is gone: explore has one engine.');
    }),
  convert: (command) => {
    command.on('option:to', (value: string) => {
      if (!isFormat(value)) return;
      throw new UsageError(
        `--to is the end of the time range now, and -f the format: say -f ${/\s|\$/.test(value) ? `'${value}'` : value}`,
      );
    });
  },
  'verify-lake': (command) => {
    let lake: string | undefined;
    asOption(command, '--lake <folder>', (value) => (lake = value));
    command.hook('preAction', (_, acting) => {
      if (lake === undefined) return;
      const [first, others] = acting.processedArgs as [string | undefined, string[]];
      acting.processedArgs = [lake, [...(first === undefined ? [] : [first]), ...others]];
    });
    command.on('option:lake', () => sayLater(command, 'The folder of the lake comes first now, without --lake: verify-lake LAKE SOURCE…'));
  },
  generate: (command) => {
    command.allowExcessArguments(true);
    command.hook('preAction', (_, acting) => {
      const [folder, ...more] = acting.args;
      if (folder === undefined) return;
      if (more.length > 0 || acting.getOptionValue('output') !== undefined)
        throw new UsageError(`generate takes no arguments, got ${acting.args.join(' ')}: name the folder by -o`);
      give(acting, 'output', folder);
      notice('The folder is -o FOLDER now. The old spelling works until the next release.', acting.getOptionValue('quiet') === true);
    });
  },
};

function isFormat(text: string): boolean {
  try {
    formatFor(text);
    return true;
  } catch {
    return false;
  }
}

export function acceptOldSpellings(command: CommandUnknownOpts): void {
  renamed(command);
  CHANGED[command.name()]?.(command);
}
