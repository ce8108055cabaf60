/** Everything that a report says, as plain JSON: made from records here or in Athena, drawn as HTML or Markdown. */
import type { Row } from '../analysis/columns';
import type { Column } from '../analysis/schema';
import { SEVERITIES, type Severity } from '../analysis/severity';
import { type Panel, type PanelId, type PanelRow, PANELS } from '../explore/panels';
import { EVERYTHING, type ExploreState, type TimeRange } from '../explore/state';
import type { Domain } from '../explore/steps';
import type { Finding } from '../finding/finding';
import type { NotJudged } from '../finding/not-judged';
import type { ReportNames } from './names';

/** Rows of a panel, however they are computed. */
export type Ask = (panel: Panel, state: ExploreState) => Promise<readonly PanelRow[]>;

/** A finding of a report: with its meaning, and its baseline if it has one. */
export interface ToldFinding {
  readonly finding: Finding;
  readonly detection: string;
  readonly columns: readonly Column[];
  readonly measure: string | null;
  readonly summary: string;
  readonly runbook: string | undefined;
  /** `time` and `value` per bucket; empty where nothing was compared. */
  readonly series: readonly Row[];
}

/** What could not be read. */
export interface Quality {
  readonly files: number;
  readonly lines: number;
  readonly rejectedLines: number;
  readonly badValues: number;
  readonly skippedFiles: number;
  /** Records without a start: they are not in the report. */
  readonly timeless: number;
}

/** Provenance of the numbers, so that the report can be reproduced. */
export interface Provenance {
  readonly version: string;
  /** ISO time. */
  readonly made: string;
  /** What was read: files, or a view. */
  readonly sources: readonly string[];
  /** Command that makes it again; undefined for a scheduled one. */
  readonly command: string | undefined;
  /** SHA-256 over the list of inputs and their own hashes; undefined where there are no files. */
  readonly inputs:
    { readonly count: number; readonly bytes: number; readonly sha256: string; readonly files: readonly InputHash[] } | undefined;
}

export interface InputHash {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ReportModel {
  readonly title: string;
  readonly window: TimeRange;
  readonly domain: Domain;
  readonly panels: Partial<Record<PanelId, readonly PanelRow[]>>;
  /** The same lists over rejected records alone. */
  readonly rejected: Partial<Record<(typeof REJECTED)[number], readonly PanelRow[]>>;
  /** Worst first. */
  readonly findings: readonly ToldFinding[];
  /** All findings, of which {@link findings} are the worst. */
  readonly found: number;
  readonly bySeverity: Partial<Record<Severity, number>>;
  readonly notJudged: readonly NotJudged[];
  /** What else must be known of the findings. */
  readonly notes: readonly string[];
  /** Absent: addresses alone. */
  readonly names?: ReportNames | undefined;
  readonly quality: Quality | undefined;
  readonly provenance: Provenance;
}

const REJECTED = ['srcaddr', 'dstaddr', 'dstport'] as const;

/** Findings that are shown in full; reports stay short. */
export const MOST_FINDINGS = 20;

/** Worst first; of equal severity each detection in turn with its latest, so that one that finds much does not hide the others. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, number>();
  const latest = [...findings].sort((a, b) => (a.time === b.time ? (a.key < b.key ? -1 : 1) : a.time < b.time ? 1 : -1));
  const ranked = latest.map((finding) => {
    const turn = seen.get(finding.detection) ?? 0;
    seen.set(finding.detection, turn + 1);
    return { finding, turn };
  });
  return ranked
    .sort((a, b) => SEVERITIES.indexOf(b.finding.severity) - SEVERITIES.indexOf(a.finding.severity) || a.turn - b.turn)
    .map(({ finding }) => finding);
}

export function countBySeverity(findings: readonly Finding[]): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts;
}

/** Panels that are queried at a time: remote engines have quotas. */
const AT_ONCE = 4;

/** Queries all panels of a window. */
export async function panelsOf(
  ask: Ask,
  panels: readonly Panel[],
  window: TimeRange | undefined,
  hasAction: boolean,
): Promise<Pick<ReportModel, 'panels' | 'rejected'>> {
  const state: ExploreState = window === undefined ? EVERYTHING : { ...EVERYTHING, range: window };
  const refused: ExploreState = { ...state, filters: { action: { values: ['REJECT'], exclude: false } } };
  const there = new Set(panels.map(({ id }) => id));
  const answer = async (ids: readonly PanelId[], one: ExploreState) => {
    const answers: [PanelId, readonly PanelRow[]][] = [];
    for (let i = 0; i < ids.length; i += AT_ONCE)
      answers.push(
        ...(await Promise.all(
          ids.slice(i, i + AT_ONCE).map(async (id): Promise<[PanelId, readonly PanelRow[]]> => [id, await ask(PANELS[id], one)]),
        )),
      );
    return Object.fromEntries(answers);
  };
  return {
    panels: await answer([...there], state),
    rejected: hasAction
      ? await answer(
          REJECTED.filter((id) => there.has(id)),
          refused,
        )
      : {},
  };
}
