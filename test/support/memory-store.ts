import type { IncidentStore, StoredIncident } from '../../lib/finding/join-incident';
import type { FindingStore, StoredFinding } from '../../lib/finding/store';

/** The table of findings in memory, with its conditions; `broken` makes it unavailable. */
export class MemoryStore implements FindingStore, IncidentStore {
  readonly items = new Map<string, StoredFinding>();
  readonly incidents = new Map<string, StoredIncident>();
  broken = false;
  private check() {
    if (this.broken) throw new Error('the table is unavailable');
  }
  async incident(actor: string) {
    this.check();
    return this.incidents.get(actor);
  }
  async saveIncident(stored: StoredIncident) {
    this.check();
    if ((this.incidents.get(stored.actor)?.revision ?? 0) !== stored.revision) return false;
    this.incidents.set(stored.actor, { ...stored, revision: stored.revision + 1 });
    return true;
  }
  async quietIncidents(beforeMs: number) {
    this.check();
    return [...this.incidents.values()].filter(({ openSince }) => openSince !== undefined && openSince < beforeMs);
  }
  async findings(key: string) {
    this.check();
    return [...this.items.values()].filter(({ state }) => state.key === key);
  }
  async save(stored: StoredFinding) {
    this.check();
    const known = this.items.get(stored.state.id);
    if ((known?.revision ?? 0) !== stored.revision) return false;
    this.items.set(stored.state.id, { ...stored, revision: stored.revision + 1 });
    return true;
  }
  async untold(detection: string, beforeMs: number) {
    this.check();
    return [...this.items.values()].filter(
      (one) => one.detection === detection && one.pending !== undefined && (one.pendingSince ?? 0) < beforeMs,
    );
  }
  private change(stored: StoredFinding, part: Partial<StoredFinding>) {
    this.check();
    const known = this.items.get(stored.state.id);
    if (known?.pendingSince !== stored.pendingSince) return false;
    this.items.set(stored.state.id, { ...known!, ...part });
    return true;
  }
  async claim(stored: StoredFinding, nowMs: number) {
    return this.change(stored, { pendingSince: nowMs });
  }
  async told(stored: StoredFinding) {
    this.change(stored, { pending: undefined, pendingSince: undefined, toldBy: undefined });
  }
  async release(stored: StoredFinding, toldBy: readonly string[]) {
    this.change(stored, { pendingSince: 0, toldBy });
  }
}
