/** The text of a panel in Athena SQL: what is copied, what reports run, and what the fast answers are tested against. */
import { literal, quote } from '../analysis/literal';
import { type Window, recordsCondition, tableSql } from '../analysis/render';
import type { Scope } from '../analysis/scope';
import type { Partition } from '../flow-log/layout';
import { RECORDS_TABLE } from '../flow-log/tables';
import { DEFAULT_GROUPS, DIMENSIONS, type DimensionId, WEEK_HOURS } from './dimensions';
import { ownDimension, type Panel } from './panels';
import type { ExploreState, Filter, Measure } from './state';
import type { Domain } from './steps';

/** Networks with a name; an address belongs to the first that holds it. */
export interface Group {
  readonly name: string;
  readonly networks: readonly string[];
}

/** Where the text runs and what is there. */
export interface PortableContext {
  /** SQL names of the columns of the records. */
  readonly columns: ReadonlySet<string>;
  readonly groups: readonly Group[];
  /** Records outside are never looked at. */
  readonly scope?: Scope | undefined;
  /** The partial non_public_address for an address column. */
  readonly nonPublic: (column: string) => string;
  /** The literal of a text; undefined for the one that all engines take, which has no control characters. */
  readonly text?: ((value: string) => string) | undefined;
  readonly table?: string | undefined;
  readonly partitions?: readonly Partition[] | undefined;
}

const CIDR = { type: 'cidr', meaning: 'a network of a group' } as const;

function groupSql(column: string, { groups, nonPublic }: PortableContext): string {
  const named = groups.map(
    ({ name, networks }) =>
      `WHEN ${networks.map((network) => `contains(${literal('group', CIDR, network, 'sql')}, TRY_CAST(${column} AS IPADDRESS))`).join(' OR ')} THEN ${quote(name, 'sql')}`,
  );
  const [inside, outside] = DEFAULT_GROUPS;
  return `CASE ${[`WHEN ${column} IS NULL THEN NULL`, ...named, `WHEN ${nonPublic(column)} THEN '${inside}'`].join(' ')} ELSE '${outside}' END`;
}

/** The value of a dimension in a record. */
export function dimensionSql(id: DimensionId, context: PortableContext): string {
  const { edges, needs } = DIMENSIONS[id];
  const [column = id] = needs;
  if (edges !== undefined)
    return `CASE WHEN ${column} IS NULL THEN NULL ${edges.map((edge, i) => `WHEN ${column} < ${edge} THEN ${i}`).join(' ')} ELSE ${edges.length} END`;
  if (id === 'source_group' || id === 'destination_group') return groupSql(column, context);
  // Unix time begins on a Thursday.
  if (id === 'weekday_hour') return `("start" / 3600 + 72) % ${WEEK_HOURS}`;
  return column;
}

const valueSql = (value: string | number, { text = (one: string) => quote(one, 'sql') }: PortableContext) =>
  typeof value === 'number' ? String(value) : text(value);

function filterSql(id: DimensionId, { values, exclude }: Filter, context: PortableContext): string {
  const missing = DIMENSIONS[id].needs.some((column) => !context.columns.has(column));
  if (missing) return exclude ? 'true' : 'false';
  const list = values.map((value) => valueSql(value, context)).join(', ');
  const expression = dimensionSql(id, context);
  return exclude ? `(${expression} IS NULL OR ${expression} NOT IN (${list}))` : `${expression} IN (${list})`;
}

/** Conditions of all filters but that of one dimension. */
export const filterConditions = (
  filters: ExploreState['filters'],
  without: DimensionId | undefined,
  condition: (id: DimensionId, filter: Filter) => string,
): string[] =>
  (Object.entries(filters) as [DimensionId, Filter][]).filter(([id]) => id !== without).map(([id, filter]) => condition(id, filter));

