import type { Hour } from '../../lib/lake/hours';
import type { Compacted, Ledger, Range } from '../../lib/lake/lake';

/** The ledger's table in memory, with its conditions. */
export class MemoryLedger implements Ledger {
  private readonly leases = new Map<Hour, { run: string; untilMs: number }>();
  private readonly done = new Map<Hour, Compacted>();
  private readonly verified = new Map<Hour, Compacted>();
  private current: Range | undefined;

  async acquire(hour: Hour, run: string, { nowMs, untilMs }: { nowMs: number; untilMs: number }) {
    const lease = this.leases.get(hour);
    if (lease !== undefined && lease.untilMs >= nowMs) return 'busy' as const;
    this.leases.set(hour, { run, untilMs });
    return 'acquired' as const;
  }
  async holds(hour: Hour, run: string) {
    return this.leases.get(hour)?.run === run;
  }
  async finish(hour: Hour, run: string, done: Compacted) {
    if (!(await this.holds(hour, run))) return false;
    this.leases.delete(hour);
    this.done.set(hour, done);
    return true;
  }
  async release(hour: Hour, run: string) {
    if (await this.holds(hour, run)) this.leases.delete(hour);
  }
  async compacted(hour: Hour) {
    return this.done.get(hour);
  }
  async setVerified(hour: Hour, done: Compacted) {
    this.verified.set(hour, done);
  }
  async isVerified(hour: Hour) {
    const done = this.done.get(hour);
    return done !== undefined && this.verified.get(hour)?.run === done.run;
  }
  async range() {
    return this.current;
  }
  async setRange(range: Range) {
    this.current = range;
  }
}
