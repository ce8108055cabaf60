import type { Half } from '../workloads/workload';
import type { Stage } from './stage';

/** What happened, in the form of `<capture>.incidents.json`. */
export interface Incident {
  readonly id: string;
  readonly kind: string;
  /** Addresses and interfaces that took part: a finding about one of them is not wrong. */
  readonly actors: readonly string[];
  /** What a finding must name to count as having seen it; one of the actors if absent. */
  readonly need?: readonly string[];
  /** Connections, attempts or packets of it. */
  readonly n?: number;
  /** Unix seconds, of its first and last packet. */
  readonly from: number;
  readonly to: number;
}

export type Planted = Omit<Incident, 'id' | 'kind'>;

export interface Variant {
  readonly name: string;
  readonly half: Half;
  /** Days from its begin to its end, rounded up, so that it fits into the capture. Default 1. */
  readonly days?: number;
  /** Begins in the first two days, where nothing has a past. Default false. */
  readonly early?: boolean;
  /** Plants it and returns what happened; none if this network has no host for it. */
  plant(stage: Stage): Planted | undefined;
}

export interface AttackKind {
  /** Name of its folder, whose README says what it imitates. */
  readonly kind: string;
  /** `refused`: groups stop it. `let-out`: they let it pass, or stop it on the way out where egress is strict. */
  readonly side: 'refused' | 'let-out';
  /** Whether 15 minutes are enough to tell. */
  readonly prompt: boolean;
  readonly variants: readonly Variant[];
}
