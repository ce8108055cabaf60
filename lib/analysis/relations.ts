/**
 * Relations that detections read instead of records: connections and their outcomes. Each is the query
 * `queries/_partials/<name>.sql`, in place wherever there is no table that holds its rows. docs/conversations.md
 */
import type { Partition } from '../flow-log/layout';

export const RELATIONS = ['conversations', 'links', 'attempts', 'interface_hours'] as const;
export type RelationName = (typeof RELATIONS)[number];

/** A table with the rows of a relation. */
export interface RelationTable {
  readonly table: string;
  readonly partitions?: readonly Partition[] | undefined;
  /** True: its rows were built per hour of delivery and must be combined, and it has more than the requested rows. */
  readonly byDelivery?: boolean | undefined;
}

export type RelationTables = Readonly<Partial<Record<RelationName, RelationTable | undefined>>>;

/** The text that puts together what hours of delivery hold of a relation. */
export const keptPartial = (name: RelationName): string => `${name}_kept.sql`;

/** Rows of {@link RELATIONS} begin at whole multiples of this: seconds. */
export const RELATION_SECONDS: Readonly<Record<RelationName, number>> = {
  conversations: 300,
  links: 3600,
  attempts: 3600,
  interface_hours: 3600,
};

/** Optional columns of records that the texts use where they are there: SQL name to type. */
export const OPTIONAL_COLUMNS = { vpc_id: 'VARCHAR', subnet_id: 'VARCHAR', tcp_flags: 'INTEGER' } as const;

export const optionalOf = (columns: readonly string[]): string[] => columns.filter((name) => Object.hasOwn(OPTIONAL_COLUMNS, name));
