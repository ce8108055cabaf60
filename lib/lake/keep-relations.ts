/** Keeps the relations of records up to date: hours that are over once and again when objects come late, the open one every time. */
import type { Held } from './athena-relations';
import { compactHour, type CompactDependencies, extendRange, inventoryOf, LISTED_AT_ONCE } from './compact';
import { type Hour, hourOf, hoursBetween, hourStart } from './hours';
import type { Inventory, Lake } from './lake';

export interface KeepDependencies extends CompactDependencies {
  readonly lake: Lake & { publishHeld(held: Held): Promise<void> };
  /** Hours before now whose relations are made, as far as there are objects. */
  readonly firstHours: number;
  /** How far back late objects are looked for, once an hour. */
  readonly recheckHours: number;
  /** Hours to look at. @default - what is due */
  readonly hours?: readonly Hour[] | undefined;
  /** Milliseconds that are left for this invocation. */
  readonly left: () => number;
  readonly failed: (hour: Hour, reason: string) => void;
}

export interface KeepAnswer {
  readonly made: number;
  readonly failed: readonly Hour[];
  /** Hours that this invocation had no time for. */
  readonly rest: number;
  readonly held: Held | undefined;
}

const HOUR_MS = 3_600_000;
/** An hour takes seconds to minutes: one is not begun with less. */
const ENOUGH_MS = 2 * 60_000;
/** What began before this is delivered: within ten minutes after at most five. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html */
export const READY_MS = 15 * 60_000;
const GRAIN_MS = 5 * 60_000;
const LATEST_HOURS = 2;
/** Four queries each: an account's quota is at least twenty at a time. https://docs.aws.amazon.com/athena/latest/ug/service-limits.html */
const HOURS_AT_ONCE = 4;
const NOTHING_LISTED: Promise<ReadonlyMap<Hour, Inventory>> = Promise.resolve(new Map());

export async function keepRelations(deps: KeepDependencies): Promise<KeepAnswer> {
  const { ledger, lake, now, left } = deps;
  const begin = now();
  const current = hourOf(begin);
  const ago = (hours: number) => hourOf(begin - hours * HOUR_MS);
  const hours = deps.hours ?? (await dueHours(deps, begin));
  const looked: Hour[] = [];
  const failed: Hour[] = [];
  let made = 0;
  const look = async (hour: Hour, listed: Promise<ReadonlyMap<Hour, Inventory>>): Promise<void> => {
    try {
      const { kind } = await compactHour(deps, hour, inventoryOf(await listed, hour));
      if (kind === 'busy') return;
      if (kind === 'compacted') made++;
      looked.push(hour);
    } catch (error) {
      failed.push(hour);
      deps.failed(hour, (error as Error).message);
    }
  };
  let listed = NOTHING_LISTED;
  for (let i = 0; i < hours.length && left() >= ENOUGH_MS; i += HOURS_AT_ONCE) {
    if (i % LISTED_AT_ONCE === 0) listed = lake.inventories(hours.slice(i, i + LISTED_AT_ONCE));
    await Promise.all(hours.slice(i, i + HOURS_AT_ONCE).map((hour) => look(hour, listed)));
  }
  const range = await extendRange({ ledger, lake }, looked);
  const newest = hoursBetween(ago(LATEST_HOURS - 1), hourOf(begin + HOUR_MS));
  const upToDate = range !== undefined && range.to > current && newest.every((hour) => looked.includes(hour));
  const held = upToDate
    ? { from: hourStart(range.from) / 1000, to: (Math.floor((begin - READY_MS) / GRAIN_MS) * GRAIN_MS) / 1000 }
    : undefined;
  if (held !== undefined && held.from < held.to) await lake.publishHeld(held);
  return { made, failed, rest: hours.length - looked.length - failed.length, held };
}

/** Newest first: what is watched now comes before what only lengthens the past. */
async function dueHours({ ledger, firstHours, recheckHours }: KeepDependencies, begin: number): Promise<Hour[]> {
  const ago = (hours: number) => hourOf(begin - hours * HOUR_MS);
  const range = await ledger.range();
  const after = hourOf(begin + HOUR_MS);
  const onTheHour = begin % HOUR_MS < HOUR_MS / 4;
  const late = ago(onTheHour ? recheckHours : LATEST_HOURS - 1);
  const first = ago(firstHours);
  if (range === undefined) return hoursBetween(first, after).reverse();
  const from = late > range.from ? late : range.from;
  const newer = hoursBetween(from < range.to ? from : range.to, after).reverse();
  return [...newer, ...(first < range.from ? hoursBetween(first, range.from).reverse() : [])];
}
