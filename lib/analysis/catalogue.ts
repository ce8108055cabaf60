import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LinesError, linesOf } from '../lines-error';
import { packageRoot } from '../package-root';
import type { AnalysisDefinition, EvidenceDefinition } from './schema';
import { similar } from './similar';

/** A picture of what a finding was compared with, and its text. */
export type Evidence = EvidenceDefinition & { readonly sql: string };

/** One question: its definition, its query per language, and its folder. */
export interface Analysis extends AnalysisDefinition {
  readonly folder: string;
  readonly sql: string;
  readonly evidence: Evidence[];
  /** CloudWatch Logs Insights text; undefined where `engines.insights` says why. */
  readonly insights: string | undefined;
}

/** A question that is not there, or not right. */
export class CatalogueError extends LinesError {
  override name = 'CatalogueError';
}

/** An id that no question has: the call's words are off. */
export class UnknownAnalysisError extends CatalogueError {
  override name = 'UnknownAnalysisError';
}

/** What rendering needs of a catalogue. */
export type Partials = Pick<Catalogue, 'partial'>;

/** Folder of the analyses that ship with the package. */
export const builtInQueries = (): string => join(packageRoot(), 'queries');

const DEFINITION = 'analysis.yaml';
const isPrivate = (name: string) => name.startsWith('_') || name.startsWith('.');

/** The analyses of one or more folders; a later folder adds to or overrides an earlier one, by id. */
export class Catalogue {
  private readonly loaded = new Map<string, Analysis>();

  constructor(private readonly folders: readonly string[] = [builtInQueries()]) {
    for (const folder of folders) {
      if (!existsSync(folder)) throw new CatalogueError(`${folder}: no such folder of analyses`);
    }
  }

  /** Ids in alphabetical order, without reading the definitions. */
  ids(): string[] {
    const ids = this.folders.flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !isPrivate(entry.name))
        .map((entry) => entry.name),
    );
    return [...new Set(ids)].sort();
  }

  /** @throws UnknownAnalysisError naming near ids, or CatalogueError naming file, key, got and expected when it is invalid */
  get(id: string): Analysis {
    const known = this.loaded.get(id);
    if (known !== undefined) return known;
    const folder = isPrivate(id) || basename(id) !== id ? undefined : this.folders.findLast((dir) => existsSync(join(dir, id, DEFINITION)));
    if (folder === undefined) throw new UnknownAnalysisError(this.unknown(id));
    const analysis = loadAnalysis(join(folder, id));
    this.loaded.set(id, analysis);
    return analysis;
  }

  all(): Analysis[] {
    return this.ids().map((id) => this.get(id));
  }

  /** Shared text of `_partials`; a user's folder goes before ours. */
  partial(name: string): string {
    for (const folder of [...this.folders].reverse()) {
      const path = join(folder, '_partials', name);
      if (existsSync(path)) return readFileSync(path, 'utf8').trim();
    }
    throw new CatalogueError(`no partial ${JSON.stringify(name)}: expected a file queries/_partials/${name}`);
  }

  private unknown(id: string): string {
    const words = id.split('-').filter((word) => word.length > 2);
    const shared = (other: string) => words.filter((word) => other.includes(word)).length;
    const alike = this.ids()
      .filter((other) => shared(other) > 0)
      .sort((a, b) => shared(b) - shared(a));
    const spelt = similar(id, this.ids());
    const near = [...new Set([...spelt, ...alike])];
    const hint = near.length > 0 ? `did you mean ${near.slice(0, 5).join(', ')}?` : 'see `flowlogs list`';
    return `no analysis ${JSON.stringify(id)}: ${hint}`;
  }
}

