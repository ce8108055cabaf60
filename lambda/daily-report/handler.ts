/** Yesterday as one HTML file. No SDK, no environment. */
import * as z from 'zod';
import type { PackedCatalogue } from '../../lib/analysis/packed';
import type { RelationTables } from '../../lib/analysis/relations';
import { relationSql } from '../../lib/analysis/render';
import { isCalendarDay } from '../../lib/analysis/time';
import type { QueryEngine } from '../../lib/engine/engine';
import { panelsFor } from '../../lib/explore/panels';
import type { PortableContext } from '../../lib/explore/portable';
import type { TimeRange } from '../../lib/explore/state';
import { domainOf } from '../../lib/explore/steps';
import { bucketSeconds, findingOf } from '../../lib/finding/finding';
import { type NotJudged, notJudgedLines } from '../../lib/finding/not-judged';
import type { StoredFinding } from '../../lib/finding/store';
import { warmingUp } from '../../lib/finding/warm-up';
import { askEngine, toldOf } from '../../lib/report/ask';
import { countBySeverity, MOST_FINDINGS, panelsOf, type ReportModel, type ToldFinding, worstFirst } from '../../lib/report/model';
import { sentencesOf } from '../../lib/report/sentences';

export interface Dependencies {
  readonly stack: string;
  readonly version: string;
  readonly engine: QueryEngine;
  readonly catalogue: PackedCatalogue;
  readonly context: PortableContext;
  /** Detections that run on a schedule; the others that were wanted, and why they do not. */
  readonly scheduled: readonly string[];
  readonly notScheduled: readonly NotJudged[];
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
    const open = [...notJudgedLines(model.notJudged), ...model.notes];
    await deps.tell?.(subjectOf(day, model), [...sentences, '', ...open, ...(open.length === 0 ? [] : ['']), `Report: ${url}`].join('\n'));
    const records = (model.panels.summary ?? []).reduce((sum, row) => sum + row.records, 0);
    return { day, url, records, findings: model.found };
  };
}

async function modelOf(deps: Dependencies, day: string, window: TimeRange): Promise<ReportModel> {
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
    notJudged: [...deps.notScheduled, ...(await warmingUpOn(deps, window))],
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

/** The longest history of a detection is shorter. */
const LONGEST_PAST = 16 * DAY;

/** Detections whose history is too short. Only where relations are kept: to read a fortnight of records for it would cost too much. */
async function warmingUpOn({ engine, catalogue, context, relations, scheduled }: Dependencies, window: TimeRange): Promise<NotJudged[]> {
  if (relations.interface_hours === undefined) return [];
  const hours = relationSql(
    catalogue,
    'interface_hours',
    { window, table: context.table, partitions: context.partitions, relations },
    LONGEST_PAST,
  );
  const { rows } = await engine.run(`SELECT min("start") AS first FROM ${hours} AS interface_hours`);
  const first = rows[0]?.['first'];
  if (first === null || first === undefined) return [];
  return scheduled.flatMap((id) => warmingUp(catalogue.get(id), {}, { from: Number(first), to: window.to }, window) ?? []);
}

/** ASCII in one line, as SNS wants it. */
function subjectOf(day: string, { found, bySeverity }: ReportModel): string {
  const severe = (bySeverity.critical ?? 0) + (bySeverity.high ?? 0);
  const what =
    found === 0 ? 'no findings' : `${found} finding${found === 1 ? '' : 's'}${severe === 0 ? '' : `, ${severe} high or critical`}`;
  return `[report] Flow logs on ${day}: ${what}`.slice(0, SUBJECT_LENGTH);
}
