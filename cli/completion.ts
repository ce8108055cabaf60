/** Scripts for shells that complete commands, options, their values and the IDs of questions; all from the definitions of the commands. */
import { Argument, type Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { builtInQueries, Catalogue } from '../lib/analysis/catalogue';
import { print } from './say';

interface CompletedOption {
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined: takes no value. Empty: a file, or free text. */
  readonly values: readonly string[] | undefined;
}

interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** Words for the first argument; empty: files. */
  readonly words: readonly string[];
}

const WITH_ID = ['show', 'render', 'query'];

function completedOf(program: CommandUnknownOpts): Completed[] {
  const commands = program.createHelp().visibleCommands(program);
  const names = commands.map((command) => command.name());
  const catalogue = new Catalogue([builtInQueries()]);
  const detections = catalogue.all().flatMap(({ id, kind }) => (kind === 'detection' ? [id] : []));
  return commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command
      .createHelp()
      .visibleOptions(command)
      .map(({ short, long, description, required, optional, argChoices }) => ({
        flags: [short, long].filter((flag) => flag !== undefined),
        description,
        values: required || optional ? (argChoices ?? (long === '--only' ? detections : [])) : undefined,
      })),
    words: wordsOf(command, names, catalogue),
  }));
}

function wordsOf(command: CommandUnknownOpts, names: readonly string[], catalogue: Catalogue): readonly string[] {
  if (WITH_ID.includes(command.name())) return catalogue.ids();
  if (command.name() === 'help') return [...names, 'options'];
  return command.registeredArguments[0]?.argChoices ?? [];
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options, words }) => {
    const values = options.flatMap(({ flags, values = [] }) =>
      values.length > 0 ? [`      ${flags.join('|')}) words=${quoted(values.join(' '))} ;;`] : [],
    );
    const open = options.flatMap(({ flags, values }) => (values?.length === 0 ? flags : []));
    const valued = options.flatMap(({ flags, values }) => (values === undefined ? [] : flags));
    return `    ${name})
      valued=' ${valued.join(' ')} '
      case "$previous" in
${[...values, ...(open.length > 0 ? [`      ${open.join('|')}) ;;`] : [])].join('\n')}
      *)
        if [[ $current == -* ]]; then words=${quoted(options.flatMap(({ flags }) => flags).join(' '))}
        ${words.length > 0 ? `elif _flowlogs_is_first; then words=${quoted(words.join(' '))}\n        ` : ''}fi ;;
      esac ;;`;
  });
  return `# bash completion of flowlogs
# Whether no argument of the command has been typed yet, options and their values aside.
_flowlogs_is_first() {
  local i
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == -* ]]; then
      if [[ $valued == *" \${COMP_WORDS[i]} "* ]]; then
        if [[ \${COMP_WORDS[i+1]} == '=' ]]; then ((i += 2)); else ((i++)); fi
      fi
    else
      return 1
    fi
  done
}
_flowlogs() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words='' valued=''
  # bash splits --format=csv into three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD == 1)); then
    words=${quoted([...commands.map(({ name }) => name), '--help', '--version'].join(' '))}
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _flowlogs flowlogs
`;
}

function zsh(commands: readonly Completed[]): string {
  // In a specification of _arguments, brackets and colons separate its parts.
  const text = (of: string) => of.replace(/[[\]:]/g, '\\$&');
  const cases = commands.map(({ name, options, words }) => {
    const specifications = options.flatMap(({ flags, description, values }) =>
      flags.map((flag) =>
        quoted(
          `*${flag}${values !== undefined && flag.startsWith('--') ? '=' : ''}[${text(description)}]${values === undefined ? '' : values.length > 0 ? `:value:(${values.join(' ')})` : ':value:_files'}`,
        ),
      ),
    );
    const first = words.length > 0 ? quoted(`1:word:(${words.join(' ')})`) : quoted('1:file:_files');
    return `    ${name}) _arguments -s ${[...specifications, first, quoted('*:file:_files')].join(' \\\n      ')} ;;`;
  });
  const list = commands.map(({ name, description }) => quoted(`${name}:${description}`));
  return `#compdef flowlogs
# zsh completion of flowlogs
_flowlogs() {
  local -a commands
  commands=(
    ${list.join('\n    ')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  case "$words[1]" in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _flowlogs ]]; then _flowlogs "$@"; else compdef _flowlogs flowlogs; fi
`;
}

function fish(commands: readonly Completed[]): string {
  // In fish, only backslashes and quotes are special between single quotes.
  const text = (of: string) => `'${of.replace(/[\\']/g, '\\$&')}'`;
  const lines = commands.flatMap(({ name, description, options, words }) => {
    const inside = text(`__fish_seen_subcommand_from ${name}`);
    return [
      `complete -c flowlogs -n __fish_use_subcommand -f -a ${name} -d ${text(description)}`,
      ...(words.length > 0 ? [`complete -c flowlogs -n ${inside} -a ${text(words.join(' '))}`] : []),
      ...options.map(({ flags, description: what, values }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        const value = values === undefined ? '' : values.length > 0 ? ` -x -a ${text(values.join(' '))}` : ' -r';
        return `complete -c flowlogs -n ${inside} ${names.join(' ')}${value} -d ${text(what)}`;
      }),
    ];
  });
  return `# fish completion of flowlogs\n${lines.join('\n')}\n`;
}

const SHELLS = { bash, zsh, fish } as const;

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and IDs in a shell')
    .addArgument(new Argument('<shell>', 'shell').choices(['bash', 'zsh', 'fish'] as const))
    .addHelpText(
      'after',
      `
Examples:
  source <(flowlogs completion bash)                                    # in ~/.bashrc
  source <(flowlogs completion zsh)                                     # in ~/.zshrc, after compinit
  flowlogs completion fish > ~/.config/fish/completions/flowlogs.fish`,
    )
    .action((shell) => print(SHELLS[shell](completedOf(program))));
}
