/** One scheduled run: window from the scheduled time → query → rows → findings → store → sinks. No SDK, no environment. */
import type { Context } from 'aws-lambda';
import type { Analysis } from '../../lib/analysis/catalogue';
import type { PackedCatalogue } from '../../lib/analysis/packed';
import { listEntries, type ParameterValue } from '../../lib/analysis/literal';
import { isoTime, relationsOf } from '../../lib/analysis/render';
import { runWindow } from '../../lib/analysis/schedule';
import { explainIssues } from '../../lib/analysis/schema';
import { printScope } from '../../lib/analysis/scope';
import { QueryError, type QueryStats } from '../../lib/engine/engine';
import { shellQuoted } from '../../lib/finding/command';
import { bucketSeconds, byTime, type Finding, findingOf } from '../../lib/finding/finding';
import { type Incident, incidentsOf } from '../../lib/finding/incident';
import { type IncidentStore, joinIncident, takeEnded } from '../../lib/finding/join-incident';
import { recordRows } from '../../lib/finding/record';
import type { Notification, Sink, TellContext } from '../../lib/finding/sink';
import type { FindingStore, Pending, StoredFinding } from '../../lib/finding/store';
import { inForce, suppressedBy, type Suppression } from '../../lib/finding/suppression';
import { runAnalysis, type RunTarget } from '../../lib/run';
import type { Log } from '../shared/log';
import { inputSchema, type ParsedInput } from './input';

/** Numbers of one run, by the names of {@link METRICS}. */
export interface RunNumbers {
  readonly succeeded: number;
  readonly failed: number;
  readonly duration: number;
  readonly bytesScanned: number;
  readonly cancelledByLimit: number;
  readonly truncated: number;
  readonly found: number;
  readonly escalated: number;
  readonly suppressed: number;
}

/** A target whose relations are built elsewhere. */
export interface ScheduledTarget extends RunTarget {
  /** Unix seconds `[from, to)` of the records whose relations are there. @default - all are */
  readonly held?: { readonly from: number; readonly to: number } | 'nothing' | undefined;
}

export interface Dependencies {
  readonly catalogue: PackedCatalogue;
  /** @throws where the stack has no such engine */
  readonly target: (engine: ParsedInput['engine']) => Promise<ScheduledTarget>;
  readonly store: FindingStore & IncidentStore;
  readonly sinks: readonly Sink[];
  readonly suppressions: readonly Suppression[];
  /** Text of an object in S3. */
  readonly read: (uri: string) => Promise<string>;
  /** Keeps an input that cannot succeed by trying again. */
  readonly bury: (input: unknown, reason: string) => Promise<void>;
  readonly publish: (schedule: string, numbers: RunNumbers) => void;
  readonly log: Log;
  readonly now: () => number;
  /** What every message says alike. */
  readonly about: Omit<TellContext, 'analysis' | 'engine' | 'queryId' | 'command'>;
  /** Options of `flowlogs` that name the target. */
  readonly commandOptions: (engine: ParsedInput['engine']) => string;
}

/** More rows than these are a sign of something else; the run says so. */
const MAX_ROWS = 10_000;
/** Left to remember what was found, and to stop the query, before the function is killed. */
const RESERVE_MS = 20_000;
/** After this time a run that began to send a finding counts as dead. */
const LEASE_MS = 20 * 60 * 1000;

const NOTHING: RunNumbers = {
  succeeded: 0,
  failed: 0,
  duration: 0,
  bytesScanned: 0,
  cancelledByLimit: 0,
  truncated: 0,
  found: 0,
  escalated: 0,
  suppressed: 0,
};

export interface Outcome {
  readonly schedule: string;
  readonly window: { readonly from: string; readonly to: string };
  readonly rows: number;
  readonly told: readonly string[];
  readonly suppressed: number;
}

/** An input that no retry can help. */
class PoisonError extends Error {
  override name = 'PoisonError';
}

