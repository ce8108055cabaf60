import type { Site } from '../world/site';

/** Which of its two forms: other sizes, addresses and habits, so that what was tuned on one is reported on the other. */
export type Half = 'tuning' | 'reporting';

/** A kind of ordinary network. */
export interface Workload {
  /** Name of its folder, whose README says what it imitates. */
  readonly kind: string;
  /** Adds hosts and all their traffic from `site.from` to `site.to`. */
  build(site: Site, half: Half): void;
}
