import type { EstimatedSchedule, ScheduleChoice } from './schedules';
import { scheduleLine, type WatchRequest, watchLines } from './watch';

export interface Saving {
  /** As a configuration says it. */
  readonly option: string;
  /** USD a month. */
  readonly usd: number;
}

/** Intervals that a schedule can have instead: the next longer one is proposed. */
const INTERVALS: readonly (readonly [seconds: number, text: string])[] = [
  [3600, '1h'],
  [3 * 3600, '3h'],
  [6 * 3600, '6h'],
  [86400, '1d'],
];
/** Detections that cost the most, of which options are looked at. */
const LOOKED_AT = 4;

/**
 * What leaving out a detection, or running it less often, saves of a watch: the most first. What takes the place of one that is left out
 * is estimated in.
 * @param choose the schedules of a choice
 */
export function savingsOf(
  request: Omit<WatchRequest, 'schedules'>,
  choice: ScheduleChoice,
  choose: (choice: ScheduleChoice) => readonly EstimatedSchedule[],
): Saving[] {
  const total = (schedules: readonly EstimatedSchedule[]) => watchLines({ ...request, schedules }).reduce((sum, { usd }) => sum + usd, 0);
  const now = choose(choice);
  const costs = new Map<string, number>();
  for (const schedule of now) {
    const id = idOf(schedule);
    costs.set(id, (costs.get(id) ?? 0) + scheduleLine(schedule, { ...request, schedules: now }).usd);
  }
  const costly = [...costs].sort(([, a], [, b]) => b - a).slice(0, LOOKED_AT);
  return costly
    .flatMap(([id]): Saving[] => {
      const saved = (option: string, other: ScheduleChoice) => ({ option, usd: total(now) - total(choose({ ...choice, ...other })) });
      const every = now.find((schedule) => idOf(schedule) === id)?.everySeconds ?? Infinity;
      const longer = INTERVALS.find(([seconds]) => seconds > every)?.[1];
      return [
        saved(`watch.exclude: [${id}]`, { exclude: [...(choice.exclude ?? []), id] }),
        ...(longer === undefined
          ? []
          : [
              saved(`watch.schedules.${id}: { every: ${longer} }`, {
                schedules: { ...choice.schedules, [id]: { ...choice.schedules?.[id], every: longer } },
              }),
            ]),
      ];
    })
    .filter(({ usd }) => usd > 0)
    .sort((a, b) => b.usd - a.usd);
}

/** Without the profile. */
const idOf = ({ name }: EstimatedSchedule): string => name.split('@')[0] ?? name;
