/** One hour from raw objects to the lake, exactly once however often it is tried and wherever it stops. */
import { inParallel } from '../parallel';
import { type Hour, hourAfter, hourOf, hoursBetween, hourStart } from './hours';
import { type Compacted, type Inventory, type Lake, type Ledger, type Range, sameTotals, type Totals } from './lake';

export interface CompactDependencies {
  readonly ledger: Ledger;
  readonly lake: Lake;
  readonly now: () => number;
  /** A name that no run had before. */
  readonly newRun: () => string;
}

export type Outcome =
  /** Written, or written again because objects came late. */
  | { readonly kind: 'compacted'; readonly records: number }
  | { readonly kind: 'unchanged' }
  /** Another run works on it. */
  | { readonly kind: 'busy' }
  /** Raw objects are gone that were compacted: the lake is what is left of them. */
  | { readonly kind: 'expired' };

/** What raw and lake say of an hour, where they differ. */
export interface Difference {
  readonly hour: Hour;
  readonly raw: Totals;
  readonly lake: Totals;
}

/** Longer than the function that holds it can live. */
const LEASE_MS = 16 * 60_000;

/**
 * Compacts an hour. Every step may be the last one: before `point` nothing is visible, after it everything is, and a
 * repeated run starts over in a folder of its own.
 * @param inventory what was there of the hour before this call; objects that came since are seen by the next run
 * @throws Error when the copy does not equal the raw records; nothing is shown then
 */
export async function compactHour(deps: CompactDependencies, hour: Hour, inventory: Inventory): Promise<Outcome> {
  const { ledger, now, newRun } = deps;
  const run = newRun();
  if ((await ledger.acquire(hour, run, { nowMs: now(), untilMs: now() + LEASE_MS })) === 'busy') return { kind: 'busy' };
  try {
    return await compactAs(deps, hour, run, inventory);
  } catch (error) {
    // Everything is either published or invisible, so the next run need not wait for the lease to end.
    await ledger.release(hour, run).catch(() => undefined);
    throw error;
  }
}

async function compactAs({ ledger, lake }: CompactDependencies, hour: Hour, run: string, inventory: Inventory): Promise<Outcome> {
  const before = await ledger.compacted(hour);
  const settled = settledBy(before, inventory);
  if (settled !== undefined) {
    await ledger.release(hour, run);
    return settled;
  }
  if (inventory.objects === 0) {
    await ledger.finish(hour, run, { run: undefined, records: 0, bytes: 0, packets: 0, ...inventory });
    return { kind: 'compacted', records: 0 };
  }
  const written = await lake.write(hour, run);
  const raw = await lake.raw(hour);
  if (!sameTotals(written, raw)) {
    throw new Error(
      `${hour}: the copy has ${describe(written)}, the raw tables ${describe(raw)}: new objects arrived, or the copy is wrong. Nothing is published; the next run retries`,
    );
  }
  // A table that is no longer in the view takes its records with it, however many objects there are.
  if (before !== undefined && written.records < before.records)
    throw new Error(
      `${hour}: the raw tables have ${written.records} records, the lake ${before.records}: an hour is never replaced by fewer records. Pass all tables that it was built from`,
    );
  if (!(await ledger.holds(hour, run))) return { kind: 'busy' };
  await lake.point(hour, run);
  if (!(await ledger.finish(hour, run, { run, ...written, ...inventory }))) {
    // The lease ran out between two calls, and another run was faster: the ledger decides what is published.
    const theirs = await ledger.compacted(hour);
    if (theirs?.run !== undefined) await lake.point(hour, theirs.run);
    return { kind: 'busy' };
  }
  await lake.sweep(hour, run);
  return { kind: 'compacted', records: written.records };
}

function settledBy(before: Compacted | undefined, { objects, objectBytes }: { objects: number; objectBytes: number }): Outcome | undefined {
  if (before === undefined) return undefined;
  if (before.objects === objects && before.objectBytes === objectBytes) return { kind: 'unchanged' };
  return objects < before.objects ? { kind: 'expired' } : undefined;
}

const describe = ({ records, bytes, packets }: Totals) => `${records} records of ${bytes} bytes and ${packets} packets`;

