import { type Format, formatKey, NAMED_FORMATS, sqlNameOf } from '../flow-log/format';
import { findField } from '../flow-log/fields';
import { DELIVERY_SLACK_SECONDS, type Partition, partitionValue } from '../flow-log/layout';
import type { Analysis, Partials } from './catalogue';
import { durationSeconds } from './duration';
import { type Language, literal, type ParameterValue, quote, RenderError } from './literal';
import { keptPartial, OPTIONAL_COLUMNS, RELATION_SECONDS, type RelationName, RELATIONS, type RelationTables } from './relations';
import { RECORDS_TABLE } from '../flow-log/tables';
import { tableOf } from './requirements';
import { connectionScope, connectionSql, type Scope, scopeFields, scopeInsights, scopeSql } from './scope';
import { ROW_LIMIT, type RowLimit, rowLimitText } from './row-limit';

/**
 * Half-open `[from, to)` in Unix seconds, or relative to now. `whole`: no time was requested, the bounds are those of the records, and
 * those that have no time count too.
 */
export type Window = { readonly from: number; readonly to: number; readonly whole?: true } | { readonly last: string };

export interface RenderOptions {
  readonly window: Window;
  readonly parameters?: Readonly<Record<string, ParameterValue>> | undefined;
  readonly scope?: Scope | undefined;
  /** Table or view, `name` or `schema.name`. */
  readonly table?: string | undefined;
  /**
   * Partition columns to bound in addition to `start`; none where the table has none. A view over several layouts has one per
   * layout, NULL in the records of the others.
   */
  readonly partitions?: readonly Partition[] | undefined;
  /** Tables with the rows of relations; a relation without one is made of the records in place. */
  readonly relations?: RelationTables | undefined;
  /** Only records from or to this address, in addition to the scope. */
  readonly address?: string | undefined;
  /** Columns (SQL names) that the records have; optional ones are used if they are among them. @default - none but the required ones */
  readonly columns?: ReadonlySet<string> | undefined;
  /** Rows to give, in place of the parameter `limit`. @default - the value of the parameter */
  readonly rows?: RowLimit | undefined;
}

