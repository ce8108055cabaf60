/** Rows of a run into the store; the answer is what has to be told. */
import type { Row } from '../analysis/columns';
import { durationSeconds } from '../analysis/duration';
import type { AnalysisDefinition } from '../analysis/schema';
import { foldRow, keyOf, oldestFirst } from './finding';
import type { FindingStore, Pending, StoredIncident } from './store';

export interface RecordRequest {
  readonly store: FindingStore;
  readonly analysis: AnalysisDefinition;
  readonly rows: readonly Row[];
  readonly nowMs: number;
  /** Of the schedule, without lists from elsewhere. */
  readonly parameters?: StoredIncident['parameters'];
}

/** How long an incident is remembered after it can no longer take rows. */
const KEPT_SECONDS = 14 * 86400;
const ATTEMPTS = 5;
const KEYS_AT_ONCE = 16;

/** @throws where the store fails, or somebody else changes the same finding again and again */
export async function recordRows(request: RecordRequest): Promise<StoredIncident[]> {
  const { analysis, rows } = request;
  const byKey = new Map<string, Row[]>();
  for (const row of oldestFirst(analysis, rows)) {
    const key = keyOf(analysis, row);
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  const groups = [...byKey];
  const changed: StoredIncident[] = [];
  for (let i = 0; i < groups.length; i += KEYS_AT_ONCE)
    changed.push(...(await Promise.all(groups.slice(i, i + KEYS_AT_ONCE).map(([key, ofKey]) => recordKey(request, key, ofKey)))).flat());
  return changed;
}

async function recordKey(request: RecordRequest, key: string, rows: readonly Row[]): Promise<StoredIncident[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const changed = foldRows(request, await request.store.incidents(key), rows);
    const saved = await Promise.all(changed.map((stored) => request.store.save(stored)));
    if (saved.every(Boolean)) return changed.filter(({ pending }) => pending !== undefined);
  }
  throw new Error(`finding ${key}: changed by others ${ATTEMPTS} times while it was recorded`);
}

function foldRows(
  { analysis, nowMs, parameters }: RecordRequest,
  before: readonly StoredIncident[],
  rows: readonly Row[],
): StoredIncident[] {
  const expires = Math.floor(nowMs / 1000) + (durationSeconds(analysis.finding?.dedupFor ?? '') ?? 0) + KEPT_SECONDS;
  const current = new Map(before.map((stored) => [stored.incident.id, stored]));
  const changed = new Set<string>();
  for (const row of rows) {
    const { incident, change } = foldRow(
      analysis,
      [...current.values()].map((stored) => stored.incident),
      row,
    );
    if (change === 'repeated') continue;
    const known = current.get(incident.id);
    const tell: Pending | undefined = known?.pending ?? (change === 'updated' ? undefined : change);
    current.set(incident.id, {
      incident,
      detection: analysis.id,
      parameters,
      revision: known?.revision ?? 0,
      expires,
      ...(tell === undefined ? {} : { pending: tell, pendingSince: nowMs }),
    });
    changed.add(incident.id);
  }
  return [...current.values()].filter(({ incident }) => changed.has(incident.id));
}
