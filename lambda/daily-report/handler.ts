/** Yesterday as one HTML file. No SDK, no environment. */
import * as z from 'zod';
import type { PackedCatalogue } from '../../lib/analysis/packed';
import type { RelationTables } from '../../lib/analysis/relations';
import { isCalendarDay } from '../../lib/analysis/time';
import type { QueryEngine } from '../../lib/engine/engine';
import { panelsFor } from '../../lib/explore/panels';
import type { PortableContext } from '../../lib/explore/portable';
import { domainOf } from '../../lib/explore/steps';
import { bucketSeconds, findingOf } from '../../lib/finding/finding';
import type { StoredFinding } from '../../lib/finding/store';
import { askEngine, toldOf } from '../../lib/report/ask';
import { countBySeverity, MOST_FINDINGS, panelsOf, type ReportModel, type ToldFinding, worstFirst } from '../../lib/report/model';
import { sentencesOf } from '../../lib/report/sentences';

export interface Dependencies {
  readonly stack: string;
  readonly version: string;
  readonly engine: QueryEngine;
  readonly catalogue: PackedCatalogue;
  readonly context: PortableContext;
  /** What is kept of the records. */
  readonly relations: RelationTables;
  /** Findings with a row in `[from, to)`, Unix seconds. */
  readonly states: (from: number, to: number) => Promise<readonly StoredFinding[]>;
  readonly draw: (model: ReportModel) => string;
  /** Answers the address at which a person finds it. */
  readonly write: (day: string, html: string) => Promise<string>;
  readonly tell: ((subject: string, body: string) => Promise<void>) | undefined;
  readonly now: () => number;
}

/** `day` for a report of an earlier day; else the day before the scheduled time. */
export const inputSchema = z.object({
  day: z.string().refine(isCalendarDay, 'expected a day such as 2026-11-20').optional(),
  scheduledTime: z.iso.datetime().optional(),
});

const DAY = 86_400;
/** Pasts of the worst findings; each reads as far back as its detection does. */
const MOST_PASTS = 5;
const SUBJECT_LENGTH = 99;

export interface Written {
  readonly day: string;
  readonly url: string;
  readonly records: number;
  readonly findings: number;
}

export function createHandler(deps: Dependencies): (event: unknown) => Promise<Written> {
  return async (event) => {
    const { day: asked, scheduledTime } = inputSchema.parse(event);
    const at = (scheduledTime === undefined ? deps.now() : Date.parse(scheduledTime)) / 1000;
    const day = asked ?? new Date((at - DAY) * 1000).toISOString().slice(0, 10);
    const from = Date.parse(`${day}T00:00:00Z`) / 1000;
    const model = await modelOf(deps, day, { from, to: from + DAY });
    const url = await deps.write(day, deps.draw(model));
    const sentences = sentencesOf(model);
    await deps.tell?.(subjectOf(day, model), [...sentences, '', `Report: ${url}`].join('\n'));
    const records = (model.panels.summary ?? []).reduce((sum, row) => sum + row.records, 0);
    return { day, url, records, findings: model.found };
  };
}

async function modelOf(deps: Dependencies, day: string, window: { from: number; to: number }): Promise<ReportModel> {
  const { context, engine, catalogue } = deps;
  const answers = await panelsOf(askEngine(engine, window, context), panelsFor(context.columns), window, context.columns.has('action'));
  const states = await deps.states(window.from, window.to);
  const known = states.filter(({ detection }) => catalogue.has(detection));
  const parametersOf = new Map(known.map(({ state, parameters }) => [state.id, parameters]));
  const findings = worstFirst(
    known.map(({ state, detection, parameters }) => {
      const analysis = catalogue.get(detection);
      return findingOf(analysis, state, bucketSeconds(analysis, parameters));
    }),
  );
  const past = {
    engine,
    catalogue,
    window,
    table: context.table,
    partitions: context.partitions,
    columns: context.columns,
    relations: deps.relations,
  };
  const told: ToldFinding[] = [];
  for (const [i, finding] of findings.slice(0, MOST_FINDINGS).entries()) {
    const analysis = catalogue.get(finding.detection);
    told.push(await toldOf(finding, analysis, i < MOST_PASTS ? { ...past, parameters: parametersOf.get(finding.id) } : undefined));
  }
  return {
    title: `Flow logs of ${deps.stack} on ${day}`,
    window,
    domain: domainOf(window.from, window.to),
    ...answers,
    findings: told,
    found: findings.length,
    bySeverity: countBySeverity(findings),
    notes: known.length === states.length ? [] : [`${states.length - known.length} findings of detections that are no longer deployed.`],
    quality: undefined,
    provenance: {
      version: deps.version,
      made: `${new Date(deps.now()).toISOString().slice(0, 19)}Z`,
      sources: [context.table ?? ''],
      command: undefined,
      inputs: undefined,
    },
  };
}

/** ASCII in one line, as SNS wants it. */
function subjectOf(day: string, { found, bySeverity }: ReportModel): string {
  const severe = (bySeverity.critical ?? 0) + (bySeverity.high ?? 0);
  const what =
    found === 0 ? 'no findings' : `${found} finding${found === 1 ? '' : 's'}${severe === 0 ? '' : `, ${severe} high or critical`}`;
  return `[report] Flow logs on ${day}: ${what}`.slice(0, SUBJECT_LENGTH);
}
