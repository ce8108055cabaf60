import { randomBytes } from 'node:crypto';

/** Names that the construct and the functions share. */

export const LAKE_TABLE = 'flow_records_lake';

/** Tables that a run makes for its copy and drops again. */
export const TEMPORARY_PREFIX = 'lake_run_';

/** A name that no run had before. */
export const newRunName = (): string => `${Date.now().toString(36)}${randomBytes(4).toString('hex')}`;

/** Tag of raw objects whose hour was verified. */
export const VERIFIED_TAG = { key: 'flow-log-lake', value: 'verified' } as const;

/** Key column of the ledger. */
export const LEDGER_KEY = 'hour';
