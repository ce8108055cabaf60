import { INSIGHTS_MOST_ROWS } from '../../analysis/row-limit';
import { sqlName, sqlString } from '../../source/duckdb';
import {
  AGGREGATES,
  canonicalName,
  type Definition,
  FUNCTIONS,
  number,
  periodSeconds,
  type Sql,
  strftimePattern,
  string,
  timestamp,
  type Type,
  withinSql,
} from './functions';
import { type Command, type Expression, InsightsSyntaxError, type Item, parseInsights, type Pattern } from './parse';

/** Events to query: a table with `@timestamp` (TIMESTAMP), `@message` (VARCHAR) and fields, all VARCHAR. */
export interface Events {
  readonly table: string;
  readonly fields: readonly string[];
}

export interface Translated {
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: Type }[];
}

const MAX_STATS = 10;
const DEFAULT_LIMIT = 10_000;
const SUPPORTED = 'fields, display, filter, parse, stats, sort, limit, dedup';

/**
 * A column as DuckDB sees it: names in Logs Insights are case-sensitive, in DuckDB they are not, so a capital is written as `^` and its
 * small letter, which no field name holds.
 */
export const columnSql = (name: string): string => sqlName(name.replace(/[A-Z]/g, (letter) => `^${letter.toLowerCase()}`));

/** What the pipeline holds after a command. */
interface State {
  readonly from: string;
  readonly types: ReadonlyMap<string, Type>;
  /** Columns to show; undefined: nothing was chosen yet. */
  readonly shown: readonly string[] | undefined;
  /** Names that `display` fixed: later `fields` do not add to it. */
  readonly fixed: boolean;
  readonly order: readonly string[];
  readonly limit: number | undefined;
  readonly stats: number;
}

/**
 * Logs Insights QL to SQL for DuckDB with the prelude.
 * @throws InsightsSyntaxError for anything that is not implemented, naming it
 */
export async function translateInsights(query: string, events: Events, limit = DEFAULT_LIMIT): Promise<Translated> {
  const commands = await parseInsights(query);
  const start: State = {
    from: events.table,
    types: new Map<string, Type>([
      ['@timestamp', 'timestamp'],
      ['@message', 'string'],
      ...events.fields.map((name) => [name, 'any'] as const),
    ]),
    shown: undefined,
    fixed: false,
    order: [],
    limit: undefined,
    stats: 0,
  };
  const end = commands.reduce(apply, start);
  const names = end.shown ?? ['@timestamp', '@message'];
  // Without sort, Insights shows the newest events first.
  const order = end.order.length > 0 ? end.order : end.stats === 0 && end.types.has('@timestamp') ? ['"@timestamp" DESC'] : [];
  return {
    sql:
      `SELECT ${names.map((name) => `${columnSql(name)} AS ${sqlName(name)}`).join(', ')} FROM ${end.from}` +
      `${order.length > 0 ? ` ORDER BY ${order.join(', ')}` : ''} LIMIT ${Math.min(end.limit ?? limit, limit)}`,
    columns: names.map((name) => ({ name, type: end.types.get(name) ?? 'any' })),
  };
}

function apply(state: State, command: Command): State {
  switch (command.command) {
    case 'fields':
      return applyFields(state, command.items);
    case 'display': {
      const next = compute(state, command.items);
      return { ...next, shown: command.items.map(nameOf), fixed: true };
    }
    case 'filter':
      return { ...state, from: `(SELECT * FROM ${state.from} WHERE coalesce(${booleanSql(expression(command.condition, state))}, false))` };
    case 'parse':
      return applyParse(state, command);
    case 'stats':
      return applyStats(state, command);
    case 'sort':
      return { ...state, order: command.keys.flatMap(({ expression: key, descending }) => sortSql(expression(key, state), descending)) };
    case 'limit':
      if (command.count < 1 || command.count > INSIGHTS_MOST_ROWS)
        throw new InsightsSyntaxError(`limit: got ${command.count}, expected 1 to ${INSIGHTS_MOST_ROWS}`);
      return { ...state, limit: command.count };
    case 'dedup':
      return applyDedup(state, command.names);
    case 'unknown':
      throw new InsightsSyntaxError(
        `line ${command.at.line}, column ${command.at.column}: the command ${JSON.stringify(command.name)} is not supported by this implementation; expected ${SUPPORTED}`,
      );
  }
}

