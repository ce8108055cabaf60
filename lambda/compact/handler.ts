/** Hours of raw objects into the lake, and the proof that both say the same. No SDK, no environment. */
import {
  type CompactDependencies,
  compactHour,
  type Difference,
  extendRange,
  hoursToCompact,
  inventoryOf,
  LISTED_AT_ONCE,
  openHour,
  hoursToVerify,
  verifyHour,
} from '../../lib/lake/compact';
import { type Hour, hoursBetween } from '../../lib/lake/hours';
import type { Inventory, Range } from '../../lib/lake/lake';
import type { Log } from '../shared/log';
import { inputSchema, viewsSchema } from './input';

export interface Dependencies extends CompactDependencies {
  readonly firstHours: number;
  readonly recheckHours: number;
  /** Milliseconds that are left for this invocation. */
  readonly left: () => number;
  readonly publish: (numbers: { lakeCompacted?: number; lakeFailed?: number; lakeBehind?: number; lakeDiffering?: number }) => void;
  readonly log: Log;
}

interface FailedHour {
  readonly hour: Hour;
  readonly reason: string;
}

export interface CompactAnswer {
  readonly compacted: number;
  readonly records: number;
  readonly failed: readonly FailedHour[];
  /** Hours that this invocation had no time for. */
  readonly rest: readonly Hour[];
  readonly range: Range | undefined;
}

export interface VerifyAnswer {
  readonly verified: number;
  readonly differences: readonly Difference[];
  /** Hours that this invocation had no time for. */
  readonly rest: readonly Hour[];
}

/** An hour takes seconds to minutes: one is not begun with less. */
const ENOUGH_MS = 4 * 60_000;

export function createHandler(
  deps: Dependencies,
): (event: unknown) => Promise<CompactAnswer | VerifyAnswer | Pick<CompactAnswer, 'range'>> {
  return async (event) => {
    const input = inputSchema.parse(event);
    switch (input.task) {
      case 'compact':
        return compact(deps, input.hours);
      case 'verify':
        return verify(deps, input.hours);
      case 'show':
        return { range: await extendRange(deps, []) };
    }
  };
}

/**
 * After a deployment, which may have put the views back to the raw tables. It never fails: the next run of the schedule shows the lake
 * as well, and a deployment is not to be undone for that.
 */
export async function showAgain(handle: (event: unknown) => Promise<unknown>, event: unknown, log: Dependencies['log']): Promise<string> {
  if (viewsSchema.parse(event).RequestType === 'Delete') return VIEWS;
  try {
    await handle({ task: 'show' });
  } catch (error) {
    log.error('views read raw objects until the next run', { error: (error as Error).message });
  }
  return VIEWS;
}

const VIEWS = 'views';

/**
 * Hours one after the other, listed some at a time, until an invocation has no time for another. One that fails is logged; the others are
 * none the worse for it.
 * @returns how many were begun, and those that failed
 */
async function hourByHour(
  deps: Dependencies,
  hours: readonly Hour[],
  failure: string,
  work: (hour: Hour, inventory: Inventory) => Promise<void>,
): Promise<{ readonly done: number; readonly failed: readonly FailedHour[] }> {
  const failed: FailedHour[] = [];
  let done = 0;
  let listed: Promise<ReadonlyMap<Hour, Inventory>> = Promise.resolve(new Map());
  for (; done < hours.length && deps.left() > ENOUGH_MS; done++) {
    const hour = hours[done] ?? '';
    if (done % LISTED_AT_ONCE === 0) listed = deps.lake.inventories(hours.slice(done, done + LISTED_AT_ONCE));
    try {
      await work(hour, inventoryOf(await listed, hour));
    } catch (error) {
      const reason = (error as Error).message;
      deps.log.error(failure, { hour, error: reason });
      failed.push({ hour, reason });
    }
  }
  return { done, failed };
}

async function compact(deps: Dependencies, asked: readonly Hour[] | undefined): Promise<CompactAnswer> {
  const before = await deps.ledger.range();
  const due = asked ?? hoursToCompact(before, deps.now(), deps);
  let compacted = 0;
  let records = 0;
  const { done, failed } = await hourByHour(deps, due, 'hour failed', async (hour, inventory) => {
    const outcome = await compactHour(deps, hour, inventory);
    deps.log.info('hour looked at', { hour, ...outcome });
    if (outcome.kind === 'compacted') {
      compacted++;
      records += outcome.records;
    }
  });
  // It ends before the first hour that failed.
  const range = await extendRange(deps, due);
  const open = openHour(deps.now());
  deps.publish({
    lakeCompacted: compacted,
    lakeFailed: failed.length,
    lakeBehind: range === undefined ? 0 : hoursBetween(range.to, open).length,
  });
  return { compacted, records, failed, rest: due.slice(done), range };
}

async function verify(deps: Dependencies, asked: readonly Hour[] | undefined): Promise<VerifyAnswer> {
  const hours = asked ?? (await hoursToVerify(deps.ledger));
  const differences: Difference[] = [];
  const { done, failed } = await hourByHour(deps, hours, 'hour not verified', async (hour, inventory) => {
    const difference = await verifyHour(deps, hour, inventory);
    if (difference !== undefined) differences.push(difference);
  });
  for (const difference of differences) deps.log.warn('raw and lake differ', difference);
  deps.publish({ lakeDiffering: differences.length });
  const [first] = failed;
  if (first !== undefined) throw new Error(`${failed.length} of ${done} hours could not be verified: ${first.hour}: ${first.reason}`);
  return { verified: done, differences, rest: hours.slice(done) };
}
