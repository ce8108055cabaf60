import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from '@commander-js/extra-typings';
import { CatalogueError } from '../lib/analysis/catalogue';
import { RenderError } from '../lib/analysis/literal';
import { humanCount } from '../lib/analysis/human';
import { scopeArguments } from '../lib/analysis/scope';
import { QueryError } from '../lib/engine/engine';
import type { FindingsFeed, FindingsState } from '../lib/explore/feed';
import { encodeState, EVERYTHING, StateError } from '../lib/explore/state';
import { shellQuoted, shellQuotedLines } from '../lib/finding/command';
import type { Finding } from '../lib/finding/finding';
import type { NotJudged } from '../lib/finding/not-judged';
import { packageRoot } from '../lib/package-root';
import { SourceError } from '../lib/source/errors';
import { AWS } from './aws';
import { readingArgs } from './asking';
import { keptLink, openInBrowser } from './browser';
import { cacheOf } from './cache';
import { EXIT, UsageError } from './errors';
import { GROUPS, parseGroups } from './explore-options';
import { FindingsStore } from './findings-store';
import { interruption } from './interrupt';
import { catalogueOf } from './list';
import { tellNothingTo } from './nothing-matched';
import { withOptions } from './option-group';
import {
  CATALOGUE,
  type CatalogueOptions,
  engineSettings,
  QUIET,
  READING,
  SCOPE,
  type ScopeOptions,
  type SourceOptions,
  TIME,
  type TimeOptions,
  wholeNumber,
} from './options';
import { withRecords } from './records';
import { notice, print } from './say';
import { boundsOf } from './time';
import { assertScope, scopeOf, tellTimeless } from './window';

interface ExploreOptions extends CatalogueOptions, SourceOptions, TimeOptions, ScopeOptions {
  readonly port: number;
  readonly open: boolean;
}

/** So that a saved address works again after a restart. */
const DEFAULT_PORT = 7447;
const TIMEOUT_MS = 60_000;
const NICE = 10;

export function registerExplore(program: Command): void {
  const command = program
    .command('explore <source...>')
    .description('explore the logs in your browser; the server listens on this machine only')
    .addOption(new Option('--port <n>', 'port on 127.0.0.1; if it is in use, a free one').argParser(wholeNumber(0)).default(DEFAULT_PORT))
    .option('--no-open', 'print the link, do not open a browser')
    .addHelpText(
      'after',
      `
Each view filters the others, has a URL, and shows its SQL and command. The first start on new logs prepares tables in the
cache folder; later starts use them. The page needs no network and sends no data anywhere. --from and --to choose the time
shown first; of s3:// sources only that time is fetched.

Examples:
  flowlogs explore logs/
  flowlogs explore logs/ --group office=203.0.113.0/24,2001:db8::/32 --group partners=@partners.txt
  flowlogs explore s3://my-bucket/AWSLogs/ --from -24h
  flowlogs explore logs/ --port 8080 --no-open`,
    );
  withOptions(command, GROUPS, CATALOGUE, TIME, SCOPE, READING, engineSettings('1GB'), QUIET, AWS).action(async (sources, options) => {
    const catalogue = catalogueOf(options);
    const groups = parseGroups(options.group ?? []);
    const scope = scopeOf(options);
    await withRecords({ sources, options, columns: undefined }, async (records) => {
      assertScope(scope, records);
      const { openExplorer } = await import('../lib/explore/open.js');
      const { explorerApi } = await import('../lib/explore/api.js');
      const cache = await cacheOf(options);
      const say = (text: string) => notice(`${text} …`, options.quiet);
      await tellTimeless(records, 'left out', options.quiet);
      const open = await openExplorer(records, catalogue, { cache, groups, scope, onPhase: say });
      if (open === undefined) return tellNothingTo('explore', options, records);
      const findings = startFindings(sources, options, new FindingsStore(cache, open.prepared.key, catalogue), records.scratch);
      const api = explorerApi({
        open,
        records,
        catalogue,
        findings,
        sources: [...sources, ...scopeArguments(scope)],
        command: (args) => commandLine(args, sources, options),
        start: encodeState({ ...EVERYTHING, ...rangeOf(options, open.prepared.range) }),
      });
      await serveUntilInterrupted(api, options, { count: open.prepared.records, folder: records.scratch });
    });
  });
}

