/** What a deployed watch runs by itself, and what each run reads: the choice of ScheduledAnalyses, as far as money goes. */
import type { Analysis, Catalogue } from '../analysis/catalogue';
import { durationSeconds } from '../analysis/duration';
import { exampleParameters, relationsOf } from '../analysis/render';
import { missingFields, openParameters } from '../analysis/requirements';
import { profileParameters, type ProfileValues } from '../analysis/role';
import { OVERLAP_SECONDS, runWindow, withoutReplaced } from '../analysis/schedule';
import type { RelationName } from '../analysis/relations';
import { bucketSeconds } from '../finding/finding';
import { DELIVERY_SLACK_SECONDS } from '../flow-log/layout';
import { columnsNeeded } from '../run';
import { readsOf } from './reads';
import { STAGE_SHARES } from './shares';

export interface EstimatedRead {
  readonly table: 'records' | RelationName;
  /** SQL names. */
  readonly columns: readonly string[];
  /** Hours of delivery, the past included. */
  readonly hours: number;
  /** Passes; those over stages count for a part of one. */
  readonly times: number;
  /** Passes over the table itself. */
  readonly passes: number;
}

export interface EstimatedSchedule {
  readonly name: string;
  readonly everySeconds: number;
  /** Queries a run. */
  readonly queries: number;
  readonly reads: readonly EstimatedRead[];
  /** It can run in Logs Insights. */
  readonly insights: boolean;
}

/** What a configuration says of schedules. */
export interface ScheduleChoice {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly schedules?:
    | undefined
    | Readonly<
        Record<
          string,
          {
            readonly enabled?: boolean | undefined;
            readonly every?: string | undefined;
            readonly parameters?: object | undefined;
            readonly parametersFrom?: object | undefined;
          }
        >
      >;
  /** Each makes a schedule more of the detections that it has values for. */
  readonly profiles?: undefined | Readonly<Record<string, ProfileValues>>;
}

/** @param columns SQL names of the records' columns */
export function schedulesOf(catalogue: Catalogue, columns: readonly string[], choice: ScheduleChoice = {}): EstimatedSchedule[] {
  const { include, exclude, schedules = {}, profiles = {} } = choice;
  const able = catalogue.all().filter((analysis) => {
    const own = schedules[analysis.id];
    return (
      analysis.kind === 'detection' &&
      (analysis.schedule ?? own?.every) !== undefined &&
      missingFields(analysis, {}, columns).length === 0 &&
      openParameters(analysis, { ...own?.parameters, ...own?.parametersFrom }).length === 0
    );
  });
  const wanted = able.filter(
    ({ id }) => (include?.includes(id) ?? true) && exclude?.includes(id) !== true && schedules[id]?.enabled !== false,
  );
  const chosen = withoutReplaced(wanted, wanted, (id) => include !== undefined || Object.hasOwn(schedules, id));
  return chosen.flatMap((analysis) => {
    const every = durationSeconds(schedules[analysis.id]?.every ?? analysis.schedule ?? '') ?? 3600;
    const own = Object.entries(profiles).filter(([, profile]) => profileParameters(profile, analysis) !== undefined);
    return [analysis.id, ...own.map(([name]) => `${analysis.id}@${name}`)].map((name) => ({
      name,
      ...scheduleOf(catalogue, analysis, every),
    }));
  });
}

/** What runs at an interval read. */
export function scheduleOf(catalogue: Catalogue, analysis: Analysis, everySeconds: number): Omit<EstimatedSchedule, 'name'> {
  const { from, to } = runWindow({
    scheduledTime: 1e9,
    lagSeconds: 0,
    everySeconds,
    bucketSeconds: bucketSeconds(analysis),
    overlapSeconds: OVERLAP_SECONDS,
  });
  // Objects are looked for until an hour after the window: their folders are named by when they were published.
  const hours = (back: string | undefined) => (to - from + (durationSeconds(back ?? '') ?? 0) + DELIVERY_SLACK_SECONDS) / 3600;
  const common = { everySeconds, insights: analysis.insights !== undefined };
  if (relationsOf(catalogue, analysis).size === 0)
    return {
      ...common,
      queries: 1,
      reads: [
        {
          table: 'records',
          columns: [...(columnsNeeded(catalogue, analysis, { parameters: exampleParameters(analysis) }) ?? [])],
          hours: hours(analysis.lookback),
          times: 1,
          passes: 1,
        },
      ],
    };
  const { queries, reads } = readsOf(catalogue, analysis, (stage) => STAGE_SHARES[`${analysis.id} ${stage}`] ?? 1);
  return {
    ...common,
    queries,
    reads: reads.map(({ relation, columns, times, passes }) => ({
      table: relation,
      columns,
      hours: hours(relation === 'conversations' ? analysis.reach : analysis.lookback),
      times,
      passes,
    })),
  };
}