interface Open {
  /** Text in place of a parameter's value; undefined for the value. */
  readonly open?: ((parameter: string) => string | undefined) | undefined;
  /** The text need not use every parameter. */
  readonly partOfText?: boolean | undefined;
  /** Further placeholders: name to SQL. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

const PLACEHOLDER = /\{\{\s*(>?)\s*([a-z][a-z0-9_]*)((?:\s+[a-z_]+=[^\s{}]+)*)\s*\}\}/g;
const TABLE_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,127}(?:\.[A-Za-z_][A-Za-z0-9_-]{0,127}){0,2}$/;

/** Athena and DuckDB SQL. @throws RenderError naming placeholder, parameter, got and expected */
export function renderSql(catalogue: Partials, analysis: Analysis, options: RenderOptions & Open): string {
  const bounds = sqlBounds(options.window);
  const lookback = analysis.lookback === undefined ? undefined : durationSeconds(analysis.lookback);
  const used = { scope: false };
  const made = new Map<string, string>();
  const columns = new Set([...(options.columns ?? []), ...analysis.requires.map(sqlNameOf)]);
  const values: Record<string, () => string> = {
    records: () => tableSql(options.table ?? tableOf(analysis)),
    from: () => bounds.from(0),
    to: () => bounds.to(),
    window: () => ('whole' in options.window ? 'true' : windowSql(bounds, 0, options.partitions)),
    lookback: () => {
      if (lookback === undefined) throw new RenderError(`${analysis.id}: {{lookback}} is used but analysis.yaml has no key lookback`);
      return windowSql(bounds, lookback, options.partitions);
    },
    scope: () => {
      used.scope = true;
      return narrowedSql(options);
    },
    ...Object.fromEntries(Object.entries(options.values ?? {}).map(([name, sql]) => [name, () => sql])),
    ...Object.fromEntries(
      RELATIONS.map((name) => [
        name,
        () => {
          used.scope = true;
          return relationSql(catalogue, name, { ...options, columns }, backOf(analysis, name), onceIn(made));
        },
      ]),
    ),
  };
  const text = withMade(made, substitute(catalogue, analysis, analysis.sql, 'sql', options, values));
  if (!used.scope && scopeFields(options.scope ?? {}).length > 0)
    throw new RenderError(`${analysis.id} has no scope: its table lacks the columns. Filter by time or by its parameters`);
  return text;
}

/** Reference to a query that replaces a table: the query itself, or its name. */
type Place = (name: RelationName, text: string) => string;

const IN_PLACE: Place = (_, text) => text;

/** Each text once, under a name: in place of every use it would pass what a template holds. */
const onceIn =
  (made: Map<string, string>): Place =>
  (name, text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const others = [...made.values()].filter((one) => one.startsWith(`made_${name}`)).length;
    const own = others === 0 ? `made_${name}` : `made_${name}_${others + 1}`;
    made.set(text, own);
    return own;
  };

const BEGIN = /^(\s*(?:--[^\n]*\n\s*)*)(WITH\s)?/i;

/** A query after the texts that it names. */
function withMade(made: ReadonlyMap<string, string>, sql: string): string {
  if (made.size === 0) return sql;
  const ctes = [...made].map(([text, name]) => `${name} AS ${text}`).join(', ');
  return sql.replace(BEGIN, (_, before: string, more: string | undefined) => `${before}WITH ${ctes}${more === undefined ? '\n' : ', '}`);
}

/** Seconds before the window that a text reads of a relation. */
const backOf = (analysis: Analysis, name: RelationName): number =>
  durationSeconds((name === 'conversations' ? analysis.reach : analysis.lookback) ?? '') ?? 0;

const INTERFACE_FIELDS = ['vpc-id', 'subnet-id', 'interface-id'];

/**
 * A relation in a FROM: its table, or its own text over the records.
 * @param back seconds before the window that it has to hold as well
 */
export function relationSql(catalogue: Partials, name: RelationName, options: RenderOptions, back: number, place = IN_PLACE): string {
  const { window, scope = {}, address } = options;
  const known = options.relations?.[name];
  const { records: early, connections } = connectionScope(scope);
  if (known !== undefined && known.byDelivery !== true) return tableSql(known.table);
  const within = (partitions: readonly Partition[] | undefined) => windowSql(sqlBounds(window), back, partitions, RELATION_SECONDS[name]);
  // An interface's hours have neither addresses nor ports.
  const byInterface = address === undefined && scopeFields(scope).every((field) => INTERFACE_FIELDS.includes(field));
  if (known === undefined || (name === 'interface_hours' && !byInterface))
    return relationText(catalogue, name, {
      records: tableSql(options.table ?? RECORDS_TABLE),
      within: within(options.partitions),
      scope: narrowedSql({ scope: early, address }),
      connections,
      columns: options.columns,
      conversations: known === undefined ? options.relations?.conversations?.table : undefined,
      place,
    });
  const values: Record<string, string> = {
    kept: tableSql(known.table),
    within: within(known.partitions),
    scope: addressed(connectionSql(scope), address),
  };
  return place(name, `(\n${catalogue.partial(keptPartial(name)).replace(PLACEHOLDER, (all, _, key: string) => values[key] ?? all)}\n)`);
}

export interface RelationSource {
  /** A relation of records in a FROM. */
  readonly records: string;
  /** Conditions. */
  readonly within: string;
  readonly scope: string;
  /** A condition on the rows of conversations. */
  readonly connections?: string | undefined;
  readonly columns?: ReadonlySet<string> | undefined;
  /** A table that holds the conversations of the records. @default - they are made in place */
  readonly conversations?: string | undefined;
  /** @default - where it is used */
  readonly place?: Place | undefined;
}

/** The text of a relation over records. */
export function relationText(catalogue: Partials, name: RelationName, source: RelationSource): string {
  const { records, within, scope, connections, columns, conversations, place = IN_PLACE } = source;
  const optional = Object.entries(OPTIONAL_COLUMNS).map(([column, type]): [string, string] => [
    column,
    columns?.has(column) === true ? column : `CAST(NULL AS ${type})`,
  ]);
  const values: Record<string, string> = { records, within, scope, ...Object.fromEntries(optional) };
  const own = (of: RelationName): string =>
    of === 'conversations' && conversations !== undefined
      ? `(SELECT * FROM ${tableSql(conversations)} WHERE ${within})`
      : place(
          of,
          of === 'conversations' && connections !== undefined ? `(SELECT * FROM ${made(of)} AS made WHERE ${connections})` : made(of),
        );
  const made = (of: RelationName): string => `(\n${fill(catalogue.partial(`${of}.sql`))}\n)`;
  const fill = (text: string): string =>
    text.replace(PLACEHOLDER, (all, partial: string, key: string, args: string) => {
      if (partial === '>') return fill(includePartial(catalogue, key, args, 'sql'));
      return key === 'conversations' ? own('conversations') : (values[key] ?? all);
    });
  return own(name);
}

/** The relations that an analysis reads, by itself or through the partials that it includes. */
export function relationsOf(catalogue: Partials, { sql }: Pick<Analysis, 'sql'>): ReadonlySet<RelationName> {
  const found = new Set<RelationName>();
  const look = (text: string): void => {
    for (const match of text.matchAll(PLACEHOLDER)) {
      const [, partial, name = ''] = match;
      if (partial === '>') look(catalogue.partial(`${name}.sql`));
      else if (RELATIONS.some((relation) => relation === name)) found.add(name as RelationName);
    }
  };
  look(sql);
  return found;
}

/** Smallest interval that anything is counted by. */
const LEAST_SECONDS = 300;

const floorTo = (seconds: number, unit = LEAST_SECONDS) => Math.floor(seconds / unit) * unit;

const addressed = (condition: string, address: string | undefined): string =>
  address === undefined ? condition : `${condition} AND ${quote(address, 'sql')} IN (srcaddr, dstaddr)`;

const narrowedSql = ({ scope = {}, address }: Pick<RenderOptions, 'scope' | 'address'>): string => addressed(scopeSql(scope), address);

/** A partial by itself, its arguments put in. @throws RenderError if it needs more than arguments */
export function renderPartial(catalogue: Partials, name: string, values: Readonly<Record<string, string>>): string {
  const text = filledPartial(catalogue, name, 'sql', new Map(Object.entries(values)));
  if (text.includes('{{')) throw new RenderError(`partial ${name} must be used in an analysis`);
  return text;
}

/** Text of a prepared statement: a `?` wherever a parameter without default is used. */
export interface Prepared {
  readonly sql: string;
  /** What each `?` stands for, in order. */
  readonly parameters: readonly string[];
}

/** Athena SQL whose parameters without default are left to `EXECUTE … USING`. @throws RenderError */
export function renderPrepared(catalogue: Partials, analysis: Analysis, options: RenderOptions): Prepared {
  const parameters: string[] = [];
  const sql = renderSql(catalogue, analysis, {
    ...options,
    open: (name) => {
      if (analysis.parameters[name]?.default !== undefined) return undefined;
      parameters.push(name);
      return '?';
    },
  });
  return { sql, parameters };
}

/** Logs Insights text. The window is not in it: StartQuery takes it. */
export function renderInsights(
  catalogue: Partials,
  analysis: Analysis,
  options: Omit<RenderOptions, 'window' | 'table' | 'partitions'> & { readonly format?: Format | undefined },
): string {
  if (analysis.insights === undefined)
    throw new RenderError(`${analysis.id} has no Logs Insights query: ${analysis.engines?.insights ?? ''}`);
  const absent = options.format === undefined ? [] : analysis.requires.filter((name) => options.format?.names.includes(name) !== true);
  if (absent.length > 0) throw new RenderError(`${analysis.id} needs ${absent.join(', ')}, which the given log format lacks`);
  const values = { scope: () => scopeInsights(options.scope ?? {}) };
  const text = substitute(catalogue, analysis, analysis.insights, 'insights', options, values)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');
  return `${insightsParsePrefix(options.format)}${text}`;
}

/** Logs Insights discovers the fields of the default format only: any other needs an explicit parse, in order. */
export function insightsParsePrefix(format: Format | undefined): string {
  if (format === undefined || formatKey(format) === formatKey(NAMED_FORMATS.default())) return '';
  const names = format.names.map((name) => findField(name)?.insightsName ?? name.replaceAll('-', '_'));
  return `parse @message "${format.names.map(() => '*').join(' ')}" as ${names.join(', ')}\n| `;
}

function substitute(
  catalogue: Partials,
  analysis: Analysis,
  template: string,
  language: Language,
  options: Pick<RenderOptions, 'parameters' | 'rows'> & Open,
  reserved: Record<string, () => string>,
): string {
  const given = options.parameters ?? {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(analysis.parameters, name)) {
      const known = Object.keys(analysis.parameters);
      throw new RenderError(
        `${analysis.id} has no parameter ${JSON.stringify(name)}; ${known.length === 0 ? 'it has no parameters' : `expected ${known.join(', ')}`}`,
      );
    }
  }
  const used = new Set<string>();
  const expand = (text: string, depth: number): string => {
    if (depth > 5) throw new RenderError(`${analysis.id}: partials include each other in a cycle`);
    if (/\{\{|\}\}/.test(text.replace(PLACEHOLDER, '')))
      throw new RenderError(`${analysis.id}: a malformed placeholder in the ${language} query; expected {{name}} or {{> partial}}`);
    return text.replace(PLACEHOLDER, (_, partial: string, name: string, args: string) => {
      if (partial === '>') return expand(includePartial(catalogue, name, args, language), depth + 1);
      const own = reserved[name];
      if (own !== undefined) return own();
      const definition = analysis.parameters[name];
      if (definition === undefined) {
        throw new RenderError(
          `${analysis.id}: unknown placeholder {{${name}}}; expected ${[...Object.keys(reserved), ...Object.keys(analysis.parameters)].join(', ')}`,
        );
      }
      used.add(name);
      const left = options.open?.(name);
      if (left !== undefined) return left;
      if (name === ROW_LIMIT && options.rows !== undefined) return rowLimitText(options.rows, language);
      const value = given[name] ?? definition.default;
      if (value === undefined)
        throw new RenderError(
          `${analysis.id}: parameter ${name} (${definition.type}) has no default: set one, such as --param ${name}=${String(definition.example ?? '…')}`,
        );
      return literal(name, definition, value, language);
    });
  };
  const text = expand(template, 0);
  const unused =
    language === 'sql' && options.partOfText !== true ? Object.keys(analysis.parameters).filter((name) => !used.has(name)) : [];
  if (unused.length > 0) throw new RenderError(`${analysis.id}: parameter ${unused.join(', ')} is declared but not used in athena.sql`);
  return text;
}

