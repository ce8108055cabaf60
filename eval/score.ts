import type { Incident } from './attacks/attack';
import { atLeast, type Told } from './told';

/** What became of one incident. */
export interface Seen {
  readonly incident: Incident;
  /** What tells of it; empty if it was missed. */
  readonly by: readonly Told[];
  /** Minutes from its begin to the end of the first bucket that tells it. */
  readonly delayMinutes: number | undefined;
}

export interface Score {
  readonly seen: readonly Seen[];
  /** Told and about no incident. */
  readonly wrong: readonly Told[];
  readonly right: readonly Told[];
}

/** At the same time about somebody who took part. */
const concerns = (told: Told, { from, to, actors }: Incident) =>
  told.from <= to && told.until >= from && actors.some((actor) => told.names.has(actor));

/** Names what an analyst needs to act. */
const names = (told: Told, { need = [] }: Incident) => need.every((actor) => told.names.has(actor));

/**
 * `lenient`: it is enough to concern an incident, as for the rules of others, which name an interface and leave the rest to who looks.
 */
export function score(told: readonly Told[], incidents: readonly Incident[], lenient = false): Score {
  const heard = told.filter((one) => atLeast(one, 'info'));
  const seen = incidents.map((incident): Seen => {
    const by = heard.filter((one) => concerns(one, incident) && (lenient || names(one, incident)));
    const first = Math.min(...by.map(({ tellable }) => tellable));
    return { incident, by, delayMinutes: by.length === 0 ? undefined : Math.max(0, first - incident.from) / 60 };
  });
  const [right, wrong] = [true, false].map((is) => heard.filter((one) => incidents.some((incident) => concerns(one, incident)) === is));
  return { seen, right: right ?? [], wrong: wrong ?? [] };
}

/** Several captures as one. */
export const together = (scores: readonly Score[]): Score => ({
  seen: scores.flatMap(({ seen }) => seen),
  right: scores.flatMap(({ right }) => right),
  wrong: scores.flatMap(({ wrong }) => wrong),
});

export const found = ({ seen }: Score) => seen.filter(({ by }) => by.length > 0);
export const recall = (of: Score) => (of.seen.length === 0 ? 0 : found(of).length / of.seen.length);

/** What is for the record only (`info`) wakes nobody: it counts as seen, and is not wrong. */
const LOUD = 'low';
export const loud = (told: readonly Told[], from: Told['severity'] = LOUD) => told.filter((one) => atLeast(one, from));

export function precision({ right, wrong }: Score, from: Told['severity'] = LOUD): number {
  const [good, bad] = [events(loud(right, from)), events(loud(wrong, from))];
  return good + bad === 0 ? 0 : good / (good + bad);
}

export function f1(of: Score, from: Told['severity'] = LOUD): number {
  const [p, r] = [precision(of, from), recall(of)];
  return p + r === 0 ? 0 : (2 * p * r) / (p + r);
}

/** How many events are told: parts of one incident are one. */
export const events = (told: readonly Told[]): number => new Set(told.map(({ event }) => event)).size;

/** Events told for each incident that was found. */
export function perIncident(of: Score): number {
  const hits = found(of);
  return hits.length === 0 ? 0 : hits.reduce((sum, { by }) => sum + events(by), 0) / hits.length;
}

export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

export const medianDelay = (of: Score): number | undefined => median(of.seen.flatMap(({ delayMinutes }) => delayMinutes ?? []));