/** Columns that hold the sums, in SQL over columns of the records. */
const sums = ({ columns }: PortableContext): Record<Measure | 'rejected', string> => ({
  records: 'count(*)',
  rejected: columns.has('action') ? "count_if(action = 'REJECT')" : 'CAST(0 AS BIGINT)',
  bytes: columns.has('bytes') ? 'CAST(coalesce(sum(bytes), 0) AS BIGINT)' : 'CAST(0 AS BIGINT)',
  packets: columns.has('packets') ? 'CAST(coalesce(sum(packets), 0) AS BIGINT)' : 'CAST(0 AS BIGINT)',
});

const indent = (conditions: readonly string[]) => conditions.join('\n  AND ');

/** Selected values come first, so that a selection stays in sight however small it is. */
export const pinnedFirst = (panel: Panel, state: ExploreState): { id: DimensionId; values: Filter['values'] } | undefined => {
  const id = ownDimension(panel);
  if (id === undefined) return undefined;
  const filter = state.filters[id];
  return filter === undefined || filter.exclude ? undefined : { id, values: filter.values };
};

/** SQL of a panel. A panel is not narrowed by the selection in itself. */
export function panelSql(panel: Panel, state: ExploreState, window: Window, domain: Domain, context: PortableContext): string {
  const names = panel.by.map((by) => (by === 'time' ? 'time' : by));
  const expressions = panel.by.map((by) =>
    by === 'time'
      ? `from_unixtime("start" / ${domain.step} * ${domain.step})`
      : by === 'action' && !context.columns.has('action')
        ? 'CAST(NULL AS VARCHAR)'
        : dimensionSql(by, context),
  );
  const list = sums(context);
  const keep =
    panel.id === 'summary'
      ? []
      : panel.by.flatMap((by, i) =>
          by === 'time' || !DIMENSIONS[by].needs.every((column) => context.columns.has(column))
            ? []
            : [`${expressions[i] ?? by} IS NOT NULL`],
        );
  const conditions = [
    recordsCondition(window, context.scope ?? {}, context.partitions),
    ...filterConditions(state.filters, ownDimension(panel), (id, filter) => filterSql(id, filter, context)),
    ...keep,
  ];
  const pinned = pinnedFirst(panel, state);
  const order =
    panel.top === undefined
      ? names.map((_, i) => i + 1).join(', ')
      : [
          ...(pinned === undefined
            ? []
            : [`${expressions[0] ?? ''} IN (${pinned.values.map((value) => valueSql(value, context)).join(', ')}) DESC`]),
          `${state.measure} DESC`,
          ...names.map((_, i) => i + 1),
        ].join(', ');
  return [
    `SELECT ${[...names.map((name, i) => (expressions[i] === name ? name : `${expressions[i] ?? ''} AS ${name}`)), ...Object.entries(list).map(([name, sum]) => `${sum} AS ${name}`)].join(',\n  ')}`,
    `FROM ${tableSql(context.table ?? RECORDS_TABLE)}`,
    `WHERE ${indent(conditions)}`,
    `GROUP BY ${names.map((_, i) => i + 1).join(', ')}`,
    `ORDER BY ${order}`,
    ...(panel.top === undefined ? [] : [`LIMIT ${panel.top}`]),
  ].join('\n');
}

/** SQL of the records of a selection, all filters applied. */
export function recordsSql(
  state: ExploreState,
  window: Window,
  context: PortableContext,
  sort: { readonly column: string; readonly descending: boolean } = { column: 'start', descending: false },
): string {
  const conditions = [
    recordsCondition(window, context.scope ?? {}, context.partitions),
    ...filterConditions(state.filters, undefined, (id, filter) => filterSql(id, filter, context)),
  ];
  const column = (name: string) => `"${name.replaceAll('"', '""')}"`;
  // All columns decide between equals: what then still ties is the same to a reader.
  const rest = [...context.columns].filter((name) => name !== sort.column).map(column);
  return [
    `SELECT ${[...context.columns].map(column).join(', ')}`,
    `FROM ${tableSql(context.table ?? RECORDS_TABLE)}`,
    `WHERE ${indent(conditions)}`,
    `ORDER BY ${[`${column(sort.column)}${sort.descending ? ' DESC' : ''} NULLS LAST`, ...rest].join(', ')}`,
  ].join('\n');
}
