import type { Site } from '../world/site';

/** Which of its two forms: other sizes, addresses and habits, so that what was tuned on one is reported on the other. */
export type Half = 'tuning' | 'reporting';

/** A kind of ordinary network. */
export interface Workload {
  /** Name of its folder, whose README says what it imitates. */
  readonly kind: string;
  /** Days that its capture lasts; ten if absent. */
  readonly days?: Readonly<Record<Half, number>>;
  /** Unix seconds; a Monday of November 2026 if absent. */
  readonly begin?: Readonly<Record<Half, number>>;
  readonly aggregationSeconds?: Readonly<Record<Half, 60 | 600>>;
  /** Adds hosts and all their traffic from `site.from` to `site.to`. */
  build(site: Site, half: Half): void;
}
