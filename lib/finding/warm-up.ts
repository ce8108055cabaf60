/** The time for which a detection has too little history. */
import { humanBytes, humanCount, humanNumber } from '../analysis/human';
import type { ParameterValue } from '../analysis/literal';
import { isoTime } from '../analysis/render';
import type { AnalysisDefinition } from '../analysis/schema';
import { bucketSeconds } from './finding';
import type { NotJudged } from './not-judged';

type Values = Readonly<Record<string, ParameterValue>>;

const HOUR = 3600;
/** Seconds that parameters of these names count; undefined: buckets of the detection. */
const WARM_UPS: Readonly<Record<string, number | undefined>> = {
  warm_up_days: 24 * HOUR,
  warm_up_hours: HOUR,
  warm_up_buckets: undefined,
  min_seen_buckets: undefined,
};

/** Seconds of history that a detection needs before it judges anything; 0 where it needs none. */
export function warmUpSeconds(analysis: AnalysisDefinition, parameters: Values = {}): number {
  const bucket = bucketSeconds(analysis, parameters);
  return Math.max(
    0,
    ...Object.entries(WARM_UPS).map(
      ([name, unit]) => Number(parameters[name] ?? analysis.parameters[name]?.default ?? 0) * (unit ?? bucket),
    ),
  );
}

/** What is reported during the warm-up all the same. */
function meanwhile(analysis: AnalysisDefinition, parameters: Values): string {
  const limit = Number(parameters['absolute_limit'] ?? analysis.parameters['absolute_limit']?.default);
  if (Number.isNaN(limit)) return '';
  return `. Meanwhile ${humanBytes(limit)} in ${hours(bucketSeconds(analysis, parameters))} are reported, from the seventh hour on (absolute_limit)`;
}

const hours = (seconds: number): string => humanCount(Math.round(seconds / HOUR), 'hour');

/**
 * The part of a window that the history is too short for.
 * @param held of which time there are records, in Unix seconds
 */
export function warmingUp(
  analysis: AnalysisDefinition,
  parameters: Values = {},
  held: { readonly from: number; readonly to: number },
  window: { readonly from: number; readonly to: number },
): NotJudged | undefined {
  const needed = warmUpSeconds(analysis, parameters);
  const judgedFrom = held.from + needed;
  const end = Math.min(held.to, window.to);
  if (needed === 0 || judgedFrom <= window.from || end <= window.from) return undefined;
  const common = { detection: analysis.id, why: 'warm-up' as const };
  if (judgedFrom < end)
    return {
      ...common,
      reason: `nothing before ${isoTime(judgedFrom)}, for lack of ${hours(needed)} of history${meanwhile(analysis, parameters)}`,
    };
  const lackingHours = Math.ceil((judgedFrom - end) / HOUR);
  return {
    ...common,
    lackingHours,
    reason: `${hours(needed)} of history are needed, there are ${humanNumber(Math.floor((end - held.from) / HOUR))}: ${humanCount(lackingHours, 'hour')} lacking${meanwhile(analysis, parameters)}`,
  };
}
