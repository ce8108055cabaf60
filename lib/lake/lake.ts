/** Interfaces of compaction to its environment. docs/lake.md describes the algorithm. */
import type { Hour } from './hours';

export interface Totals {
  readonly records: number;
  readonly bytes: number;
  readonly packets: number;
}

/** Raw objects of an hour: more of them than at the last compaction means that some came late. */
export interface Inventory {
  readonly objects: number;
  readonly objectBytes: number;
}

/** An hour that is in the lake. */
export interface Compacted extends Totals, Inventory {
  /** The run whose files the hour's partition points to; undefined for an hour without records. */
  readonly run: string | undefined;
}

/** Hours `[from, to)` that the lake holds completely; `flow_records` reads these from the lake and all others from the raw tables. */
export interface Range {
  readonly from: Hour;
  readonly to: Hour;
}

/** Who works on which hour, and what is done. */
export interface Ledger {
  /** Takes an hour until a time; `busy` if another run has it. */
  acquire(hour: Hour, run: string, lease: { nowMs: number; untilMs: number }): Promise<'busy' | 'acquired'>;
  /** Whether the lease is still ours. */
  holds(hour: Hour, run: string): Promise<boolean>;
  /** Records the result and gives the lease back; false if the lease was lost meanwhile. */
  finish(hour: Hour, run: string, done: Compacted): Promise<boolean>;
  release(hour: Hour, run: string): Promise<void>;
  compacted(hour: Hour): Promise<Compacted | undefined>;
  /** Notes that raw and lake said the same of what is compacted. */
  setVerified(hour: Hour, done: Compacted): Promise<void>;
  /** Whether that was noted of what is compacted now. */
  isVerified(hour: Hour): Promise<boolean>;
  range(): Promise<Range | undefined>;
  setRange(range: Range): Promise<void>;
}

/** The tables and their files. */
export interface Lake {
  /** Of each of the hours; those of one day cost as little as one of them. */
  inventories(hours: readonly Hour[]): Promise<ReadonlyMap<Hour, Inventory>>;
  /** Totals of the raw records of an hour. */
  raw(hour: Hour): Promise<Totals>;
  /** Totals of what the lake shows of an hour. */
  shown(hour: Hour): Promise<Totals>;
  /** Writes the records of an hour into a new folder of the run, which is not visible to readers yet, and returns its totals. */
  write(hour: Hour, run: string): Promise<Totals>;
  /** Makes the hour show the run's files: one step, before which readers see the old ones and after which the new. */
  point(hour: Hour, run: string): Promise<void>;
  /** Makes `flow_records` read a range from the lake. */
  publish(range: Range): Promise<void>;
  /** Notes on the raw objects of an hour that the lake holds the same: they may expire. */
  verified(hour: Hour): Promise<void>;
  /** Deletes files of other runs that are older than any query can be. */
  sweep(hour: Hour, keep: string): Promise<void>;
}

export const sameTotals = (a: Totals, b: Totals): boolean => a.records === b.records && a.bytes === b.bytes && a.packets === b.packets;
