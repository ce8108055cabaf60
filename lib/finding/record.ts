/** Stores the rows of a run; returns the findings to send. */
import type { Row } from '../analysis/columns';
import { durationSeconds } from '../analysis/duration';
import type { AnalysisDefinition } from '../analysis/schema';
import { foldRow, keyOf, oldestFirst } from './finding';
import type { FindingStore, Pending, StoredFinding } from './store';

export interface RecordRequest {
  readonly store: FindingStore;
  readonly analysis: AnalysisDefinition;
  readonly rows: readonly Row[];
  readonly nowMs: number;
  /** Of the schedule, without lists from elsewhere. */
  readonly parameters?: StoredFinding['parameters'];
}

/** How long a finding is remembered after it can no longer take rows. */
const KEPT_SECONDS = 14 * 86400;
const ATTEMPTS = 5;
const KEYS_AT_ONCE = 16;

/** @throws if the store fails, or the same finding is changed concurrently again and again */
export async function recordRows(request: RecordRequest): Promise<StoredFinding[]> {
  const { analysis, rows } = request;
  const byKey = new Map<string, Row[]>();
  for (const row of oldestFirst(analysis, rows)) {
    const key = keyOf(analysis, row);
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  const groups = [...byKey];
  const changed: StoredFinding[] = [];
  for (let i = 0; i < groups.length; i += KEYS_AT_ONCE)
    changed.push(...(await Promise.all(groups.slice(i, i + KEYS_AT_ONCE).map(([key, ofKey]) => recordKey(request, key, ofKey)))).flat());
  return changed;
}

async function recordKey(request: RecordRequest, key: string, rows: readonly Row[]): Promise<StoredFinding[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const changed = foldRows(request, await request.store.findings(key), rows);
    const saved = await Promise.all(changed.map((stored) => request.store.save(stored)));
    if (saved.every(Boolean)) return changed.filter(({ pending }) => pending !== undefined);
  }
  throw new Error(`finding ${key}: changed concurrently ${ATTEMPTS} times during the update`);
}

function foldRows({ analysis, nowMs, parameters }: RecordRequest, before: readonly StoredFinding[], rows: readonly Row[]): StoredFinding[] {
  const expires = Math.floor(nowMs / 1000) + (durationSeconds(analysis.finding?.dedupFor ?? '') ?? 0) + KEPT_SECONDS;
  const current = new Map(before.map((stored) => [stored.state.id, stored]));
  const changed = new Set<string>();
  for (const row of rows) {
    const { state, change } = foldRow(
      analysis,
      [...current.values()].map((stored) => stored.state),
      row,
    );
    if (change === 'repeated') continue;
    const known = current.get(state.id);
    const tell: Pending | undefined = known?.pending ?? (change === 'updated' ? undefined : change);
    current.set(state.id, {
      state,
      detection: analysis.id,
      parameters,
      revision: known?.revision ?? 0,
      expires,
      ...(tell === undefined ? {} : { pending: tell, pendingSince: nowMs }),
    });
    changed.add(state.id);
  }
  return [...current.values()].filter(({ state }) => changed.has(state.id));
}
