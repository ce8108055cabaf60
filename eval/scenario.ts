import { ATTACKS } from './attacks/all';
import type { AttackKind, Variant } from './attacks/attack';
import { WORKLOADS } from './workloads/all';
import type { Half } from './workloads/workload';

/** `ordinary`: no attack. `refused`: groups between roles, attacks that they stop. `open`, `strict`: what egress groups let out. */
export const SIDES = ['ordinary', 'refused', 'open', 'strict'] as const;
export type Side = (typeof SIDES)[number];

export interface PlannedAttack {
  readonly kind: AttackKind;
  readonly variant: Variant;
}

/** A capture to be made: a network of a kind, and what is planted into it. */
export interface Scenario {
  readonly name: string;
  readonly side: Side;
  readonly half: Half;
  /** Kind of workload. */
  readonly workload: string;
  readonly seed: number;
  readonly format: 'v2' | 'v5';
  readonly attacks: readonly PlannedAttack[];
}

/** Kinds that only the reporting half has: nothing was tuned on any form of them. */
export const HELD_OUT: readonly string[] = ['functions', 'mail-relay', 'windows-domain', 'daylight-saving', 'kubernetes-api'];

/** Networks into which attacks are planted, and how many of their hosts the internet reaches. */
const STAGES: Readonly<Record<Half, readonly { readonly workload: string; readonly publicHosts: number }[]>> = {
  tuning: [
    { workload: 'web-tier', publicHosts: 13 },
    { workload: 'fleet-nat', publicHosts: 0 },
    { workload: 'internet-noise', publicHosts: 24 },
    { workload: 'container-hosts', publicHosts: 0 },
  ],
  reporting: [
    { workload: 'internet-noise', publicHosts: 38 },
    { workload: 'container-hosts', publicHosts: 0 },
    { workload: 'own-resolvers', publicHosts: 2 },
    { workload: 'fleet-nat', publicHosts: 0 },
    { workload: 'bastion-vpn', publicHosts: 8 },
  ],
};

/** Public hosts that an attack of a kind takes; none if absent. */
const TAKES: Readonly<Record<string, number>> = {
  'port-scan': 1,
  hammering: 1,
  'slow-scan': 1,
  crowd: 1,
  'flood-in': 1,
  'admin-login': 1,
  'guess-succeeds': 1,
  guessing: 1,
};
/** A sweep takes none for itself but needs several. */
const SWEPT = 6;

const SEEDS: Readonly<Record<Half, number>> = { tuning: 1000, reporting: 9000 };

/** Attacks dealt in turn to the networks that have the hosts for them. */
function deal(half: Half, side: 'refused' | 'let-out'): Map<string, PlannedAttack[]> {
  const tables = STAGES[half].map(({ workload, publicHosts }) => ({
    workload,
    publicHosts,
    left: publicHosts,
    hand: [] as PlannedAttack[],
  }));
  for (const kind of ATTACKS.filter((one) => one.side === side))
    for (const variant of kind.variants.filter((one) => one.half === half)) {
      const takes = TAKES[kind.kind] ?? 0;
      const least = tables
        .filter(({ left, publicHosts }) => left >= takes && (kind.kind !== 'sweep-in' || publicHosts >= SWEPT))
        .sort((a, b) => a.hand.length - b.hand.length)[0];
      if (least === undefined) throw new Error(`${half}: no network for ${kind.kind}`);
      least.left -= takes;
      least.hand.push({ kind, variant });
    }
  return new Map(tables.map(({ workload, hand }) => [workload, hand]));
}

export function scenarios(half: Half): Scenario[] {
  const seed = SEEDS[half];
  const ordinary = WORKLOADS.filter(({ kind }) => half === 'reporting' || !HELD_OUT.includes(kind)).map(({ kind }, i): Scenario => ({
    name: kind,
    side: 'ordinary',
    half,
    workload: kind,
    seed: seed + i,
    format: i % 3 === 2 ? 'v5' : 'v2',
    attacks: [],
  }));
  const attacked = (['refused', 'open', 'strict'] as const).flatMap((side, s) =>
    [...deal(half, side === 'refused' ? 'refused' : 'let-out')]
      .filter(([, attacks]) => attacks.length > 0)
      .map(([workload, attacks], i): Scenario => ({
        name: `${side} in ${workload}`,
        side,
        half,
        workload,
        seed: seed + 100 * (s + 1) + i,
        format: (i + s) % 3 === 2 ? 'v5' : 'v2',
        attacks,
      })),
  );
  return [...ordinary, ...attacked];
}