/** How long after an hour's end its objects are all there: delivery takes up to ten minutes after the aggregation interval. */
export const SETTLE_MS = 30 * 60_000;

/** The first hour that is not over and settled at a time. */
export const openHour = (nowMs: number): Hour => hourOf(nowMs - SETTLE_MS);

/**
 * Widens the range (or begins it at the first of `hours` that is compacted) by what is compacted at its ends, and makes `flow_records` read it. Repeating it does no
 * harm: a stack update may have put the view back.
 */
export async function extendRange(
  { ledger, lake }: Pick<CompactDependencies, 'ledger' | 'lake'>,
  hours: readonly Hour[],
): Promise<Range | undefined> {
  const before = await ledger.range();
  let range = before;
  for (const hour of [...hours].sort())
    if (range === undefined && (await ledger.compacted(hour)) !== undefined) range = { from: hour, to: hour };
  if (range === undefined) return undefined;
  while ((await ledger.compacted(range.to)) !== undefined) range = { ...range, to: hourAfter(range.to) };
  for (let hour = hourBefore(range.from); (await ledger.compacted(hour)) !== undefined; hour = hourBefore(hour))
    range = { ...range, from: hour };
  if (range.from === range.to) return undefined;
  if (range.from !== before?.from || range.to !== before.to) await ledger.setRange(range);
  await lake.publish(range);
  return range;
}

const hourBefore = (hour: Hour): Hour => hourOf(hourStart(hour) - 3_600_000);

/** Hours to look at: what is not in the lake yet, then those whose objects may have come late. */
export function hoursToCompact(
  range: Range | undefined,
  nowMs: number,
  { firstHours, recheckHours }: { firstHours: number; recheckHours: number },
): Hour[] {
  const open = openHour(nowMs);
  const from = range?.to ?? hourOf(hourStart(open) - firstHours * 3_600_000);
  const recheckFrom = hourOf(hourStart(open) - recheckHours * 3_600_000);
  const late = range === undefined ? [] : hoursBetween(recheckFrom > range.from ? recheckFrom : range.from, range.to);
  return [...hoursBetween(from, open), ...late.reverse()];
}

/** Hours that are listed together: a day's cost hardly more than one, and what was listed is soon looked at. */
export const LISTED_AT_ONCE = 24;

/** What was listed of an hour. @throws Error where it was not */
export function inventoryOf(listed: ReadonlyMap<Hour, Inventory>, hour: Hour): Inventory {
  const inventory = listed.get(hour);
  if (inventory === undefined) throw new Error(`${hour}: was not listed`);
  return inventory;
}

/** What raw and lake say of an hour, where they differ; an hour whose raw objects are gone cannot be compared and is left out. */
export async function verifyHour(
  { ledger, lake }: Pick<CompactDependencies, 'ledger' | 'lake'>,
  hour: Hour,
  inventory: Inventory,
): Promise<Difference | undefined> {
  const before = await ledger.compacted(hour);
  if (before === undefined || settledBy(before, inventory)?.kind === 'expired') return undefined;
  const [raw, shown] = [await lake.raw(hour), await lake.shown(hour)];
  if (!sameTotals(raw, shown)) return { hour, raw, lake: shown };
  await lake.verified(hour);
  await ledger.setVerified(hour, before);
  return undefined;
}

/** As old as an hour is when it is compared: what comes late has mostly come. */
const VERIFY_AFTER_HOURS = 6;
/** Raw objects are kept three days at least. */
const VERIFY_WITHIN_HOURS = 72;
const ASKED_AT_ONCE = 16;

/** Hours of the lake that were not compared since they were written: the oldest first, whose raw objects expire first. */
export async function hoursToVerify(ledger: Ledger): Promise<Hour[]> {
  const range = await ledger.range();
  if (range === undefined) return [];
  const before = (hours: number) => hourOf(hourStart(range.to) - hours * 3_600_000);
  const earliest = before(VERIFY_WITHIN_HOURS);
  const hours = hoursBetween(earliest > range.from ? earliest : range.from, before(VERIFY_AFTER_HOURS));
  const done = await inParallel(hours, ASKED_AT_ONCE, (hour) => ledger.isVerified(hour));
  return hours.filter((_, i) => done[i] !== true);
}