/** Example values of the parameters that have no default: for texts that a person will edit. */
export const exampleParameters = (analysis: Analysis): Record<string, ParameterValue> =>
  Object.fromEntries(
    Object.entries(analysis.parameters).flatMap(([name, { default: own, example }]) =>
      own === undefined && example !== undefined ? [[name, example]] : [],
    ),
  );

/** Shared text, its own arguments (SQL expressions without spaces) put in. */
function includePartial(catalogue: Partials, name: string, args: string, language: Language): string {
  const values = new Map(
    args
      .trim()
      .split(/\s+/)
      .filter((arg) => arg !== '')
      .map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]),
  );
  return filledPartial(catalogue, name, language, values);
}

const filledPartial = (catalogue: Partials, name: string, language: Language, values: ReadonlyMap<string, string>): string =>
  catalogue.partial(`${name}.${language === 'sql' ? 'sql' : 'insights.txt'}`).replace(/\[\[([a-z_]+)\]\]/g, (_, key: string) => {
    const value = values.get(key);
    if (value === undefined) throw new RenderError(`partial ${name}: argument ${key} is missing: {{> ${name} ${key}=…}}`);
    return value;
  });

/** A quoted table name. @throws RenderError for anything but a plain, dotted name */
export function tableSql(table: string): string {
  if (!TABLE_NAME.test(table))
    throw new RenderError(`table ${JSON.stringify(table)}: expected name, schema.name or catalog.schema.name of letters, digits, _ and -`);
  return table
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
}