/** The build has parsed our own definitions; loading the parsers takes longer than answering from the cache. */
/* eslint-disable @typescript-eslint/no-require-imports */
const parsers = {
  schema: () => require('./schema') as typeof import('./schema'),
  yaml: () => require('./yaml') as typeof import('./yaml'),
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** The definition with the shared parameters that it names put in below its own. */
function withSharedParameters(path: string, input: unknown): unknown {
  const { sharedParametersSchema, explainIssues } = parsers.schema();
  const { parametersOf, parameters } = (input ?? {}) as { parametersOf?: unknown; parameters?: object };
  if (!Array.isArray(parametersOf)) return input;
  const shared = parametersOf.map((name) => {
    const file = sharedFile(dirname(path), String(name));
    const content = readYaml(file);
    const parsed = sharedParametersSchema.safeParse(content);
    if (parsed.success) return content as object;
    throw new CatalogueError(explainIssues(parsed.error, content).map((line) => `${file}: ${line}`));
  });
  return { ...(input as object), parameters: Object.assign({}, ...shared, parameters) as object };
}

/** A user's folder goes before ours. */
function sharedFile(folder: string, name: string): string {
  const places = [join(dirname(folder), '_partials'), join(builtInQueries(), '_partials')].map((place) =>
    join(place, `${basename(name)}.yaml`),
  );
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new CatalogueError(`${folder}: parametersOf: no file ${places[0] ?? ''}`);
  return found;
}

function parseDefinition(path: string, text: string): AnalysisDefinition {
  const { analysisSchema, explainIssues } = parsers.schema();
  const input = withSharedParameters(path, parseYaml(path, text));
  const parsed = analysisSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new CatalogueError(explainIssues(parsed.error, input).map((line) => `${path}: ${line}`));
}

/** What the build parsed: YAML and its checks take longer than all else that `flowlogs list` does. */
type Compiled = Record<string, { text: string; shared: string; definition: AnalysisDefinition }>;

let compiled: Compiled | undefined;

/** The definition as the build parsed it, if the folder is ours and its text has not changed since. */
function compiledDefinition(folder: string, text: string): AnalysisDefinition | undefined {
  if (dirname(folder) !== builtInQueries()) return undefined;
  const path = join(packageRoot(), 'dist', 'catalogue.json');
  compiled ??= existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Compiled) : {};
  const entry = compiled[basename(folder)];
  return entry?.text === text && entry.shared === sharedText(folder, entry.definition.parametersOf) ? entry.definition : undefined;
}

const sharedText = (folder: string, names: readonly string[]) =>
  names.map((name) => readFileSync(sharedFile(folder, name), 'utf8')).join('');

/**
 * The content of `dist/catalogue.json`; the build script calls it.
 * @throws CatalogueError for the first invalid definition
 * @public
 */
export function compileCatalogue(): string {
  const folder = builtInQueries();
  const entries = new Catalogue([folder]).ids().map((id) => {
    const path = join(folder, id, DEFINITION);
    const text = readFileSync(path, 'utf8');
    const definition = parseDefinition(path, text);
    return [id, { text, shared: sharedText(join(folder, id), definition.parametersOf), definition }] as const;
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** Reads one analysis folder. @throws CatalogueError naming file, key, got and expected */
export function loadAnalysis(folder: string): Analysis {
  const path = join(folder, DEFINITION);
  const text = readFileSync(path, 'utf8');
  const definition = compiledDefinition(folder, text) ?? parseDefinition(path, text);
  if (definition.id !== basename(folder)) {
    throw new CatalogueError(
      `${path}: id: must equal the folder's name; got ${JSON.stringify(definition.id)}, expected ${JSON.stringify(basename(folder))}`,
    );
  }
  const insights = readIfThere(join(folder, 'insights.txt'));
  if ((insights === undefined) === (definition.engines?.insights === undefined)) {
    throw new CatalogueError(
      `${path}: engines.insights: expected either a file insights.txt or a reason for its absence; got ${insights === undefined ? 'neither' : 'both'}`,
    );
  }
  const sql = readIfThere(join(folder, 'athena.sql'));
  if (sql === undefined) throw new CatalogueError(`${folder}: expected a file athena.sql; got none`);
  return { ...definition, folder, sql, insights, evidence: definition.evidence.map((one) => ({ ...one, sql: evidenceText(path, one) })) };
}

function evidenceText(path: string, { file }: EvidenceDefinition): string {
  const sql = readIfThere(join(dirname(path), file));
  if (sql === undefined) throw new CatalogueError(`${path}: evidence: expected a file ${join(dirname(path), file)}; got none`);
  return sql;
}

/** A YAML file as data. @throws CatalogueError with the line of a syntax error */
export const readYaml = (path: string): unknown => parseYaml(path, readFileSync(path, 'utf8'));

function parseYaml(path: string, text: string): unknown {
  try {
    return parsers.yaml().yamlData(text);
  } catch (error) {
    throw new CatalogueError(linesOf(error as Error, `${path}: `), { cause: error });
  }
}

const readIfThere = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined);
