import type { Attack } from './attacks';
import type { Told } from './rules';

export interface Score {
  readonly found: number;
  readonly of: number;
  readonly right: number;
  readonly wrong: readonly Told[];
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Minutes from the beginning of an attack to the end of the bucket that told it, the median. */
  readonly delayMinutes: number | undefined;
}

const concerns = (told: Told, attack: Attack) =>
  told.from < attack.to && told.until > attack.from && told.actors.some((actor) => attack.actors.includes(actor));

export const median = (values: readonly number[]): number | undefined => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

export function score(told: readonly Told[], attacks: readonly Attack[], alsoRight: readonly Attack[] = []): Score {
  const wrong = told.filter((one) => ![...attacks, ...alsoRight].some((attack) => concerns(one, attack)));
  // What concerns only the others is neither right nor wrong here.
  const right = told.filter((one) => attacks.some((attack) => concerns(one, attack))).length;
  const hits = attacks.map((attack) => ({ attack, by: told.filter((one) => concerns(one, attack)) })).filter(({ by }) => by.length > 0);
  const precision = right + wrong.length === 0 ? 0 : right / (right + wrong.length);
  const recall = attacks.length === 0 ? 0 : hits.length / attacks.length;
  return {
    found: hits.length,
    of: attacks.length,
    right,
    wrong,
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    delayMinutes: median(hits.map(({ attack, by }) => Math.max(0, Math.min(...by.map(({ until }) => until)) - attack.from) / 60)),
  };
}
