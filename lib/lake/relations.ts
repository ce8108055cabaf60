/**
 * What detections read of the past, kept an hour at a time beside the compacted records: hourly relations
 * (lib/analysis/relations.ts). docs/lake.md
 */
import type { Partials } from '../analysis/catalogue';
import type { RelationName, RelationTables } from '../analysis/relations';
import { relationText } from '../analysis/render';
import type { ViewColumn } from '../analysis/view';
import { PARTITIONS } from '../flow-log/layout';
import { type Hour, hourAfter, hoursBetween, hourStart } from './hours';
import type { Range } from './lake';

export const KEPT_RELATIONS = ['links', 'attempts', 'interface_hours'] as const satisfies readonly RelationName[];
export type KeptRelation = (typeof KEPT_RELATIONS)[number];

const column =
  (type: ViewColumn['type']) =>
  (name: string): ViewColumn => ({ name, type });

const PLACE = [column('bigint')('start'), ...['interface_id', 'vpc_id', 'subnet_id'].map(column('varchar'))];
const ENDS = [
  ...['srcaddr', 'dstaddr'].map(column('varchar')),
  ...['dstport', 'protocol'].map(column('integer')),
  ...['source_private', 'destination_private'].map(column('boolean')),
];

/** In the order in which the texts give them; the partition column comes last. */
export const KEPT_COLUMNS: { readonly [name in KeptRelation]: readonly ViewColumn[] } = {
  links: [
    ...PLACE,
    ...ENDS,
    ...['connections', 'established', 'short', 'sent_packets', 'sent_bytes', 'received_packets', 'received_bytes'].map(column('bigint')),
    ...['slots', 'first_start', 'last_start', 'last_end'].map(column('bigint')),
    ...['least_srcport', 'largest_srcport'].map(column('integer')),
  ],
  attempts: [
    ...PLACE,
    ...ENDS,
    ...['connections', 'refused', 'unanswered', 'closed', 'sent_packets', 'first_start', 'last_start'].map(column('bigint')),
  ],
  interface_hours: [
    ...PLACE,
    ...['bytes_out', 'bytes_in'].map(column('bigint')),
    ...['own_out', 'peer_out'].map(column('varchar')),
    column('integer')('port_out'),
    ...['own_in', 'peer_in'].map(column('varchar')),
    column('integer')('port_in'),
    ...['connections', 'refused', 'refused_inside', 'refused_out'].map(column('bigint')),
  ],
};

/** Columns of records that the relations are made of; the others may be absent. */
export const RELATIONS_REQUIRE = [
  'interface_id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
];

export const keptTable = (name: KeptRelation): string => `flow_${name}_lake`;

/** Parameters of the view of records: the hours that the kept relations hold completely. */
export const RANGE_PARAMETERS = { from: 'flow_log_lake_from', to: 'flow_log_lake_to' } as const;

/** The hours at the end of a range that are among some: what came before a missing one counts as missing. */
export function lastHours({ from, to }: Range, there: ReadonlySet<Hour>): Range | undefined {
  const missing = hoursBetween(from, to).findLast((hour) => !there.has(hour));
  const first = missing === undefined ? from : hourAfter(missing);
  return first < to ? { from: first, to } : undefined;
}

/** Stands for the records in a text that another program completes. */
export const SOURCE = '<source>';

/** The rows of a relation of one hour of records, {@link SOURCE}. @param columns names of the records' columns */
export function keptSql(catalogue: Partials, name: KeptRelation, columns: readonly string[]): string {
  const text = relationText(catalogue, name, { records: SOURCE, within: 'true', scope: 'true', columns: new Set(columns) });
  const list = KEPT_COLUMNS[name].map((one) => `CAST("${one.name}" AS ${one.type}) AS "${one.name}"`);
  return `SELECT ${list.join(', ')}\nFROM ${text} AS made`;
}

/**
 * The tables as a run reads them. The last hour of the range is left to the records: of what began in it, a part may have
 * been delivered with the next.
 */
export function keptTables(database: string, { from, to }: Range): RelationTables {
  const holds = { from: hourStart(from) / 1000, to: hourStart(to) / 1000 - 3600 };
  return Object.fromEntries(
    KEPT_RELATIONS.map((name) => [name, { table: `${database}.${keptTable(name)}`, partitions: [PARTITIONS.hour], holds }]),
  );
}
