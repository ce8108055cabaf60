/**
 * What detections read instead of records, kept an hour of delivery at a time: the relations of lib/analysis/relations.ts.
 * docs/conversations.md
 */
import type { Partials } from '../analysis/catalogue';
import { type RelationName, RELATIONS, type RelationTables } from '../analysis/relations';
import { relationText } from '../analysis/render';
import type { ViewColumn } from '../analysis/view';
import { PARTITIONS } from '../flow-log/layout';

const column =
  (type: ViewColumn['type']) =>
  (name: string): ViewColumn => ({ name, type });

const PLACE = [column('bigint')('start'), ...['interface_id', 'vpc_id', 'subnet_id'].map(column('varchar'))];
const ENDS = [
  ...['srcaddr', 'dstaddr'].map(column('varchar')),
  ...['dstport', 'protocol'].map(column('integer')),
  ...['source_private', 'destination_private'].map(column('boolean')),
];
const SENT = ['sent_packets', 'sent_bytes', 'received_packets', 'received_bytes'].map(column('bigint'));
const TIMES = ['first_start', 'last_start', 'last_end'].map(column('bigint'));
const PORTS = ['least_srcport', 'largest_srcport'].map(column('integer'));

/** In the order in which the texts give them. */
export const KEPT_COLUMNS: Readonly<Record<RelationName, readonly ViewColumn[]>> = {
  conversations: [
    ...PLACE,
    ...ENDS,
    ...['connections', 'late', 'refused', 'unanswered', 'closed', 'established', 'short'].map(column('bigint')),
    ...SENT,
    ...TIMES,
    ...PORTS,
  ],
  links: [
    ...PLACE,
    ...ENDS,
    ...['connections', 'established', 'short'].map(column('bigint')),
    ...SENT,
    column('bigint')('slots'),
    ...TIMES,
    ...PORTS,
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

/** Days for which the files of a relation are kept: as long as detections look back, and a little more. */
export const KEPT_DAYS = { conversations: 3, links: 40, attempts: 40, interface_hours: 40 } as const satisfies Readonly<
  Record<RelationName, number>
>;

/** A table per relation, next to the view of records. */
export const keptTable = (name: RelationName): string => `flow_${name}`;

/** Stands for the records in a text that another program completes. */
export const SOURCE = '<source>';
/** Stands for the conversations that were made of them before. */
export const MADE = 'flow_made_conversations';

/**
 * The rows of a relation of one hour of records, {@link SOURCE}; those of hours are made of the conversations, {@link MADE}.
 * @param columns names of the records' columns
 */
export function keptSql(catalogue: Partials, name: RelationName, columns: readonly string[]): string {
  const text = relationText(catalogue, name, {
    records: SOURCE,
    within: 'true',
    scope: 'true',
    columns: new Set(columns),
    ...(name === 'conversations' ? {} : { conversations: MADE }),
  });
  const list = KEPT_COLUMNS[name].map((one) => `CAST("${one.name}" AS ${one.type}) AS "${one.name}"`);
  return `SELECT ${list.join(', ')}\nFROM ${text} AS made`;
}

/** The tables as a run reads them. */
export const keptTables = (database: string): RelationTables =>
  Object.fromEntries(
    RELATIONS.map((name) => [name, { table: `${database}.${keptTable(name)}`, partitions: [PARTITIONS.hour], byDelivery: true }]),
  );

/** Parameters of the table of conversations: Unix seconds `[from, to)` of the records that the relations hold. */
export const HELD_PARAMETERS = { from: 'flow_log_from', to: 'flow_log_to' } as const;
