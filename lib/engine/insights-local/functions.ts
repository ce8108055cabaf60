/**
 * Functions of Logs Insights QL as DuckDB SQL.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
 */
import ipaddr from 'ipaddr.js';

/** What a SQL text gives. `any` is the text of a field: a number if it looks like one, as Insights treats it. */
export type Type = 'any' | 'string' | 'number' | 'boolean' | 'timestamp';

export interface Sql {
  readonly sql: string;
  readonly type: Type;
  /** Whether an address is in literal networks. */
  readonly within?: Within | undefined;
}

/** Networks by what the keys of their addresses begin with: `4` or `6`, then bits. */
export interface Within {
  /** SQL of the address. */
  readonly address: string;
  readonly prefixes: readonly string[];
}

export const number = ({ sql, type }: Sql): string =>
  type === 'number'
    ? sql
    : type === 'boolean'
      ? `CAST(${sql} AS DOUBLE)`
      : type === 'timestamp'
        ? `CAST(epoch_ms(${sql}) AS DOUBLE)`
        : `TRY_CAST(${sql} AS DOUBLE)`;

/** A whole number prints without a fraction. */
export const string = ({ sql, type }: Sql): string =>
  type === 'any' || type === 'string'
    ? sql
    : type === 'number'
      ? `CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) < 1e15 THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR) ELSE CAST(${sql} AS VARCHAR) END`
      : type === 'timestamp'
        ? `strftime(${sql}, '%Y-%m-%d %H:%M:%S.%g')`
        : `CAST(${sql} AS VARCHAR)`;

export const timestamp = (value: Sql): string =>
  value.type === 'timestamp' ? value.sql : `make_timestamp(CAST(${number(value)} * 1000 AS BIGINT))`;

export interface Definition {
  readonly type: Type;
  /** Least and greatest number of arguments. */
  readonly arity: readonly [number, number];
  readonly sql: (args: readonly Sql[]) => string;
  readonly within?: (args: readonly Sql[]) => Within | undefined;
}

const MANY = 50;
const one = (args: readonly Sql[]): Sql => args[0] ?? { sql: 'NULL', type: 'any' };
const two = (args: readonly Sql[]): Sql => args[1] ?? { sql: 'NULL', type: 'any' };
const three = (args: readonly Sql[]): Sql => args[2] ?? { sql: 'NULL', type: 'any' };
const math = (name: string): Definition => ({ type: 'number', arity: [1, 1], sql: (args) => `${name}(${number(one(args))})` });
const each = (name: string): Definition => ({ type: 'number', arity: [1, MANY], sql: (args) => `${name}(${args.map(number).join(', ')})` });
const trimming = (name: string): Definition => ({
  type: 'string',
  arity: [1, 2],
  sql: (args) => `${name}(${string(one(args))}${args.length > 1 ? `, ${string(two(args))}` : ''})`,
});

/** The prelude's key of all addresses of a network, cut to its length; undefined for what is none, or IPv4 written as IPv6. */
function networkKey(network: string): { family: 4 | 6; prefix: string } | undefined {
  if (!ipaddr.isValidCIDR(network) || /:.*\./.test(network)) return undefined;
  const [address, length] = ipaddr.parseCIDR(network);
  const family = address.kind() === 'ipv4' ? 4 : 6;
  const bits = address.toByteArray().map((byte) => byte.toString(2).padStart(8, '0'));
  return { family, prefix: `${family}${bits.join('').slice(0, length)}` };
}

const FAMILIES = [4, 6] as const;

/**
 * False for what is no address. Networks that are written out are worked out here, and all of an address at once: a query with many of them
 * spent seconds on macros within macros.
 */
export function withinSql({ address, prefixes }: Within): string {
  const tests = FAMILIES.flatMap((family) => {
    const own = prefixes.filter((prefix) => prefix.startsWith(String(family)));
    return own.length === 0 ? [] : [`coalesce(regexp_matches(_ipv${family}_key(${address}), '^(${own.join('|')})'), false)`];
  });
  return tests.length === 0 ? 'false' : `(${tests.join(' OR ')})`;
}

