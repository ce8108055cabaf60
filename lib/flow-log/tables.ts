/** Name of the table that holds all records, in every engine. */
export const RECORDS_TABLE = 'flow_records';

/** Name of the flat view of IBM's flow logs in every engine: a row per flow log, both directions in it. */
export const FLAT_TABLE = 'flow_flat';
