import { scheduleLine, type WatchRequest, watchLines } from './watch';

export interface Saving {
  /** As a configuration says it. */
  readonly option: string;
  /** USD a month. */
  readonly usd: number;
}

/** Intervals that a schedule can have instead, in seconds: the next longer one is proposed. */
const INTERVALS: readonly (readonly [seconds: number, text: string])[] = [
  [3600, '1h'],
  [3 * 3600, '3h'],
  [6 * 3600, '6h'],
  [86400, '1d'],
];

/** What leaving out a detection, or running it less often, saves of a watch: the most first. Longer intervals read longer windows, which is small beside their past. */
export function savingsOf(request: WatchRequest): Saving[] {
  const total = (schedules: WatchRequest['schedules']) => watchLines({ ...request, schedules }).reduce((sum, { usd }) => sum + usd, 0);
  const now = total(request.schedules);
  const costly = [...request.schedules].sort((a, b) => scheduleLine(b, request).usd - scheduleLine(a, request).usd).slice(0, 4);
  return costly
    .flatMap((schedule): Saving[] => {
      const savedBy = (other: typeof schedule | undefined) =>
        now - total(request.schedules.flatMap((one) => (one === schedule ? (other === undefined ? [] : [other]) : [one])));
      const longer = INTERVALS.find(([seconds]) => seconds > schedule.everySeconds);
      const more = (longer?.[0] ?? 0) - schedule.everySeconds;
      const slower =
        longer === undefined
          ? undefined
          : { ...schedule, everySeconds: longer[0], reads: schedule.reads.map((read) => ({ ...read, hours: read.hours + more / 3600 })) };
      return [
        { option: `watch.exclude: [${schedule.name}]`, usd: savedBy(undefined) },
        ...(slower === undefined
          ? []
          : [{ option: `watch.schedules.${schedule.name}: { every: ${longer?.[1] ?? ''} }`, usd: savedBy(slower) }]),
      ];
    })
    .filter(({ usd }) => usd > 0)
    .sort((a, b) => b.usd - a.usd);
}