const inSubnet = (only?: 4 | 6): Definition => {
  const within = (args: readonly Sql[]): Within | undefined => {
    const written = /^'([^']*)'$/.exec(two(args).sql)?.[1];
    const key = written === undefined ? undefined : networkKey(written);
    if (key === undefined) return undefined;
    return { address: string(one(args)), prefixes: only === undefined || key.family === only ? [key.prefix] : [] };
  };
  return {
    type: 'boolean',
    arity: [2, 2],
    within,
    sql: (args) => {
      const known = within(args);
      if (known !== undefined) return withinSql(known);
      const address = string(one(args));
      const ofFamily = only === undefined ? '' : ` AND _ip_key(${address}) LIKE '${only}%'`;
      return `coalesce(contains(${string(two(args))}, ${address})${ofFamily}, false)`;
    },
  };
};
const valid = (pattern: string): Definition => ({
  type: 'boolean',
  arity: [1, 1],
  sql: (args) => `coalesce(_ip_key(${string(one(args))}) ${pattern}, false)`,
});

/** RFC 1918 and RFC 4193. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].flatMap((network) => networkKey(network)?.prefix ?? []);

/** Java's date letters as strftime's, for the formats in flow-log queries. */
const DATE_LETTERS: readonly [RegExp, string][] = [
  [/yyyy/g, '%Y'],
  [/MM/g, '%m'],
  [/dd/g, '%d'],
  [/HH/g, '%H'],
  [/mm/g, '%M'],
  [/ss/g, '%S'],
  [/EEEE/g, '%A'],
  [/\be\b|\bu\b/g, '%u'],
];

export const strftimePattern = (java: string): string => DATE_LETTERS.reduce((text, [letters, code]) => text.replace(letters, code), java);

export const FUNCTIONS: Readonly<Record<string, Definition>> = {
  abs: math('abs'),
  ceil: math('ceil'),
  floor: math('floor'),
  log: math('ln'),
  sqrt: math('sqrt'),
  greatest: each('greatest'),
  least: each('least'),
  ispresent: { type: 'boolean', arity: [1, 1], sql: (args) => `(${one(args).sql} IS NOT NULL)` },
  isnumeric: { type: 'boolean', arity: [1, 1], sql: (args) => `(${number(one(args))} IS NOT NULL)` },
  coalesce: { type: 'any', arity: [1, MANY], sql: (args) => `coalesce(${args.map(string).join(', ')})` },
  tonumber: { type: 'number', arity: [1, 1], sql: (args) => number(one(args)) },
  todouble: { type: 'number', arity: [1, 1], sql: (args) => number(one(args)) },
  toint: { type: 'number', arity: [1, 1], sql: (args) => `trunc(${number(one(args))})` },
  tolong: { type: 'number', arity: [1, 1], sql: (args) => `trunc(${number(one(args))})` },
  isempty: { type: 'boolean', arity: [1, 1], sql: (args) => `(coalesce(${string(one(args))}, '') = '')` },
  isblank: { type: 'boolean', arity: [1, 1], sql: (args) => `(trim(coalesce(${string(one(args))}, '')) = '')` },
  concat: { type: 'string', arity: [1, MANY], sql: (args) => `(${args.map(string).join(' || ')})` },
  ltrim: trimming('ltrim'),
  rtrim: trimming('rtrim'),
  trim: trimming('trim'),
  strlen: { type: 'number', arity: [1, 1], sql: (args) => `CAST(length(${string(one(args))}) AS DOUBLE)` },
  toupper: { type: 'string', arity: [1, 1], sql: (args) => `upper(${string(one(args))})` },
  tolower: { type: 'string', arity: [1, 1], sql: (args) => `lower(${string(one(args))})` },
  // Counts from 0: substr("xyZfooxyZ", 3, 3) is "foo" in the documentation.
  substr: {
    type: 'string',
    arity: [2, 3],
    sql: (args) =>
      `substr(${string(one(args))}, CAST(${number(two(args))} AS BIGINT) + 1${args.length > 2 ? `, CAST(${number(three(args))} AS BIGINT)` : ''})`,
  },
  replace: { type: 'string', arity: [3, 3], sql: (args) => `replace(${args.map(string).join(', ')})` },
  strcontains: {
    type: 'number',
    arity: [2, 2],
    sql: (args) => `CAST(strpos(${string(one(args))}, ${string(two(args))}) > 0 AS DOUBLE)`,
  },
  frommillis: { type: 'timestamp', arity: [1, 1], sql: (args) => timestamp({ sql: number(one(args)), type: 'number' }) },
  tomillis: { type: 'number', arity: [1, 1], sql: (args) => `CAST(epoch_ms(${timestamp(one(args))}) AS DOUBLE)` },
  isvalidip: valid('IS NOT NULL'),
  isvalidipv4: valid("LIKE '4%'"),
  isvalidipv6: valid("LIKE '6%'"),
  isipinsubnet: inSubnet(),
  isipv4insubnet: inSubnet(4),
  isipv6insubnet: inSubnet(6),
  isprivateip: { type: 'boolean', arity: [1, 1], sql: (args) => withinSql({ address: string(one(args)), prefixes: PRIVATE }) },
};