export function createHandler(
  deps: Dependencies,
): (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<Outcome | undefined> {
  return async (event, context) => {
    const started = deps.now();
    const name = scheduleOf(event);
    try {
      const { outcome, numbers } = await run(deps, parse(event), context);
      deps.publish(name, { ...NOTHING, ...numbers, succeeded: 1, duration: (deps.now() - started) / 1000 });
      deps.log.info('run ended', outcome);
      return outcome;
    } catch (error) {
      const limit = error instanceof QueryError && error.kind === 'limit';
      deps.publish(name, { ...NOTHING, failed: 1, cancelledByLimit: limit ? 1 : 0, duration: (deps.now() - started) / 1000 });
      deps.log.error('run failed', { schedule: name, error: String(error), stack: (error as Error).stack });
      // Trying again would cost the same scan and fail the same way: it waits for a person and `flowlogs replay`.
      if (error instanceof PoisonError || (error instanceof QueryError && !error.retryable && error.kind !== 'unknown')) {
        await deps.bury(event, String(error));
        return undefined;
      }
      throw error;
    }
  };
}

const scheduleOf = (event: unknown): string => {
  const name = (event as { schedule?: unknown } | null)?.schedule;
  return typeof name === 'string' && name !== '' ? name : 'unknown';
};

function parse(event: unknown): ParsedInput {
  const parsed = inputSchema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new PoisonError(`input: ${explainIssues(parsed.error, event).join('; ')}`);
}

async function run(
  deps: Dependencies,
  input: ParsedInput,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<{ outcome: Outcome; numbers: Partial<RunNumbers> }> {
  const { store, now } = deps;
  const analysis = deps.catalogue.get(input.analysis);
  const parameters = { ...input.parameters, ...(await lists(deps, input)) };
  const seconds = bucketSeconds(analysis, parameters);
  const window = runWindow({ ...input, scheduledTime: Date.parse(input.scheduledTime) / 1000, bucketSeconds: seconds });
  const signal = AbortSignal.timeout(Math.max(1000, context.getRemainingTimeInMillis() - RESERVE_MS));
  const target = await deps.target(input.engine);
  const held = heldWindow(deps, target, analysis, window, input.overlapSeconds);
  if (held === undefined) return nothingHeld(input, window);
  const { result } = await runAnalysis(
    target,
    { analysis, window: held, parameters, scope: input.scope },
    { signal, maxRows: MAX_ROWS },
  ).catch((error: unknown) => {
    // The engine has stopped the query; what is left of the run is its report.
    if (signal.aborted)
      throw new QueryError('the run timed out; its query was cancelled', input.engine, 'timeout', true, undefined, { cause: error });
    throw error;
  });
  if (result.truncated) deps.log.warn('more rows than a run takes', { analysis: analysis.id, maxRows: MAX_ROWS });

  const silent = inForce(deps.suppressions, new Date(now()));
  const lease = now() - LEASE_MS;
  const left = await store.untold(analysis.id, lease);
  const recorded = await recordRows({ store, analysis, rows: result.rows, nowMs: now(), parameters: input.parameters });
  const ours = new Set(recorded.map(({ state }) => state.id));
  const claimed: StoredFinding[] = [...recorded];
  for (const stored of left) {
    const at = now();
    if (!ours.has(stored.state.id) && (await store.claim(stored, at))) claimed.push({ ...stored, pendingSince: at });
  }

  const open = claimed.map((stored) => {
    const finding = findingOf(
      analysis,
      stored.state,
      stored.parameters === undefined ? seconds : bucketSeconds(analysis, stored.parameters),
    );
    return { stored, finding, suppression: suppressedBy(silent, finding) };
  });
  const quiet = open.filter(({ suppression }) => suppression !== undefined);
  const loud = open.filter(({ suppression }) => suppression === undefined);
  for (const { stored, finding, suppression } of quiet) {
    deps.log.info('suppressed', { finding, suppression });
    await store.told(stored);
  }
  await tell(deps, input, analysis.id, window, result.stats, await intoIncidents(deps, loud));
  await tellEnded(deps);
  const count = (change: Pending) => loud.filter(({ stored }) => (stored.pending ?? 'new') === change).length;
  return {
    outcome: {
      schedule: input.schedule,
      window: { from: isoTime(window.from), to: isoTime(window.to) },
      rows: result.rows.length,
      told: loud.map(({ finding }) => finding.id),
      suppressed: quiet.length,
    },
    numbers: {
      bytesScanned: result.stats.bytesScanned ?? 0,
      truncated: result.truncated ? 1 : 0,
      found: count('new'),
      escalated: count('escalated'),
      suppressed: quiet.length,
    },
  };
}

/**
 * The part of a window whose relations are there: the next run looks at the rest, as far as runs overlap. Undefined where
 * there is none yet.
 * @throws Error, to be tried again, where so much is missing that no later run would look at it
 */
function heldWindow(
  { catalogue, log }: Dependencies,
  { held }: ScheduledTarget,
  analysis: Analysis,
  window: { from: number; to: number },
  overlapSeconds: number,
): { from: number; to: number } | undefined {
  if (held === undefined || relationsOf(catalogue, analysis).size === 0) return window;
  if (held === 'nothing') {
    log.warn('relations are not built yet', { analysis: analysis.id });
    return undefined;
  }
  if (held.to < window.to - overlapSeconds)
    throw new Error(
      `relations are built up to ${isoTime(held.to)}, the run needs them up to ${isoTime(window.to)}: see the alarm relations-behind in the runbook`,
    );
  const to = Math.min(window.to, held.to);
  return window.from < to ? { from: window.from, to } : undefined;
}

const nothingHeld = (input: ParsedInput, window: { from: number; to: number }) => ({
  outcome: { schedule: input.schedule, window: { from: isoTime(window.from), to: isoTime(window.to) }, rows: 0, told: [], suppressed: 0 },
  numbers: {},
});

interface Open {
  readonly stored: StoredFinding;
  readonly finding: Finding;
  readonly loud: boolean;
}

const INCIDENTS_AT_ONCE = 16;

/** Those of one event one after the other, oldest first: the second finding of an actor is a part of the incident that the first began. */
async function intoIncidents({ store, now }: Dependencies, open: readonly Omit<Open, 'loud'>[]): Promise<Open[]> {
  const byId = new Map(open.map(({ stored, finding }) => [finding.id, stored]));
  const join = async ({ findings }: Incident): Promise<Open[]> => {
    const joined: Open[] = [];
    for (const finding of findings) {
      const stored = byId.get(finding.id);
      if (stored === undefined) throw new Error(`${finding.id}: not among the findings of this run`);
      const { incident, tell: loud } = await joinIncident(store, finding, stored.pending ?? 'new', now());
      joined.push({ stored, finding: { ...finding, incident }, loud });
    }
    return joined;
  };
  const incidents = incidentsOf(open.map(({ finding }) => finding));
  const joined: Open[] = [];
  for (let i = 0; i < incidents.length; i += INCIDENTS_AT_ONCE)
    joined.push(...(await Promise.all(incidents.slice(i, i + INCIDENTS_AT_ONCE).map(join))).flat());
  return joined.sort((a, b) => byTime(a.finding, b.finding));
}

/** A message that cannot be sent is lost: the end of an incident is not worth a failed run. */
async function tellEnded({ store, sinks, about, now, log }: Dependencies): Promise<void> {
  const ended = await takeEnded(store, now());
  if (ended.length === 0) return;
  for (const sink of sinks)
    await sink
      .ended?.(ended, about)
      .catch((error: unknown) => log.warn('ends of incidents were not sent', { sink: sink.name, error: String(error) }));
}

/** Every sink takes every finding that it has not taken yet; what one refuses is kept for the next attempt. */
async function tell(
  deps: Dependencies,
  input: ParsedInput,
  analysisId: string,
  window: { from: number; to: number },
  stats: QueryStats,
  open: readonly Open[],
): Promise<void> {
  if (open.length === 0) return;
  const context: TellContext = {
    ...deps.about,
    analysis: deps.catalogue.get(analysisId),
    engine: input.engine,
    queryId: stats.queryId,
    command: commandOf(deps, input, window),
  };
  const done: string[] = [];
  const failures: unknown[] = [];
  for (const sink of deps.sinks) {
    const notifications = open
      .filter(({ stored }) => stored.toldBy?.includes(sink.name) !== true)
      .map(({ stored, finding, loud }): Notification => ({ finding, change: stored.pending ?? 'new', loud }));
    try {
      if (notifications.length > 0) await sink.tell(notifications, context);
      done.push(sink.name);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 0) {
    await Promise.all(open.map(({ stored }) => deps.store.told(stored)));
    return;
  }
  await Promise.allSettled(open.map(({ stored }) => deps.store.release(stored, [...new Set([...(stored.toldBy ?? []), ...done])])));
  throw failures[0];
}

/** The command that shows the same rows on a laptop. */
function commandOf(deps: Dependencies, input: ParsedInput, window: { from: number; to: number }): string {
  const parameters = Object.entries(input.parameters).map(([name, value]) => `--param ${shellQuoted(`${name}=${String(value)}`)}`);
  const lists = Object.keys(input.parametersFrom).map((name) => `--param ${name}=@FILE`);
  const scope = printScope(input.scope).map((text) => `--scope ${shellQuoted(text)}`);
  return [
    `flowlogs query ${input.analysis}`,
    deps.commandOptions(input.engine),
    `--from ${isoTime(window.from)} --to ${isoTime(window.to)}`,
    ...parameters,
    ...lists,
    ...scope,
  ].join(' ');
}

/** Values of the parameters that are lists in S3. */
async function lists(deps: Dependencies, input: ParsedInput): Promise<Record<string, ParameterValue>> {
  const values = await Promise.all(
    Object.entries(input.parametersFrom).map(async ([name, uri]) => {
      const entries = listEntries(await deps.read(uri));
      if (entries.length === 0) throw new PoisonError(`${uri}: expected at least one entry for ${name}; got an empty list`);
      return [name, entries] as const;
    }),
  );
  return Object.fromEntries(values);
}
