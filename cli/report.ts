import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from '@commander-js/extra-typings';
import type { Catalogue } from '../lib/analysis/catalogue';
import type { Open } from '../lib/explore/open';
import { EVERYTHING, type TimeRange } from '../lib/explore/state';
import { shellQuoted } from '../lib/finding/command';
import { touches } from '../lib/finding/touches';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { packageRoot, packageVersion } from '../lib/package-root';
import { toldOf } from '../lib/report/ask';
import { drawingBundle, drawReport } from '../lib/report/drawing';
import { markdownOf } from '../lib/report/markdown';
import { reportNames } from '../lib/report/names';
import { namedFinding } from '../lib/finding/named';
import {
  countBySeverity,
  type InputHash,
  MOST_FINDINGS,
  panelsOf,
  type Provenance,
  type ReportModel,
  type ToldFinding,
  worstFirst,
} from '../lib/report/model';
import { findFiles } from '../lib/source/find-files';
import { isReadable } from '../lib/source/input';
import { inParallel } from '../lib/parallel';
import type { Records } from '../lib/source/records';
import { detect } from '../lib/detect';
import { AWS } from './aws';
import { answerOptions } from './answer-options';
import { cacheOf } from './cache';
import { chooseDetections } from './detect';
import { GROUPS, parseGroups } from './explore-options';
import { FindingsStore, type FoundBefore } from './findings-store';
import { interruption } from './interrupt';
import { catalogueOf } from './list';
import { NAMES, namesOf, type NamesOptions } from './names';
import { nothingMatched, tellNothingMatched, tellNothingTo } from './nothing-matched';
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
} from './options';
import { Target } from './output';
import { withRecords } from './records';
import { notice } from './say';
import { assertScope, scopeOf, tellTimeless, windowOf } from './window';

interface ReportOptions extends CatalogueOptions, NamesOptions, SourceOptions, TimeOptions, ScopeOptions {
  readonly title?: string | undefined;
}

const HASHED_AT_ONCE = 4;
const DEFAULT_FILE = 'flow-logs-report.html';

export function registerReport(program: Command): void {
  const command = program
    .command('report <source...>')
    .description('write a report to send: charts, findings with evidence, top lists')
    .option('--title <text>', 'heading of the report')
    .addHelpText(
      'after',
      `
The HTML file contains all its charts and loads nothing: it can be mailed, archived and printed. The detections run once for
the same logs; later reports and \`flowlogs explore\` reuse their findings. Times in a report are UTC.

Examples:
  flowlogs report logs/ -o report.html
  flowlogs report logs/ --from 2026-11-20 --to 2026-11-21 --title 'Incident 4711' -o incident.html
  flowlogs report logs/ -f markdown >> ticket.md`,
    );
  const answer = answerOptions(['html', 'markdown'], `file to write (default: ${DEFAULT_FILE}; Markdown goes to standard output)`);
  withOptions(command, answer, NAMES, GROUPS, CATALOGUE, TIME, SCOPE, READING, engineSettings('1GB'), QUIET, AWS).action(
    async (sources, options) => {
      const catalogue = catalogueOf(options);
      const groups = parseGroups(options.group ?? []);
      const scope = scopeOf(options);
      await withRecords({ sources, options, columns: undefined }, async (records) => {
        assertScope(scope, records);
        const { openExplorer } = await import('../lib/explore/open.js');
        const cache = await cacheOf(options);
        const say = (text: string) => notice(`${text} …`, options.quiet);
        await tellTimeless(records, 'left out', options.quiet);
        const inputs = hashInputs(sources);
        inputs.catch(() => undefined);
        const open = await openExplorer(records, catalogue, { cache, groups, scope, onPhase: say });
        if (open === undefined) return tellNothingTo('report', options, records);
        const model = await modelOf({ open, records, catalogue, sources, options, cache, inputs: await inputs, say });
        const target = new Target(options.output ?? (options.format === 'markdown' ? undefined : DEFAULT_FILE), options.quiet);
        await target.write(
          options.format === 'markdown' ? markdownOf(model) : drawReport(model, drawingBundle(packageRoot(), 'report.js')),
        );
        await target.end();
        tellNothingMatched(await nothingMatched(options, records, open.engine), options.quiet);
      });
    },
  );
}