/** Aggregates of `stats`. Non-numbers count for nothing in sums and averages. */
export const AGGREGATES: Readonly<Record<string, Definition>> = {
  count: {
    type: 'number',
    arity: [0, 1],
    sql: (args) => `CAST(count(${args.length === 0 || one(args).sql === '*' ? '*' : one(args).sql}) AS DOUBLE)`,
  },
  count_distinct: { type: 'number', arity: [1, 1], sql: (args) => `CAST(count(DISTINCT ${string(one(args))}) AS DOUBLE)` },
  sum: { type: 'number', arity: [1, 1], sql: (args) => `coalesce(sum(${number(one(args))}), 0)` },
  avg: { type: 'number', arity: [1, 1], sql: (args) => `avg(${number(one(args))})` },
  stddev: { type: 'number', arity: [1, 1], sql: (args) => `stddev_samp(${number(one(args))})` },
  variance: { type: 'number', arity: [1, 1], sql: (args) => `var_samp(${number(one(args))})` },
  pct: { type: 'number', arity: [2, 2], sql: (args) => `quantile_disc(${number(one(args))}, ${two(args).sql} / 100)` },
  min: { type: 'number', arity: [1, 1], sql: (args) => `min(${number(one(args))})` },
  max: { type: 'number', arity: [1, 1], sql: (args) => `max(${number(one(args))})` },
  earliest: { type: 'any', arity: [1, 1], sql: (args) => `arg_min(${string(one(args))}, "@timestamp")` },
  latest: { type: 'any', arity: [1, 1], sql: (args) => `arg_max(${string(one(args))}, "@timestamp")` },
  sortsfirst: { type: 'any', arity: [1, 1], sql: (args) => `min(${string(one(args))})` },
  sortslast: { type: 'any', arity: [1, 1], sql: (args) => `max(${string(one(args))})` },
  values: {
    type: 'string',
    arity: [1, 1],
    sql: (args) => `CAST(list(DISTINCT ${string(one(args))} ORDER BY ${string(one(args))}) AS VARCHAR)`,
  },
};

/** Insights spells names in any case, and some in two ways. */
const SYNONYMS: Readonly<Record<string, string>> = { countdistinct: 'count_distinct', strftime: 'formatdate' };
export const canonicalName = (name: string): string => SYNONYMS[name.toLowerCase()] ?? name.toLowerCase();

interface Unit {
  readonly seconds: number;
  /** A larger number acts as this one: `bin(300s)` is `bin(60s)`. */
  readonly cap: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html, Datetime functions */
const UNITS: readonly [readonly string[], Unit][] = [
  [['ms', 'msec', 'msecs', 'millisecond', 'milliseconds'], { seconds: 0.001, cap: 1000 }],
  [['s', 'sec', 'secs', 'second', 'seconds'], { seconds: 1, cap: 60 }],
  [['m', 'min', 'mins', 'minute', 'minutes'], { seconds: 60, cap: 60 }],
  [['h', 'hr', 'hrs', 'hour', 'hours'], { seconds: 3600, cap: 24 }],
  [['d', 'day', 'days'], { seconds: 86400, cap: Infinity }],
  [['w', 'week', 'weeks'], { seconds: 604800, cap: Infinity }],
];

/** Length of a period as Insights takes it; undefined for a unit that is not implemented here (months and longer). */
export function periodSeconds(value: number, unit: string): number | undefined {
  const found = UNITS.find(([names]) => names.includes(unit))?.[1];
  return found === undefined ? undefined : Math.min(value, found.cap) * found.seconds;
}