interface Bounds {
  /** Unix seconds as SQL, `back` seconds earlier, at a whole multiple of `unit` if one is given. */
  from(back: number, unit?: number): string;
  to(): string;
  /** The value of a partition column at the bound, shifted by seconds. */
  partitionFrom(back: number, partition: Partition): string;
  partitionTo(ahead: number, partition: Partition): string | undefined;
}

function sqlBounds(window: Window): Bounds {
  if ('last' in window) {
    const seconds = durationSeconds(window.last);
    if (seconds === undefined) throw new RenderError(`window ${JSON.stringify(window.last)}: expected a duration such as 24h`);
    const ago = (back: number) => `current_timestamp - INTERVAL '${back}' SECOND`;
    return {
      from: (back, unit) => `CAST(to_unixtime(${ago(seconds + back)}) AS BIGINT)${unit === undefined ? '' : ` / ${unit} * ${unit}`}`,
      to: () => 'CAST(to_unixtime(current_timestamp) AS BIGINT)',
      partitionFrom: (back, { pattern }) => `date_format(${ago(seconds + back)}, '${pattern}')`,
      partitionTo: () => undefined,
    };
  }
  const { from, to } = window;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to))
    throw new RenderError(`window needs both bounds in whole Unix seconds; got from ${from}, to ${to}`);
  if (from >= to) throw new RenderError(`window is empty: from ${isoTime(from)} must be before to ${isoTime(to)}`);
  return {
    from: (back, unit) => String(unit === undefined && back === 0 ? from : floorTo(from - back, unit)),
    to: () => String(to),
    partitionFrom: (back, partition) => `'${partitionValue(partition, new Date((from - back) * 1000))}'`,
    partitionTo: (ahead, partition) => `'${partitionValue(partition, new Date((to + ahead) * 1000))}'`,
  };
}

const windowSql = (bounds: Bounds, back: number, partitions: readonly Partition[] = [], unit?: number): string =>
  [`"start" >= ${bounds.from(back, unit)}`, `"start" < ${bounds.to()}`, ...partitionConditions(bounds, back, partitions)].join(' AND ');

function partitionConditions(bounds: Bounds, back: number, partitions: readonly Partition[]): string[] {
  return partitions.map((partition) => {
    const range = [`"${partition.column}" >= ${bounds.partitionFrom(back, partition)}`];
    const end = bounds.partitionTo(DELIVERY_SLACK_SECONDS, partition);
    if (end !== undefined) range.push(`"${partition.column}" <= ${end}`);
    return partitions.length === 1 ? range.join(' AND ') : `("${partition.column}" IS NULL OR (${range.join(' AND ')}))`;
  });
}

/** The condition of a window and a scope alone, for SQL that is not a template. */
export const recordsCondition = (window: Window, scope: Scope, partitions: readonly Partition[] = []): string =>
  `${windowSql(sqlBounds(window), 0, partitions)} AND ${scopeSql(scope)}`;

/** ISO 8601 in UTC, to the second. */
export const isoTime = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