function rangeOf(options: TimeOptions, all: { from: number; to: number }) {
  const { from, to } = boundsOf(options);
  if (from === undefined && to === undefined) return {};
  const range = { from: from ?? all.from, to: to ?? all.to };
  if (range.from >= range.to)
    throw new UsageError(`--from must be before --to; got ${options.from ?? 'the first record'} and ${options.to ?? 'the last record'}`);
  return { range };
}

function commandLine([verb = '', what = '', ...rest]: readonly string[], sources: readonly string[], options: ExploreOptions): string {
  const reading = readingArgs(verb === 'sql' ? { ...options, queries: [] } : options);
  return ['flowlogs', verb, shellQuotedLines(what), ...[...sources, ...rest, ...reading].map(shellQuoted)].join(' ');
}

/** Runs the detections in a process of its own with low priority: brushing stays quick meanwhile. */
function startFindings(sources: readonly string[], options: ExploreOptions, store: FindingsStore, scratch: string): FindingsFeed {
  const open = join(scratch, 'not-judged.json');
  let state: FindingsState = { status: 'running', findings: [], notJudged: [] };
  const fail = (error: string) => (state = { status: 'failed', findings: [], notJudged: [], error });
  const run = () => {
    // Of files here the whole is looked at; of a bucket only what was fetched.
    const remote = sources.some((source) => source.startsWith('s3://'));
    const args = [
      ...sources,
      ...(remote && options.from !== undefined ? ['--from', options.from] : []),
      ...(remote && options.to !== undefined ? ['--to', options.to] : []),
      ...(remote ? ['--time-zone', options.timeZone] : []),
      ...readingArgs(options),
      ...scopeArguments(scopeOf(options)),
      // The store holds findings without names: a report adds those of its own --names.
      ...['--names', 'none', '--format', 'json', '--threads', '1', '--not-judged', open],
      ...(options.cache ? [] : ['--no-cache']),
    ];
    const child = spawn(process.execPath, [process.argv[1] ?? '', 'detect', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined)
      try {
        setPriority(child.pid, NICE);
      } catch {
        // It has ended already.
      }
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    // It ends by itself, without being awaited.
    const leave = () => {
      child.kill();
      child.unref();
      child.stdout.destroy();
      child.stderr.destroy();
    };
    interruption().addEventListener('abort', leave, { once: true });
    child.on('error', (error) => fail(error.message));
    child.on('close', (code) => {
      if (code !== EXIT.ok && code !== EXIT.nothing) return fail(err.trim() || `the detections ended with exit code ${code}`);
      const notJudged = JSON.parse(readFileSync(open, 'utf8')) as NotJudged[];
      state = { status: 'done', findings: JSON.parse(out) as Finding[], notJudged };
      return void store.put(state);
    });
  };
  void store.get().then((before) => {
    if (before === undefined) run();
    else state = { status: 'done', ...before };
  }, run);
  return () => state;
}

const EXPLAINED = [StateError, RenderError, QueryError, CatalogueError, SourceError];

async function serveUntilInterrupted(
  api: import('../lib/explore/server').Api,
  options: ExploreOptions,
  { count, folder }: { count: number; folder: string },
): Promise<void> {
  const { serve } = await import('../lib/explore/server.js');
  const token = randomBytes(32).toString('base64url');
  const settings = {
    api,
    token,
    assets: join(packageRoot(), 'dist', 'web'),
    timeoutMs: TIMEOUT_MS,
    isExplained: (error: unknown) => EXPLAINED.some((kind) => error instanceof kind),
  };
  const { server, port } = await serve(settings, options.port).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || options.port !== DEFAULT_PORT) throw error;
    return serve(settings, 0);
  });
  const link = `http://127.0.0.1:${port}/#key=${token}`;
  const opened = options.open && process.stdout.isTTY && (await openInBrowser(folder, link));
  const file = process.stdout.isTTY ? undefined : await keptLink(folder, link);
  print(
    file === undefined
      ? `Exploring ${humanCount(count, 'record')}. ${opened ? 'Opened in your browser; if not, open' : 'Open'} ${link}\nCtrl-C ends it.\n`
      : `Exploring ${humanCount(count, 'record')} at http://127.0.0.1:${port}/; the link with its key is in ${file} (standard output is no terminal, and may be kept)\n`,
  );
  await new Promise<void>((resolve) => {
    interruption().addEventListener('abort', () => resolve(), { once: true });
  });
  server.closeAllConnections();
  server.close();
}