interface Making {
  readonly open: Open;
  readonly records: Records;
  readonly catalogue: Catalogue;
  readonly sources: readonly string[];
  readonly options: ReportOptions;
  readonly cache: string | undefined;
  readonly inputs: Provenance['inputs'];
  readonly say: (text: string) => void;
}

async function modelOf({ open, records, catalogue, sources, options, cache, inputs, say }: Making): Promise<ReportModel> {
  const { prepared, explorer } = open;
  const names = await namesOf(options);
  const asked = options.from === undefined && options.to === undefined ? undefined : await windowOf(options, records);
  const window: TimeRange = asked !== undefined && 'from' in asked ? asked : prepared.range;
  const answers = await panelsOf(
    (panel, state) => explorer.panel(panel, state, { signal: interruption() }),
    prepared.panels,
    asked === undefined ? undefined : window,
    prepared.dimensions.has('action'),
  );
  const { findings, notJudged } = await foundIn(open, records, catalogue, new FindingsStore(cache, prepared.key, catalogue), say);
  const inside = worstFirst(findings.filter((finding) => touches(finding, window)));
  const past = { engine: open.engine, catalogue, window: prepared.range, scope: open.context.scope, signal: interruption() };
  const told: ToldFinding[] = [];
  for (const finding of inside.slice(0, MOST_FINDINGS)) {
    const analysis = catalogue.get(finding.detection);
    told.push(await toldOf(namedFinding(finding, analysis, names), analysis, past));
  }
  const { totals, skippedFiles } = records;
  const labels = names === undefined ? undefined : reportNames({ ...answers, findings: told }, names);
  return {
    title: options.title ?? `Flow logs of ${sources.map((source) => basename(source)).join(', ')}`,
    window,
    domain: explorer.domain({ ...EVERYTHING, range: window }),
    ...answers,
    findings: told,
    names: labels,
    found: inside.length,
    bySeverity: countBySeverity(inside),
    notJudged,
    notes: [],
    quality: {
      files: totals.files,
      lines: totals.lines,
      rejectedLines: totals.rejectedLines,
      badValues: totals.badValues,
      skippedFiles: skippedFiles.length,
      timeless: await records.timeless(),
    },
    provenance: {
      version: packageVersion(),
      made: `${new Date().toISOString().slice(0, 19)}Z`,
      sources,
      command: ['flowlogs', ...process.argv.slice(2)].map(shellQuoted).join(' '),
      inputs,
    },
  };
}

/** Findings of the whole logs, from the store where they were looked for before. */
async function foundIn(
  open: Open,
  records: Records,
  catalogue: Catalogue,
  store: FindingsStore,
  say: (text: string) => void,
): Promise<FoundBefore> {
  const before = await store.get();
  if (before !== undefined) return before;
  say('Looking for what is unusual (once for these logs)');
  const found = await detect({
    target: { catalogue, engine: open.engine, table: RECORDS_TABLE },
    records,
    columns: records.columns.map(({ name }) => name),
    detections: chooseDetections(catalogue, undefined),
    window: open.prepared.range,
    scope: open.context.scope ?? {},
    parameters: new Map(),
  });
  await store.put(found);
  return found;
}

/** Undefined for sources that are no files here. */
async function hashInputs(sources: readonly string[]): Promise<Provenance['inputs']> {
  if (sources.some((source) => source.startsWith('s3://'))) return undefined;
  const files = (await findFiles(sources)).filter(isReadable);
  // What can be read once only is left to the reading.
  if (files.some(({ stream }) => stream === true)) return undefined;
  const hashes = await inParallel(files, HASHED_AT_ONCE, async ({ path, size }): Promise<InputHash> => {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
    return { path, bytes: size, sha256: hash.digest('hex') };
  });
  const list = hashes.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('');
  return {
    count: hashes.length,
    bytes: hashes.reduce((sum, { bytes }) => sum + bytes, 0),
    sha256: createHash('sha256').update(list).digest('hex'),
    files: hashes,
  };
}
