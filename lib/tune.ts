/** Replays detections over logs: how much they would have reported, and how to reduce it. Nothing is deployed. */
import type { Analysis } from './analysis/catalogue';
import type { Row } from './analysis/columns';
import type { ParameterValue } from './analysis/literal';
import { detect, type DetectRequest } from './detect';
import type { NotJudged } from './finding/not-judged';
import type { Finding } from './finding/finding';
import { type Suppression, suppressedBy } from './finding/suppression';
import {
  type BySeverity,
  countBySeverity,
  exceeds,
  type Goal,
  hiddenBy,
  notificationsOf,
  type ProposedSuppression,
  proposeSuppressions,
  raisedThresholds,
  type Told,
  toldBy,
  weekly,
  worstTitle,
} from './finding/tuning';

type Values = Readonly<Record<string, ParameterValue>>;

export interface TuneRequest extends Omit<DetectRequest, 'known' | 'onRows' | 'window'> {
  readonly window: { readonly from: number; readonly to: number };
  readonly goal: Omit<Goal, 'weeks'>;
  /** In force already. */
  readonly suppressions: readonly Suppression[];
  /** Last day (ISO) of what is proposed. */
  readonly until: string;
  /** Called before each replay with the detections that run in it. */
  readonly onReplay?: (detections: readonly string[]) => void;
}

/** Thresholds of a detection with which the same logs were replayed. */
export interface ProposedThresholds {
  readonly detection: string;
  readonly values: Readonly<Record<string, { readonly from: number; readonly to: number }>>;
  /** Incidents a week that the goal counts: before, and in the replay with the values. */
  readonly perWeek: { readonly before: number; readonly after: number };
  /** Findings that they suppress. */
  readonly hides: BySeverity;
  /** Title of the worst of these. */
  readonly worst: string | undefined;
}

export interface Tuned {
  readonly window: TuneRequest['window'];
  readonly goal: Goal;
  readonly told: readonly Told[];
  readonly notJudged: readonly NotJudged[];
  readonly findings: readonly Finding[];
  readonly suppressions: readonly ProposedSuppression[];
  readonly thresholds: readonly ProposedThresholds[];
  /** Incidents a week that the goal counts, of all detections together: now, and with what is proposed. */
  readonly perWeek: { readonly now: number; readonly withSuppressions: number; readonly withThresholds: number };
}

/** A raised threshold may let others speak: as often it is raised again. */
const ROUNDS = 4;
const WEEK = 7 * 86400;

interface Replay {
  readonly findings: readonly Finding[];
  readonly notJudged: readonly NotJudged[];
  readonly rows: ReadonlyMap<string, readonly Row[]>;
}

async function replay(request: TuneRequest, detections: readonly Analysis[], parameters: ReadonlyMap<string, Values>): Promise<Replay> {
  const rows = new Map<string, readonly Row[]>();
  const { target, records, columns, window, scope, signal, suppressions } = request;
  request.onReplay?.(detections.map(({ id }) => id));
  const { findings, notJudged } = await detect({
    ...{ target, records, columns, window, scope, signal, detections, parameters },
    onRows: ({ id }, all) => rows.set(id, all),
  });
  return { findings: findings.filter((finding) => suppressedBy(suppressions, finding) === undefined), notJudged, rows };
}

/** @throws RenderError, QueryError, SourceError */
export async function tune(request: TuneRequest): Promise<Tuned> {
  const goal: Goal = { ...request.goal, weeks: (request.window.to - request.window.from) / WEEK };
  const first = await replay(request, request.detections, request.parameters);
  const ran = request.detections.filter(({ id }) => first.rows.has(id));
  const thresholds = await raise(request, first, ran, goal);
  const suppressions = proposeSuppressions(first.findings, goal, request.until);
  const raised = new Map(thresholds.map((one) => [one.proposal.detection, one.findings]));
  const quieter = ran.flatMap(({ id }) => raised.get(id) ?? first.findings.filter(({ detection }) => detection === id));
  const proposed = suppressions.map(({ suppression }) => suppression);
  return {
    ...{ window: request.window, goal, notJudged: first.notJudged, findings: first.findings, suppressions },
    told: toldBy(
      first.findings,
      new Map(
        ran.map((analysis) => [
          analysis.id,
          notificationsOf(analysis, first.rows.get(analysis.id) ?? [], request.parameters.get(analysis.id), request.suppressions),
        ]),
      ),
      goal,
    ),
    thresholds: thresholds.map(({ proposal }) => proposal),
    perWeek: {
      now: weekly(first.findings, goal),
      withSuppressions: weekly(
        first.findings.filter((finding) => suppressedBy(proposed, finding) === undefined),
        goal,
      ),
      withThresholds: weekly(quieter, goal),
    },
  };
}

interface Raised {
  readonly proposal: ProposedThresholds;
  /** Reported with the proposed values. */
  readonly findings: readonly Finding[];
}

/** Raises thresholds of detections that report too much, and replays until they meet the goal, or cannot be raised further. */
async function raise(request: TuneRequest, first: Replay, ran: readonly Analysis[], goal: Goal): Promise<Raised[]> {
  const of = ({ findings }: Replay, { id }: Analysis) => findings.filter(({ detection }) => detection === id);
  const values = new Map<string, Record<string, number>>();
  const latest = new Map<string, Replay>(ran.map(({ id }) => [id, first]));
  let open: Analysis[] = [...ran];
  for (let round = 0; round < ROUNDS; round++) {
    open = open.filter((analysis) => {
      const before = latest.get(analysis.id) ?? first;
      if (!exceeds(weekly(of(before, analysis), goal), goal)) return false;
      const parameters = { ...request.parameters.get(analysis.id), ...values.get(analysis.id) };
      const raised = raisedThresholds(analysis, before.rows.get(analysis.id) ?? [], parameters, goal, request.suppressions);
      if (raised !== undefined) values.set(analysis.id, raised);
      return raised !== undefined;
    });
    if (open.length === 0) break;
    const parameters = new Map(open.map(({ id }) => [id, { ...request.parameters.get(id), ...values.get(id) }]));
    const next = await replay(request, open, parameters);
    for (const { id } of open) latest.set(id, next);
  }
  return ran.flatMap((analysis) => {
    const raised = values.get(analysis.id);
    if (raised === undefined) return [];
    const [before, after] = [of(first, analysis), of(latest.get(analysis.id) ?? first, analysis)];
    if (weekly(after, goal) >= weekly(before, goal)) return [];
    const hidden = hiddenBy(before, after);
    const own = request.parameters.get(analysis.id) ?? {};
    const proposal: ProposedThresholds = {
      detection: analysis.id,
      values: Object.fromEntries(
        Object.entries(raised).map(([name, to]) => [name, { from: Number(own[name] ?? analysis.parameters[name]?.default), to }]),
      ),
      perWeek: { before: weekly(before, goal), after: weekly(after, goal) },
      hides: countBySeverity(hidden),
      worst: worstTitle(hidden),
    };
    return [{ proposal, findings: after }];
  });
}
