/** Analyses as one JSON text: what a Lambda function carries instead of folders, YAML and their parsers. */
import { type Analysis, type Catalogue, CatalogueError, type Partials } from './catalogue';
import { keptPartial, RELATIONS } from './relations';

interface Packed {
  readonly analyses: Readonly<Record<string, Analysis>>;
  readonly partials: Readonly<Record<string, string>>;
}

const PARTIAL = /\{\{\s*>\s*([a-z][a-z0-9_]*)/g;

/** The partials and relations that a text includes, and those that these include. */
function partialsOf(catalogue: Catalogue, text: string, suffix: string): [string, string][] {
  const named = [...text.matchAll(PARTIAL)].map(([, name = '']) => name);
  const relations = suffix === 'sql' ? RELATIONS.filter((name) => text.includes(`{{${name}}}`)) : [];
  const kept = relations.map((name): [string, string] => [keptPartial(name), catalogue.partial(keptPartial(name))]);
  const included = [...named, ...relations].flatMap((one) => {
    const name = `${one}.${suffix}`;
    const content = catalogue.partial(name);
    return [[name, content] as [string, string], ...partialsOf(catalogue, content, suffix)];
  });
  return [...included, ...kept];
}

/** Some analyses of a catalogue with the partials that they need. */
export function packCatalogue(catalogue: Catalogue, ids: readonly string[]): string {
  const analyses = ids.map((id) => catalogue.get(id));
  const packed: Packed = {
    // Where the folder stood is of no use elsewhere, and would make the text differ from machine to machine.
    analyses: Object.fromEntries(analyses.map((analysis) => [analysis.id, { ...analysis, folder: analysis.id }])),
    partials: Object.fromEntries(
      analyses.flatMap((analysis) => [
        ...[analysis, ...analysis.evidence].flatMap(({ sql }) => partialsOf(catalogue, sql, 'sql')),
        ...partialsOf(catalogue, analysis.insights ?? '', 'insights.txt'),
      ]),
    ),
  };
  return JSON.stringify(packed);
}

export interface PackedCatalogue extends Partials {
  has(id: string): boolean;
  get(id: string): Analysis;
}

/** @throws CatalogueError where an analysis or partial was not packed */
export function openPacked(text: string): PackedCatalogue {
  const { analyses, partials } = JSON.parse(text) as Packed;
  const find = <T>(of: Readonly<Record<string, T>>, name: string): T => {
    const value = Object.hasOwn(of, name) ? of[name] : undefined;
    if (value === undefined)
      throw new CatalogueError(`${JSON.stringify(name)} is not deployed; expected one of ${Object.keys(of).join(', ')}`);
    return value;
  };
  return { has: (id) => Object.hasOwn(analyses, id), get: (id) => find(analyses, id), partial: (name) => find(partials, name) };
}
