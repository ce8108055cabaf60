/** What the text of a detection reads of kept relations, as StagedEngine runs it. */
import type { Analysis, Partials } from '../analysis/catalogue';
import { maskedSql } from '../analysis/functions';
import { type RelationName, RELATIONS } from '../analysis/relations';
import { exampleParameters, renderSql } from '../analysis/render';
import { ctesOf, stagesOf, tablesNamed } from '../analysis/stages';
import { KEPT_COLUMNS } from '../lake/relations';

/** Passes over columns of a relation. */
export interface RelationRead {
  readonly relation: RelationName;
  readonly columns: readonly string[];
  /** A pass over a stage counts for a part of one over what it was made of. */
  readonly times: number;
  /** Passes over the relation itself. */
  readonly passes: number;
}

export interface Reads {
  /** Queries that Athena runs: the stages and the rest. */
  readonly queries: number;
  readonly reads: readonly RelationRead[];
  /** What each stage is made of, by its name. */
  readonly made: ReadonlyMap<string, readonly RelationRead[]>;
}

const tableOf = (name: string) => `kept_${name}`;
const stageTable = (name: string) => `made_${name.toLowerCase()}`;
const inHours = ['start', 'interface_id'];
const byPair = [...inHours, 'srcaddr', 'dstaddr', 'dstport', 'protocol', 'source_private', 'destination_private'];
/** Key columns that combine rows of different deliveries (`queries/_partials/*_kept.sql`): always read. */
const KEYS: Readonly<Record<RelationName, readonly string[]>> = {
  conversations: byPair,
  links: byPair,
  attempts: byPair,
  interface_hours: inHours,
};

function readOf(relation: RelationName, body: string): RelationRead {
  const text = maskedSql(body).toLowerCase();
  const words = new Set(text.match(/[a-z_][a-z0-9_]*/g));
  const all = KEPT_COLUMNS[relation].map(({ name }) => name);
  const whole = new RegExp(`\\b${relation}\\.\\*|\\*\\s+from\\s+"?${tableOf(relation)}\\b`).test(text);
  return { relation, columns: whole ? all : all.filter((name) => KEYS[relation].includes(name) || words.has(name)), times: 1, passes: 1 };
}

/** @param share bytes of a stage by those that were read to make it: measured by scripts/relation-shares.ts */
export function readsOf(catalogue: Partials, analysis: Analysis, share: (stage: string) => number): Reads {
  const relations = Object.fromEntries(RELATIONS.map((name) => [name, { table: tableOf(name) }]));
  const text = renderSql(catalogue, analysis, { window: { from: 0, to: 3600 }, parameters: exampleParameters(analysis), relations });
  const { stages, sql } = stagesOf(text, (name) => `"${stageTable(name)}"`);
  const made = new Map<string, readonly RelationRead[]>();
  const ofQuery = (query: string): RelationRead[] => {
    const { ctes, last } = ctesOf(query);
    const bodies = new Map(ctes.map(({ name, body }) => [name.toLowerCase(), body]));
    const ofText = (body: string): RelationRead[] =>
      tablesNamed(body).flatMap((table) => {
        const relation = RELATIONS.find((name) => tableOf(name) === table);
        if (relation !== undefined) return [readOf(relation, body)];
        const stage = stages.find(({ name }) => stageTable(name) === table)?.name ?? '';
        const of = made.get(stage);
        if (of !== undefined) return of.map((read) => ({ ...read, times: read.times * share(stage), passes: 0 }));
        const cte = bodies.get(table);
        return cte === undefined ? [] : ofText(cte);
      });
    return ofText(last);
  };
  const reads: RelationRead[] = [];
  for (const stage of stages) {
    const own = ofQuery(stage.sql);
    made.set(stage.name, own);
    reads.push(...own);
  }
  reads.push(...ofQuery(sql));
  const together = new Map<string, RelationRead>();
  for (const read of reads) {
    const key = `${read.relation} ${read.columns.join()}`;
    const before = together.get(key);
    together.set(key, { ...read, times: read.times + (before?.times ?? 0), passes: read.passes + (before?.passes ?? 0) });
  }
  return { queries: stages.length + 1, reads: [...together.values()], made };
}
