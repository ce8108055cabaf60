import type { Side } from './scenario';
import { events, f1, found, loud, medianDelay, perIncident, precision, recall, type Score } from './score';
import { atLeast, type Told } from './told';

/** One set of rules on one side: incidents of networks with attacks. */
export interface SideResult {
  readonly rules: string;
  readonly found: number;
  readonly of: number;
  readonly wrong: number;
  readonly recall: number;
  readonly precision: number;
  readonly f1: number;
  readonly findingsPerIncident: number;
  readonly delayMinutes: number | null;
}

/** Ours on one kind of attack. */
export interface KindResult {
  readonly kind: string;
  readonly side: Side;
  readonly found: number;
  readonly of: number;
  readonly findingsPerIncident: number;
  readonly delayMinutes: number | null;
  readonly severities: Readonly<Record<string, number>>;
  /** Names of the detections that saw it, most frequent first. */
  readonly by: readonly string[];
}

export interface NoiseResult {
  readonly kind: string;
  readonly interfaces: number;
  readonly interfaceWeeks: number;
  readonly records: number;
  /** Events of medium severity and above of each set of rules, per 100 interfaces and week. */
  readonly noise: Readonly<Record<string, number>>;
  /** Of ours. */
  readonly high: number;
  readonly medium: number;
  readonly quieter: number;
}

export interface DetectionResult {
  readonly detection: string;
  /** Incidents that it saw. */
  readonly saw: number;
  /** Findings that were right, and wrong ones on networks with attacks. */
  readonly right: number;
  readonly wrong: number;
  /** Findings of medium severity and above on ordinary networks. */
  readonly noise: number;
}

export interface SeriesResult {
  readonly rules: string;
  readonly found: number;
  readonly of: number;
  readonly precision: number;
  readonly f1: number;
}

export interface Results {
  /** ISO day on which it was measured. */
  readonly measured: string;
  readonly half: string;
  readonly sides: Readonly<Record<string, readonly SideResult[]>>;
  readonly kinds: readonly KindResult[];
  readonly noise: readonly NoiseResult[];
  readonly detections: readonly DetectionResult[];
  readonly honeypot: readonly SeriesResult[];
  readonly numenta: readonly SeriesResult[];
}

const round = (value: number, digits = 3) => Number(value.toFixed(digits));

export const sideResult = (rules: string, score: Score): SideResult => ({
  rules,
  found: found(score).length,
  of: score.seen.length,
  wrong: events(loud(score.wrong)),
  recall: round(recall(score)),
  precision: round(precision(score)),
  f1: round(f1(score)),
  findingsPerIncident: round(perIncident(score), 2),
  delayMinutes: medianDelay(score) === undefined ? null : round(medianDelay(score) ?? 0, 1),
});

export const seriesResult = (rules: string, score: Score, from: Told['severity'] = 'low'): SeriesResult => ({
  rules,
  found: found(score).length,
  of: score.seen.length,
  precision: round(precision(score, from)),
  f1: round(f1(score, from)),
});

const worst = (told: readonly Told[]) =>
  (['critical', 'high', 'medium', 'low', 'info'] as const).find((s) => told.some((one) => atLeast(one, s))) ?? 'info';

export function kindResults(side: Side, score: Score): KindResult[] {
  return [...new Set(score.seen.map(({ incident }) => incident.kind))].map((kind): KindResult => {
    const own: Score = { ...score, seen: score.seen.filter(({ incident }) => incident.kind === kind) };
    const severities: Record<string, number> = {};
    const by = new Map<string, number>();
    for (const { by: told } of found(own)) {
      severities[worst(told)] = (severities[worst(told)] ?? 0) + 1;
      for (const rule of new Set(told.map((one) => one.rule))) by.set(rule, (by.get(rule) ?? 0) + 1);
    }
    const { found: n, of, findingsPerIncident, delayMinutes } = sideResult('', own);
    return {
      kind,
      side,
      found: n,
      of,
      findingsPerIncident,
      delayMinutes,
      severities,
      by: [...by].sort((a, b) => b[1] - a[1]).map(([rule]) => rule),
    };
  });
}

/** Events of at least a severity, per 100 interfaces and week. */
export const perHundred = (told: readonly Told[], severity: Told['severity'], interfaceWeeks: number): number =>
  interfaceWeeks === 0 ? 0 : round((100 * events(told.filter((one) => atLeast(one, severity)))) / interfaceWeeks, 2);

/** Of several kinds of network together. */
export function noiseOverAll(noise: readonly NoiseResult[], rules: string): number {
  const weeks = noise.reduce((sum, { interfaceWeeks }) => sum + interfaceWeeks, 0);
  const told = noise.reduce((sum, one) => sum + ((one.noise[rules] ?? 0) * one.interfaceWeeks) / 100, 0);
  return weeks === 0 ? 0 : round((100 * told) / weeks, 2);
}