const nameOf = ({ expression: e, alias, text }: Item): string => alias ?? (e.node === 'field' ? e.name : text.replace(/\s+/g, ' '));

/** Adds computed columns; plain fields are there already. */
function compute(state: State, items: readonly Item[]): State {
  const types = new Map(state.types);
  const added = new Map<string, string>();
  for (const item of items) {
    const name = nameOf(item);
    if (item.alias === null && item.expression.node === 'field' && types.has(name)) continue;
    const { sql, type } = expression(item.expression, state);
    added.set(name, sql);
    types.set(name, type);
  }
  return added.size === 0 ? state : { ...state, types, from: withColumns(state, added) };
}

/** The pipeline with columns added, or put in the place of those of the same name. */
function withColumns(state: State, columns: ReadonlyMap<string, string>): string {
  const hidden = [...columns.keys()].filter((name) => state.types.has(name)).map(columnSql);
  const rest = hidden.length > 0 ? `* EXCLUDE (${hidden.join(', ')})` : '*';
  const added = [...columns].map(([name, sql]) => `${sql} AS ${columnSql(name)}`);
  return `(SELECT ${rest}, ${added.join(', ')} FROM ${state.from})`;
}

function applyFields(state: State, items: readonly Item[]): State {
  const next = compute(state, items);
  if (state.fixed) return next;
  return { ...next, shown: [...new Set([...(state.shown ?? []), ...items.map(nameOf)])] };
}

