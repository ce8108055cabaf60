const SECONDS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 } as const;

/** A duration such as `90s`, `15m`, `24h`, `7d`, `2w`, as the text and in seconds. */
export const DURATION_PATTERN = /^([1-9]\d{0,5})([smhdw])$/;

/** Seconds of a duration; undefined if the text is none. */
export function durationSeconds(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  return match === null ? undefined : Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS];
}
