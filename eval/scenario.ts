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

/** Networks into which attacks are planted, and whether the internet reaches many, some or none of their hosts. */
const STAGES: Readonly<Record<Half, readonly { readonly workload: string; readonly publicHosts: 'many' | 'some' | 'none' }[]>> = {
  tuning: [
    { workload: 'web-tier', publicHosts: 'many' },
    { workload: 'fleet-nat', publicHosts: 'none' },
    { workload: 'internet-noise', publicHosts: 'many' },
    { workload: 'container-hosts', publicHosts: 'none' },
  ],
  reporting: [
    { workload: 'internet-noise', publicHosts: 'many' },
    { workload: 'container-hosts', publicHosts: 'none' },
    { workload: 'own-resolvers', publicHosts: 'some' },
    { workload: 'fleet-nat', publicHosts: 'none' },
    { workload: 'bastion-vpn', publicHosts: 'some' },
  ],
};

/** What the attacks of a kind need of the internet's side of a network. */
const NEEDS: Readonly<Record<string, 'many' | 'some'>> = {
  'sweep-in': 'many',
  'port-scan': 'some',
  hammering: 'some',
  'slow-scan': 'some',
  crowd: 'some',
  'flood-in': 'some',
  'admin-login': 'some',
  'guess-succeeds': 'some',
  guessing: 'some',
};

const SEEDS: Readonly<Record<Half, number>> = { tuning: 1000, reporting: 7000 };

/** Attacks dealt in turn to the networks that have the hosts for them. */
function deal(half: Half, side: 'refused' | 'let-out'): Map<string, PlannedAttack[]> {
  const hands = new Map<string, PlannedAttack[]>();
  for (const kind of ATTACKS.filter((one) => one.side === side))
    for (const variant of kind.variants.filter((one) => one.half === half)) {
      const need = NEEDS[kind.kind];
      const able = STAGES[half].filter(({ publicHosts }) => need === undefined || publicHosts === 'many' || publicHosts === need);
      const least = [...able].sort((a, b) => (hands.get(a.workload)?.length ?? 0) - (hands.get(b.workload)?.length ?? 0))[0];
      if (least === undefined) throw new Error(`${half}: no network for ${kind.kind}`);
      hands.set(least.workload, [...(hands.get(least.workload) ?? []), { kind, variant }]);
    }
  return hands;
}

export function scenarios(half: Half): Scenario[] {
  const seed = SEEDS[half];
  const ordinary = WORKLOADS.filter(({ kind }) => half === 'reporting' || !HELD_OUT.includes(kind)).map(
    ({ kind }, i): Scenario => ({
      name: `${kind}`,
      side: 'ordinary',
      half,
      workload: kind,
      seed: seed + i,
      format: i % 3 === 2 ? 'v5' : 'v2',
      attacks: [],
    }),
  );
  const attacked = (['refused', 'open', 'strict'] as const).flatMap((side, s) =>
    [...deal(half, side === 'refused' ? 'refused' : 'let-out')].map(
      ([workload, attacks], i): Scenario => ({
        name: `${side} in ${workload}`,
        side,
        half,
        workload,
        seed: seed + 100 * (s + 1) + i,
        format: (i + s) % 3 === 2 ? 'v5' : 'v2',
        attacks,
      }),
    ),
  );
  return [...ordinary, ...attacked];
}