function applyParse(state: State, { field, pattern, as }: Extract<Command, { command: 'parse' }>): State {
  const value = string(expression(field, state));
  const named =
    pattern.pattern === 'regex' ? [...pattern.value.matchAll(/\(\?<([A-Za-z][A-Za-z0-9]*)>/g)].map((match) => match[1] ?? '') : [];
  const names = named.length > 0 ? named : as;
  const wildcards = pattern.pattern === 'glob' ? pattern.value.split('*').length - 1 : names.length;
  if (names.length === 0 || names.length !== wildcards)
    throw new InsightsSyntaxError(`parse: got ${names.length} names for ${wildcards} parts of the pattern; expected one name for each`);
  const parts = separatedParts(value, pattern) ?? regexParts(value, pattern, names.length);
  return {
    ...state,
    types: new Map([...state.types, ...names.map((name) => [name, 'any'] as const)]),
    from: withColumns(state, new Map(names.map((name, i) => [name, parts[i] ?? 'NULL'] as const))),
  };
}

/** `* * *`: what flow logs are parsed with. The last wildcard takes all that is left. */
function separatedParts(value: string, { pattern, value: glob }: Pattern): string[] | undefined {
  const [first, separator = '', ...rest] = glob.split('*');
  const last = rest.pop();
  if (pattern !== 'glob' || first !== '' || last !== '' || separator === '' || rest.some((part) => part !== separator)) return undefined;
  const count = rest.length + 2;
  const list = `string_split(${value}, ${sqlString(separator)})`;
  return Array.from({ length: count }, (_, i) => {
    const part = i === count - 1 ? `array_to_string(${list}[${count}:], ${sqlString(separator)})` : `${list}[${i + 1}]`;
    return `CASE WHEN len(${list}) >= ${count} THEN ${part} END`;
  });
}

const GROUP = /\((?!\?)|\(\?<[A-Za-z][A-Za-z0-9]*>/g;

/** One expression per group: DuckDB numbers nine groups at most, so each has a pattern in which it alone is counted. */
function regexParts(value: string, { pattern, value: text }: Pattern, count: number): string[] {
  const regex = pattern === 'regex' ? text : globRegex(text);
  return Array.from({ length: count }, (_, wanted) => {
    let index = -1;
    const own = sqlString(regex.replace(GROUP, () => (++index === wanted ? '(' : '(?:')));
    return `CASE WHEN regexp_matches(${value}, ${own}) THEN regexp_extract(${value}, ${own}, 1) END`;
  });
}

/** `*` takes as little as it can, the last one all that is left. */
function globRegex(glob: string): string {
  const parts = glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return parts
    .map((part, i) => (i === parts.length - 1 ? part : `${part}${i === parts.length - 2 && parts.at(-1) === '' ? '(.*)' : '(.*?)'}`))
    .join('');
}

function applyStats(state: State, { aggregates, by }: Extract<Command, { command: 'stats' }>): State {
  if (state.stats === MAX_STATS) throw new InsightsSyntaxError(`stats: got more than ${MAX_STATS} in a query, which Logs Insights rejects`);
  if (state.order.length > 0 || state.limit !== undefined)
    throw new InsightsSyntaxError(
      'stats: got it after sort or limit, which Logs Insights rejects: put sort and limit after the last stats',
    );
  const grouping = by.map((item) => ({ name: nameOf(item), value: expression(item.expression, state) }));
  const results = aggregates.map((item) => ({ name: nameOf(item), value: aggregate(item.expression, state) }));
  const select = [...grouping, ...results].map(({ name, value }) => `${value.sql} AS ${columnSql(name)}`);
  return {
    from: `(SELECT ${select.join(', ')} FROM ${state.from}${grouping.length > 0 ? ` GROUP BY ${grouping.map((_, i) => i + 1).join(', ')}` : ''})`,
    types: new Map([...grouping, ...results].map(({ name, value }) => [name, value.type])),
    shown: [...grouping, ...results].map(({ name }) => name),
    fixed: false,
    order: [],
    limit: undefined,
    stats: state.stats + 1,
  };
}

/** Keeps the first event of each combination in the requested order, otherwise the newest. */
function applyDedup(state: State, names: readonly string[]): State {
  const keys = names.map((name) => string(expression({ node: 'field', name }, state)));
  const order = state.order.length > 0 ? state.order : ['"@timestamp" DESC'];
  return {
    ...state,
    from: `(SELECT * FROM ${state.from} WHERE ${keys.map((key) => `${key} IS NOT NULL`).join(' AND ')} QUALIFY row_number() OVER (PARTITION BY ${keys.join(', ')} ORDER BY ${order.join(', ')}) = 1)`,
  };
}

/** Non-numbers come before numbers: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html */
function sortSql(value: Sql, descending: boolean): string[] {
  const direction = descending ? 'DESC' : 'ASC';
  if (value.type === 'number' || value.type === 'timestamp') return [`${value.sql} ${direction} NULLS LAST`];
  return [
    `(${number(value)} IS NOT NULL) ${direction}`,
    `${number(value)} ${direction} NULLS LAST`,
    `${string(value)} ${direction} NULLS LAST`,
  ];
}

const booleanSql = ({ sql, type }: Sql): string => (type === 'boolean' ? sql : type === 'number' ? `(${sql} <> 0)` : `(${sql} = 'true')`);

function aggregate(node: Expression, state: State): Sql {
  if (node.node === 'call') {
    const definition = AGGREGATES[canonicalName(node.name)];
    if (definition !== undefined) {
      const args = node.args.map((arg): Sql => (arg.node === 'star' ? { sql: '*', type: 'any' } : expression(arg, state)));
      return call(node, definition, args);
    }
  }
  // Arithmetic over aggregates: max(a) - min(a), 100 * sum(x) / count(*).
  switch (node.node) {
    case 'binary':
      return arithmetic(node.op, aggregate(node.left, state), aggregate(node.right, state));
    case 'number':
      return { sql: `${node.value}::DOUBLE`, type: 'number' };
    case 'call': {
      const definition = FUNCTIONS[canonicalName(node.name)];
      if (definition === undefined) throw unknownFunction(node.name, node.at);
      return call(
        node,
        definition,
        node.args.map((arg) => aggregate(arg, state)),
      );
    }
    default:
      throw new InsightsSyntaxError(`stats: expected aggregates (${Object.keys(AGGREGATES).join(', ')}), got a plain value`);
  }
}

const unknownFunction = (name: string, at: { line: number; column: number }) =>
  new InsightsSyntaxError(
    `line ${at.line}, column ${at.column}: the function ${JSON.stringify(name)} is not supported by this implementation; expected one of ${Object.keys({ ...FUNCTIONS, ...AGGREGATES }).join(', ')}, if, case, bin, datefloor, dateceil, formatDate, now`,
  );

function call(node: Extract<Expression, { node: 'call' }>, definition: Definition, args: readonly Sql[]): Sql {
  const [least, most] = definition.arity;
  if (args.length < least || args.length > most)
    throw new InsightsSyntaxError(
      `line ${node.at.line}, column ${node.at.column}: ${node.name} got ${args.length} arguments, expected ${least === most ? least : `${least} to ${most}`}`,
    );
  return { sql: definition.sql(args), type: definition.type, within: definition.within?.(args) };
}

function arithmetic(op: string, left: Sql, right: Sql): Sql {
  const [a, b] = [number(left), number(right)];
  switch (op) {
    case '/':
      return { sql: `(${a} / nullif(${b}, 0))`, type: 'number' };
    case '%':
      return { sql: `(${a} % nullif(${b}, 0))`, type: 'number' };
    case '^':
      return { sql: `power(${a}, ${b})`, type: 'number' };
    default:
      return { sql: `(${a} ${op} ${b})`, type: 'number' };
  }
}

function expression(node: Expression, state: State): Sql {
  switch (node.node) {
    case 'field': {
      const type = state.types.get(node.name);
      // A field that no event has is missing everywhere; that is not an error in Insights.
      return type === undefined ? { sql: 'CAST(NULL AS VARCHAR)', type: 'any' } : { sql: columnSql(node.name), type };
    }
    case 'number':
      return { sql: `${node.value}::DOUBLE`, type: 'number' };
    case 'string':
      return { sql: sqlString(node.value), type: 'string' };
    case 'not':
      return { sql: `(NOT coalesce(${booleanSql(expression(node.operand, state))}, false))`, type: 'boolean' };
    case 'negate':
      return { sql: `(-${number(expression(node.operand, state))})`, type: 'number' };
    case 'binary': {
      const [left, right] = [expression(node.left, state), expression(node.right, state)];
      if (node.op === 'or' && left.within !== undefined && left.within.address === right.within?.address) {
        const within = { ...left.within, prefixes: [...left.within.prefixes, ...right.within.prefixes] };
        return { sql: withinSql(within), type: 'boolean', within };
      }
      if (node.op === 'and' || node.op === 'or')
        return {
          sql: `(coalesce(${booleanSql(left)}, false) ${node.op.toUpperCase()} coalesce(${booleanSql(right)}, false))`,
          type: 'boolean',
        };
      return arithmetic(node.op, left, right);
    }
    case 'compare':
      return compare(node.op, expression(node.left, state), expression(node.right, state));
    case 'in': {
      const value = expression(node.value, state);
      const tests = node.list.map((item) => compare('=', value, expression(item, state)).sql);
      const sql = tests.length === 0 ? 'false' : `(${tests.join(' OR ')})`;
      return { sql: node.negated ? `(NOT coalesce(${sql}, false))` : sql, type: 'boolean' };
    }
    case 'like': {
      const sql = likeSql(string(expression(node.value, state)), node.pattern);
      return { sql: node.negated ? `(NOT coalesce(${sql}, false))` : sql, type: 'boolean' };
    }
    case 'call':
      return callSql(node, state);
    case 'duration':
      throw new InsightsSyntaxError(`got the period ${node.value}${node.unit}, expected it in bin, datefloor or dateceil only`);
    case 'star':
      throw new InsightsSyntaxError('got *, expected it in count(*) only');
  }
}

/** Numbers are compared as numbers where one side is one (or an order is requested); otherwise texts are compared. */
function compare(op: string, left: Sql, right: Sql): Sql {
  const symbol = op === '!=' ? '<>' : op;
  if (left.type === 'timestamp' || right.type === 'timestamp')
    return { sql: `(${timestamp(left)} ${symbol} ${timestamp(right)})`, type: 'boolean' };
  const order = op !== '=' && op !== '!=';
  if (left.type === 'number' || right.type === 'number' || (order && left.type !== 'string' && right.type !== 'string')) {
    // What is no number differs from every number.
    return {
      sql: `(${op === '!=' ? `coalesce(${number(left)} <> ${number(right)}, ${string(left)} IS NOT NULL)` : `${number(left)} ${symbol} ${number(right)}`})`,
      type: 'boolean',
    };
  }
  return { sql: `(${string(left)} ${symbol} ${string(right)})`, type: 'boolean' };
}

const likeSql = (value: string, { pattern, value: text }: Pattern): string =>
  pattern === 'regex' ? `regexp_matches(${value}, ${sqlString(text)})` : `(strpos(${value}, ${sqlString(text)}) > 0)`;

function callSql(node: Extract<Expression, { node: 'call' }>, state: State): Sql {
  const name = canonicalName(node.name);
  const at = `line ${node.at.line}, column ${node.at.column}: ${node.name}`;
  const argument = (i: number): Expression => {
    const arg = node.args[i];
    if (arg === undefined) throw new InsightsSyntaxError(`${at} got ${node.args.length} arguments, expected at least ${i + 1}`);
    return arg;
  };
  const period = (i: number): number => {
    const arg = argument(i);
    const seconds = arg.node === 'duration' ? periodSeconds(arg.value, arg.unit) : undefined;
    if (seconds === undefined)
      throw new InsightsSyntaxError(
        `${at} got ${JSON.stringify(arg)}, expected a period such as 5m or 1h (months and longer are not supported by this implementation)`,
      );
    return seconds;
  };
  const bucket = (value: string, seconds: number) => `time_bucket(to_milliseconds(${seconds * 1000}), ${value}, TIMESTAMP '1970-01-01')`;
  switch (name) {
    case 'bin':
      return { sql: bucket('"@timestamp"', period(0)), type: 'timestamp' };
    case 'datefloor':
      return { sql: bucket(timestamp(expression(argument(0), state)), period(1)), type: 'timestamp' };
    case 'dateceil': {
      const [value, seconds] = [timestamp(expression(argument(0), state)), period(1)];
      const floor = bucket(value, seconds);
      return {
        sql: `CASE WHEN ${floor} = ${value} THEN ${value} ELSE ${floor} + to_milliseconds(${seconds * 1000}) END`,
        type: 'timestamp',
      };
    }
    case 'now':
      return { sql: 'epoch(now())::DOUBLE', type: 'number' };
    case 'formatdate': {
      const pattern = argument(1);
      if (pattern.node !== 'string')
        throw new InsightsSyntaxError(`${at} expected its second argument to be a pattern in quotes, such as "HH"`);
      return { sql: `strftime(${timestamp(expression(argument(0), state))}, ${sqlString(strftimePattern(pattern.value))})`, type: 'any' };
    }
    case 'if': {
      const [condition, yes, no] = [argument(0), argument(1), argument(2)].map((arg) => expression(arg, state)) as [Sql, Sql, Sql];
      return branches([[condition, yes]], no);
    }
    case 'case': {
      const args = node.args.map((arg) => expression(arg, state));
      const last = args.length % 2 === 1 ? args.at(-1) : undefined;
      const pairs: [Sql, Sql][] = [];
      for (let i = 0; i + 1 < args.length; i += 2) pairs.push(args.slice(i, i + 2) as [Sql, Sql]);
      if (pairs.length === 0 || pairs.length > 10) throw new InsightsSyntaxError(`${at} got ${pairs.length} branches, expected 1 to 10`);
      return branches(pairs, last);
    }
  }
  const definition = FUNCTIONS[name];
  if (definition === undefined) throw unknownFunction(node.name, node.at);
  return call(
    node,
    definition,
    node.args.map((arg) => expression(arg, state)),
  );
}

function branches(pairs: readonly (readonly [Sql, Sql])[], otherwise: Sql | undefined): Sql {
  const values = [...pairs.map(([, value]) => value), ...(otherwise === undefined ? [] : [otherwise])];
  const same = values.every(({ type }) => type === values[0]?.type) ? (values[0]?.type ?? 'any') : 'any';
  const text = (value: Sql) => (same === 'any' ? string(value) : value.sql);
  const whens = pairs.map(([condition, value]) => `WHEN coalesce(${booleanSql(condition)}, false) THEN ${text(value)}`).join(' ');
  return { sql: `CASE ${whens} ELSE ${otherwise === undefined ? 'NULL' : text(otherwise)} END`, type: same };
}
