import { Command, CommanderError, InvalidArgumentError } from '@commander-js/extra-typings';
import { CatalogueError, UnknownAnalysisError } from '../lib/analysis/catalogue';
import { RenderError } from '../lib/analysis/literal';
import { awsSentence } from '../lib/aws-error';
import { QueryError } from '../lib/engine/engine';
import { ConfigError } from '../lib/config-error';
import { FormatError } from '../lib/flow-log/format';
import { LinesError } from '../lib/lines-error';
import { MissingFieldsError } from '../lib/run';
import { SourceError } from '../lib/source/errors';
import { silenceSdk } from './aws';
import { registerCompletion } from './completion';
import { registerCompact, registerVerifyLake } from './compact';
import { registerConvert } from './convert';
import { registerDemo } from './demo';
import { registerDescribe } from './describe';
import { registerDetect } from './detect';
import { registerDocs } from './docs';
import { EXIT, UsageError } from './errors';
import { registerExplain } from './explain';
import { registerEstimate } from './estimate';
import { registerExplore } from './explore';
import { registerFetch } from './fetch';
import { registerGenerate } from './generate';
import { helpOf, registerHelp, termOf } from './help';
import { acceptOldSpellings } from './old-spellings';
import { outputError } from './output';
import { registerInsights } from './insights';
import { interrupt, Interrupted, OutputClosed, watchInterrupts } from './interrupt';
import { registerList } from './list';
import { registerQuery } from './query';
import { registerReplay } from './replay';
import { registerReport } from './report';
import { registerRender } from './render';
import { errorText, sayError } from './say';
import { registerShow } from './show';
import { registerSql } from './sql';
import { systemSentence } from './system-error';
import { registerTune } from './tune';
import { versionText } from './version';

/** Commands by what they are for. */
const GROUPS = {
  'Ask:': [registerQuery, registerSql, registerInsights, registerList, registerShow, registerRender],
  'See:': [registerDemo, registerDescribe, registerExplore, registerReport],
  'Watch:': [registerDetect, registerExplain, registerTune, registerReplay, registerEstimate],
  'Convert:': [registerConvert, registerCompact, registerVerifyLake, registerFetch, registerGenerate],
  'Reference:': [registerHelp, registerDocs, registerCompletion],
} as const;

/** The commands with their options; parsing runs one. */
export function buildProgram(): Command {
  const program = new Command('flowlogs')
    .description('Answers from VPC flow logs: reports, detections and SQL over files, folders and S3.')
    .version(versionText())
    .helpCommand(false)
    .configureHelp({ formatHelp: helpOf, subcommandTerm: termOf })
    .showHelpAfterError('(add --help for examples)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${errorText(new LinesError(linesOfUsage(text)))}\n`) })
    .addHelpText(
      'after',
      '\nStart:\n  flowlogs demo\n  flowlogs describe <logs>\n  flowlogs query top-rejected-sources <logs>\n\nExit codes: 0 ok, 1 error, 2 usage, 3 findings at or above --fail-on,\n  4 no record in the window and scope.',
    );
  for (const [heading, group] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const register of group) register(program);
  }
  for (const command of program.commands) acceptOldSpellings(command);
  return program;
}

/** What is wrong, and what it may have been meant to be: any other line feed is of the argument. */
const linesOfUsage = (text: string): string[] => text.trimEnd().split(/\n(?=\(Did you mean [^\n]*\)$)/);

/** Errors whose message says all: what was wrong, where, and what to do. */
const EXPLAINED = [CatalogueError, ConfigError, QueryError, FormatError, MissingFieldsError, SourceError];
const USAGE = [UsageError, RenderError, InvalidArgumentError, UnknownAnalysisError];

/** What it says, and the frames of its stack. */
function unexpected(error: unknown): string[] {
  if (!(error instanceof Error)) return [`unexpected: ${String(error)}`];
  const said = `${error.name}: ${error.message}`;
  const { stack = said } = error;
  return [`unexpected: ${said}`, ...(stack.startsWith(said) ? stack.slice(said.length) : stack).split('\n').filter((line) => line !== '')];
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof Interrupted) {
    process.stderr.write('interrupted\n');
    return EXIT.interrupted;
  }
  if (error instanceof OutputClosed) return EXIT.ok;
  if (USAGE.some((kind) => error instanceof kind)) {
    sayError(error as Error);
    return EXIT.usage;
  }
  const sentence = awsSentence(error) ?? systemSentence(error);
  if (sentence !== undefined) sayError(sentence);
  else if (EXPLAINED.some((kind) => error instanceof kind) || (error as NodeJS.ErrnoException).code !== undefined) sayError(error as Error);
  else sayError(new LinesError([...unexpected(error), 'Please report this with the command that led to it.']));
  return EXIT.error;
}

/** Runs the command line; the exit code is the answer. */
export async function main(argv: readonly string[]): Promise<number> {
  silenceSdk();
  watchInterrupts();
  let broken: Error | undefined;
  process.stdout.on('error', (error: Error) => interrupt((broken ??= outputError(error))));
  // The reader of standard error may close it, too.
  process.stderr.on('error', () => undefined);
  try {
    await buildProgram().parseAsync(argv);
    await new Promise((resolve) => process.stdout.write('', resolve));
    if (broken !== undefined) throw broken;
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return exitCodeOf(error);
  }
}
