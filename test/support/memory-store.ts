import type { FindingStore, StoredIncident } from '../../lib/finding/store';

/** The table of findings in memory, with its conditions; `broken` makes it unavailable. */
export class MemoryStore implements FindingStore {
  readonly items = new Map<string, StoredIncident>();
  broken = false;
  private check() {
    if (this.broken) throw new Error('the table is unavailable');
  }
  async incidents(key: string) {
    this.check();
    return [...this.items.values()].filter(({ incident }) => incident.key === key);
  }
  async save(stored: StoredIncident) {
    this.check();
    const known = this.items.get(stored.incident.id);
    if ((known?.revision ?? 0) !== stored.revision) return false;
    this.items.set(stored.incident.id, { ...stored, revision: stored.revision + 1 });
    return true;
  }
  async untold(detection: string, beforeMs: number) {
    this.check();
    return [...this.items.values()].filter(
      (one) => one.detection === detection && one.pending !== undefined && (one.pendingSince ?? 0) < beforeMs,
    );
  }
  private change(stored: StoredIncident, part: Partial<StoredIncident>) {
    this.check();
    const known = this.items.get(stored.incident.id);
    if (known?.pendingSince !== stored.pendingSince) return false;
    this.items.set(stored.incident.id, { ...known!, ...part });
    return true;
  }
  async claim(stored: StoredIncident, nowMs: number) {
    return this.change(stored, { pendingSince: nowMs });
  }
  async told(stored: StoredIncident) {
    this.change(stored, { pending: undefined, pendingSince: undefined, toldBy: undefined });
  }
  async release(stored: StoredIncident, toldBy: readonly string[]) {
    this.change(stored, { pendingSince: 0, toldBy });
  }
}
