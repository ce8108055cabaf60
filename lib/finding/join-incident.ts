/** Groups findings of runs into incidents, so that people get one message for one event. lib/finding/incident.ts does the same for findings in memory. */
import { compareSeverity, type Severity } from '../analysis/severity';
import type { Finding } from './finding';
import { actorsOf, INCIDENT_GAP_MS } from './incident';
import type { Pending } from './store';

export interface OpenIncident {
  /** The id of its first finding. */
  readonly id: string;
  /** Of the last message about it. */
  readonly severity: Severity;
  /** Title of its first finding. */
  readonly title: string;
  /** ISO times of its begin and of its end so far. */
  readonly time: string;
  readonly until: string;
  /** Ids of its findings, oldest first; at most {@link PARTS}. */
  readonly parts: readonly string[];
  /** Ids of the findings that messages were about. */
  readonly told: readonly string[];
}

/** What is known of an actor: its incident, or the actor whose incident it takes part in. */
export interface StoredIncident {
  readonly actor: string;
  readonly of: OpenIncident | { readonly actor: string };
  /** Unix milliseconds when it was last added to; undefined once its end was sent. */
  readonly openSince?: number | undefined;
  /** Counts the changes; 0 before the first. */
  readonly revision: number;
  /** Unix seconds. */
  readonly expires: number;
}

export interface IncidentStore {
  incident(actor: string): Promise<StoredIncident | undefined>;
  /** False if it was changed since it was read. */
  saveIncident(stored: StoredIncident): Promise<boolean>;
  /** Incidents that are open and were last added to before a time. */
  quietIncidents(beforeMs: number): Promise<StoredIncident[]>;
}

/** An incident to which nothing was added for so long has ended: longer than the usual schedules are apart. */
export const ENDED_AFTER_MS = 3 * 3_600_000;
const KEPT_SECONDS = 2 * 86_400;
const PARTS = 100;
const ATTEMPTS = 5;

export interface Joined {
  /** Id of the incident. */
  readonly incident: string;
  /** Whether people are notified: the incident is new, or got worse. */
  readonly tell: boolean;
}

/** @throws where the store fails, or others change the same incident again and again */
export async function joinIncident(store: IncidentStore, finding: Finding, change: Pending, nowMs: number): Promise<Joined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const joined = await tryJoin(store, finding, change, nowMs);
    if (joined !== undefined) return joined;
  }
  throw new Error(`incident of ${finding.id}: changed concurrently ${ATTEMPTS} times during the update`);
}

async function tryJoin(store: IncidentStore, finding: Finding, change: Pending, nowMs: number): Promise<Joined | undefined> {
  const actors = actorsOf(finding);
  const stored = await Promise.all(actors.map((actor) => store.incident(actor)));
  const leaders = await Promise.all(
    stored.map(async (one) => (one !== undefined && 'actor' in one.of ? store.incident(one.of.actor) : one)),
  );
  const live = leaders.find((one) => one !== undefined && 'id' in one.of && near(one.of, finding));
  const before = live !== undefined && 'id' in live.of ? live.of : undefined;
  const leader = live?.actor ?? actors[0] ?? finding.key;
  const { next, tell } = withFinding(before, finding, change);
  const expires = Math.floor(nowMs / 1000) + KEPT_SECONDS;
  const revisionOf = (actor: string) => [...stored, ...leaders].find((one) => one?.actor === actor)?.revision ?? 0;
  if (!(await store.saveIncident({ actor: leader, of: next, openSince: nowMs, revision: revisionOf(leader), expires }))) return undefined;
  for (const [i, actor] of actors.entries()) {
    const known = stored[i];
    if (actor === leader || (known !== undefined && 'actor' in known.of && known.of.actor === leader)) continue;
    // Another incident of this actor goes on by itself.
    if (known !== undefined && 'id' in known.of && near(known.of, finding)) continue;
    await store.saveIncident({ actor, of: { actor: leader }, revision: known?.revision ?? 0, expires });
  }
  return { incident: next.id, tell };
}

const near = (incident: OpenIncident, finding: Finding): boolean =>
  Date.parse(finding.time) <= Date.parse(incident.until) + INCIDENT_GAP_MS &&
  Date.parse(finding.until) + INCIDENT_GAP_MS >= Date.parse(incident.time);

/** An incident with a finding more. A finding that its sink did not accept is sent again. */
function withFinding(before: OpenIncident | undefined, finding: Finding, change: Pending): { next: OpenIncident; tell: boolean } {
  const { id, severity, title, time, until } = finding;
  if (before === undefined) return { next: { id, severity, title, time, until, parts: [id], told: [id] }, tell: true };
  const worse = compareSeverity(severity, before.severity);
  const tell = before.told.includes(id) || worse > 0 || (change === 'escalated' && worse === 0);
  return {
    tell,
    next: {
      ...before,
      severity: worse > 0 ? severity : before.severity,
      time: time < before.time ? time : before.time,
      until: until > before.until ? until : before.until,
      parts: [...new Set([...before.parts, id])].slice(0, PARTS),
      told: tell ? [...new Set([...before.told, id])].slice(-PARTS) : before.told,
    },
  };
}

/** Takes the incidents that have ended; each is taken by one run. */
export async function takeEnded(store: IncidentStore, nowMs: number): Promise<OpenIncident[]> {
  const ended: OpenIncident[] = [];
  for (const one of await store.quietIncidents(nowMs - ENDED_AFTER_MS))
    if ('id' in one.of && (await store.saveIncident({ ...one, openSince: undefined }))) ended.push(one.of);
  return ended;
}
