/** Lengths of time buckets that people count in, in seconds. */
const STEPS = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000];

const MOST_BUCKETS = 300;

export interface Domain {
  /** Unix seconds, a multiple of {@link step}. */
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** The range in at most about 300 buckets of a length that people count in, its ends moved outwards to bucket edges. */
export function domainOf(from: number, to: number): Domain {
  const step = STEPS.find((seconds) => (to - from) / seconds <= MOST_BUCKETS) ?? Math.ceil((to - from) / MOST_BUCKETS / 86400) * 86400;
  return { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step, step };
}

/** Length of a bucket in words: `minute`, `5 minutes`. */
export const stepName = (seconds: number): string => {
  const [value, unit] =
    seconds % 86400 === 0
      ? [seconds / 86400, 'day']
      : seconds % 3600 === 0
        ? [seconds / 3600, 'hour']
        : seconds % 60 === 0
          ? [seconds / 60, 'minute']
          : [seconds, 'second'];
  return value === 1 ? unit : `${value} ${unit}s`;
};
