import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { onStderr as pc } from './colours';
import { CatalogueError } from '../lib/analysis/catalogue';
import { RenderError } from '../lib/analysis/literal';
import { QueryError } from '../lib/engine/engine';
import { ConfigError } from '../lib/config-error';
import { FormatError } from '../lib/flow-log/format';
import { packageVersion } from '../lib/package-root';
import { MissingFieldsError } from '../lib/run';
import { SourceError } from '../lib/source/errors';
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
import { registerInsights } from './insights';
import { Interrupted, watchInterrupts } from './interrupt';
import { registerList } from './list';
import { registerQuery } from './query';
import { registerReplay } from './replay';
import { registerReport } from './report';
import { registerRender } from './render';
import { registerShow } from './show';
import { registerSql } from './sql';
import { registerTune } from './tune';

function buildProgram(): Command {
  const program = new Command('flowlogs')
    .description('Answers from VPC flow logs: reports, detections and SQL over files, folders and S3.')
    .version(packageVersion())
    .showHelpAfterError('(add --help for examples)')
    .exitOverride()
    .addHelpText(
      'after',
      '\nStart:\n  flowlogs demo\n  flowlogs describe <logs>\n  flowlogs query top-rejected-sources <logs>\n\nExit codes: 0 ok, 1 error, 2 usage, 3 findings at or above --fail-on.',
    );
  for (const register of [
    registerList,
    registerShow,
    registerRender,
    registerQuery,
    registerSql,
    registerInsights,
    registerDetect,
    registerExplain,
    registerTune,
    registerExplore,
    registerReplay,
    registerReport,
    registerDescribe,
    registerConvert,
    registerCompact,
    registerFetch,
    registerVerifyLake,
    registerGenerate,
    registerEstimate,
    registerDocs,
    registerDemo,
  ])
    register(program);
  for (const command of program.commands) command.exitOverride().showHelpAfterError('(add --help for examples)');
  return program;
}

/** Errors whose message says all: what was wrong, where, and what to do. */
const EXPLAINED = [CatalogueError, ConfigError, QueryError, FormatError, MissingFieldsError, SourceError];
const USAGE = [UsageError, RenderError, InvalidArgumentError];

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const say = (text: string) => process.stderr.write(`${pc.red('error')}: ${text}\n`);
  if (error instanceof Interrupted) {
    process.stderr.write('interrupted\n');
    return EXIT.interrupted;
  }
  if (USAGE.some((kind) => error instanceof kind)) {
    say((error as Error).message);
    return EXIT.usage;
  }
  if (EXPLAINED.some((kind) => error instanceof kind) || (error as NodeJS.ErrnoException).code !== undefined) say((error as Error).message);
  else say(`unexpected: ${(error as Error).stack ?? String(error)}\nPlease report this with the command that led to it.`);
  return EXIT.error;
}

/** Runs the command line; the exit code is the answer. */
export async function main(argv: readonly string[]): Promise<number> {
  watchInterrupts();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  try {
    await buildProgram().parseAsync(argv);
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return exitCodeOf(error);
  }
}
