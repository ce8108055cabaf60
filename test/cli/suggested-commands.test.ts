import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { buildProgram } from '../../cli/program';
import { commandsOfMarkdown, commandsOfText, textsOf, VALUE } from '../support/suggested-commands';

const root = join(__dirname, '..', '..');

interface Suggested {
  readonly where: string;
  readonly args: readonly string[];
}

const filesOf = (patterns: readonly string[]) =>
  globSync([...patterns], { cwd: root, ignore: ['**/node_modules/**', 'docs/adr/**', '**/*.d.ts'] }).sort();

const suggestedIn = (patterns: readonly string[], commands: (file: string, text: string) => string[][]): Suggested[] =>
  filesOf(patterns).flatMap((file) => commands(file, readFileSync(join(root, file), 'utf8')).map((args) => ({ where: file, args })));

const MARKDOWN = ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'eval/**/*.md', 'samples/**/*.md', 'examples/**/*.md'];
const SOURCES = ['{cli,lib,lambda,web,bin}/**/*.{ts,tsx}', 'scripts/*.mjs'];
const TEXTS = ['queries/**/*.yaml', 'examples/**/*.yaml', 'docs/**/*.{json,yaml}'];

/** The name of a tab of the explorer. */
const LABEL = 'flowlogs command';

const ofSource = (file: string, text: string) =>
  textsOf(file, text)
    .filter((one) => one !== LABEL)
    .flatMap(commandsOfText);

/** A placeholder stands for any of the choices. */
function takeValues({ registeredArguments, options }: ReturnType<typeof buildProgram>['commands'][number]): void {
  for (const one of [...registeredArguments, ...options]) {
    const parse = one.parseArg;
    if (parse !== undefined) one.argParser((text: string, earlier: unknown) => (text === VALUE ? text : parse(text, earlier as never)));
  }
}

/** What is wrong with the words of a command; undefined if they parse, in the spelling of today. A command named alone is a name. */
async function wrong(args: readonly string[]): Promise<string | undefined> {
  const program = buildProgram();
  let said = '';
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeErr: (text) => (said += text), writeOut: () => undefined }).exitOverride();
  for (const command of program.commands) takeValues(command.action(() => undefined));
  const [name, ...rest] = args;
  if (rest.length === 0) return program.commands.some((command) => command.name() === name) ? undefined : 'no such command';
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    await program.parseAsync(['node', 'flowlogs', ...args]);
    return said === '' ? undefined : said;
  } catch (error) {
    return (error as Error).message;
  } finally {
    write.mockRestore();
  }
}

test.each([
  ['the documentation', suggestedIn(MARKDOWN, (_, text) => commandsOfMarkdown(text)), 150],
  ['help, messages, pages and scripts', suggestedIn(SOURCES, ofSource), 100],
  ['questions, examples and schemas', suggestedIn(TEXTS, (_, text) => commandsOfText(text)), 30],
])('every command in %s parses, without an old spelling', async (_, suggested, least) => {
  expect(suggested.length).toBeGreaterThanOrEqual(least);
  const failures: string[] = [];
  for (const { where, args } of suggested) {
    const reason = await wrong(args);
    if (reason !== undefined) failures.push(`${where}: flowlogs ${args.join(' ')}: ${reason}`);
  }
  expect(failures).toEqual([]);
});

describe('the test itself', () => {
  test.each([
    ['query top-talkers logs/ -o csv', 'say -f csv'],
    ['convert logs/ --to parquet -o x', 'say -f parquet'],
    ['detect logs/ --out findings.ndjson', '--out is --output now'],
    ['qurey x', "unknown command 'qurey'"],
    ['query x --tme 1', "unknown option '--tme'"],
  ])('refuses flowlogs %s', async (command, said) => {
    expect(await wrong(command.split(' '))).toContain(said);
  });

  test('finds commands in blocks, spans, pipes and templates', () => {
    expect(commandsOfMarkdown("a `flowlogs list` and\n```sh\nzcat x | npx flowlogs sql 'SELECT 1' - # why\n```\n")).toEqual([
      ['sql', 'SELECT 1', '-'],
      ['list'],
    ]);
    expect(textsOf('a.ts', 'const a = `see \\`flowlogs show ${id} -q\\``; // `flowlogs none`').flatMap(commandsOfText)).toEqual([
      ['show', 'VALUE', '-q'],
    ]);
    expect(commandsOfText('Examples:\n  flowlogs compact logs/ -o lake/ && flowlogs query x lake/ > out')).toEqual([
      ['compact', 'logs/', '-o', 'lake/'],
      ['query', 'x', 'lake/'],
    ]);
  });
});
