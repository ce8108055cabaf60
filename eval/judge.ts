import { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import { openRecords } from '../lib/source/records';
import { ours } from './ours';
import { PEERS } from './peers/all';
import { OURS } from './rule-sets';
import type { Told } from './told';

export interface Heard {
  /** By name of the rule set, ours first. */
  readonly told: ReadonlyMap<string, readonly Told[]>;
  /** Of ours; in milliseconds. */
  readonly detectMs: number;
}

export interface JudgeOptions {
  readonly threads: number;
  /** Only these of our detections. */
  readonly only?: readonly string[] | undefined;
  readonly peers?: boolean;
  /** SQL condition of the records that are looked at. */
  readonly where?: string;
}

/** What each set of rules tells of a log. */
export async function judge(paths: readonly string[], { threads, only, peers = true, where }: JudgeOptions): Promise<Heard> {
  const records = await openRecords(paths, { cache: undefined, threads, memory: '1GB' });
  try {
    const window = (await records.range()) ?? { from: 0, to: 1 };
    const engine = await DuckDbEngine.over(records);
    if (where !== undefined) await engine.restrict(where);
    const told = new Map<string, readonly Told[]>();
    const began = performance.now();
    told.set(OURS, await ours(engine, records, window, only));
    const detectMs = performance.now() - began;
    for (const peer of peers ? PEERS : []) told.set(peer.name, await peer.run(engine));
    return { told, detectMs };
  } finally {
    await records.close();
  }
}
