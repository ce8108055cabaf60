/**
 * Athena SQL that names time zones. `AT TIME ZONE` gives an instant with a zone, which DuckDB has no type for: ZONED, whose wall time is kept
 * next to it. Functions of times become macros with one body for each type of time. They take longer to define than most questions to
 * answer: only a text that names zones gets them.
 */
import { bareSql } from '../../analysis/functions';

/** How a macro sees its argument `t`. Wall time: what a clock in its zone shows, as a plain TIMESTAMP. */
interface Kind {
  readonly type: string;
  readonly wall: (t: string) => string;
  readonly instant: (t: string) => string;
  /** The same kind of time at another wall time, and by something that the clocks do not change. */
  readonly atWall: (t: string, wall: string) => string;
  readonly later: (t: string, interval: string) => string;
  /** Local time at an instant, in the zone of `t`. */
  readonly beside: (t: string, instant: string) => string;
  /** What is written behind a wall time: as text, and in ISO 8601. */
  readonly suffix: (t: string) => string;
  readonly isoSuffix: (t: string) => string;
}

const plain = { later: (t: string, interval: string) => `${t} + ${interval}`, beside: (_: string, instant: string) => `_utc(${instant})` };
const none = () => "''";

const KINDS: readonly Kind[] = [
  {
    ...plain,
    type: 'TIMESTAMPTZ',
    wall: (t) => `_utc(${t})`,
    instant: (t) => t,
    atWall: (_, wall) => `_instant(${wall})`,
    later: (t, interval) => `_instant(_utc(${t}) + ${interval})`,
    suffix: () => "' UTC'",
    isoSuffix: () => "'Z'",
  },
  {
    ...plain,
    type: 'TIMESTAMP',
    wall: (t) => t,
    instant: (t) => `_instant(${t})`,
    atWall: (_, wall) => wall,
    suffix: none,
    isoSuffix: none,
  },
  {
    ...plain,
    type: 'DATE',
    wall: (t) => `CAST(${t} AS TIMESTAMP)`,
    instant: (t) => `_instant(CAST(${t} AS TIMESTAMP))`,
    atWall: (_, wall) => `CAST(${wall} AS DATE)`,
    later: (t, interval) => `CAST(${t} + ${interval} AS DATE)`,
    suffix: none,
    isoSuffix: none,
  },
  {
    type: 'ZONED',
    wall: (t) => `${t}.wall`,
    instant: (t) => `${t}.instant`,
    atWall: (t, wall) => `_zoned(_at_wall(${wall}, ${t}.zone), ${t}.zone)`,
    later: (t, interval) => `_zoned(_instant(_utc(${t}.instant) + ${interval}), ${t}.zone)`,
    beside: (t, instant) => `_wall_in(${instant}, ${t}.zone)`,
    suffix: (t) => `' ' || ${t}.zone`,
    isoSuffix: (t) =>
      `CASE WHEN ${t}.wall = _utc(${t}.instant) THEN 'Z' ELSE _offset_text(CAST(epoch(${t}.wall - _utc(${t}.instant)) AS BIGINT)) END`,
  },
];

const WALL_PARTS: Readonly<Record<string, string>> = {
  year: 'year',
  quarter: 'quarter',
  month: 'month',
  week: 'week',
  week_of_year: 'week',
  year_of_week: 'isoyear',
  yow: 'isoyear',
  day: 'day',
  day_of_month: 'day',
  day_of_week: 'isodow',
  dow: 'isodow',
  day_of_year: 'dayofyear',
  doy: 'dayofyear',
  hour: 'hour',
  minute: 'minute',
  second: 'second',
};

type Body = (kind: Kind) => string;

const part =
  (name: string): Body =>
  ({ wall }) =>
    `system.main.${name}(${wall('t')})`;
const offset: Body = ({ wall, instant }) => `epoch(${wall('t')} - _utc(${instant('t')}))`;
const timezoneHour: Body = (kind) => `CAST(trunc(${offset(kind)} / 3600) AS BIGINT)`;
const timezoneMinute: Body = (kind) => `CAST(trunc((${offset(kind)} % 3600) / 60) AS BIGINT)`;
const millisecond: Body = ({ wall }) => `system.main.millisecond(${wall('t')}) % 1000`;

/** EXTRACT becomes a call of date_part. */
const extract: Body = (kind) =>
  `CASE lower(part) ${[
    ...Object.entries(WALL_PARTS).map(([name, own]) => `WHEN '${name}' THEN ${part(own)(kind)}`),
    `WHEN 'timezone_hour' THEN ${timezoneHour(kind)} WHEN 'timezone_minute' THEN ${timezoneMinute(kind)}`,
  ].join(' ')} ELSE system.main.date_part(part, ${kind.wall('t')}) END`;

const truncated: Body = ({ type, wall, atWall, later }) => {
  const cut = `CAST(system.main.date_trunc(unit, ${wall('t')}) AS TIMESTAMP)`;
  if (type === 'DATE') return atWall('t', cut);
  return `CASE WHEN _is_exact(unit) THEN ${later('t', `(${cut} - ${wall('t')})`)} ELSE ${atWall('t', cut)} END`;
};

const added: Body = ({ type, wall, atWall, later }) =>
  type === 'DATE'
    ? later('t', '_step(unit, n)')
    : `CASE WHEN _is_exact(unit) THEN ${later('t', '_step(unit, n)')} ELSE ${atWall('t', `${wall('t')} + _step(unit, n)`)} END`;

/** Arguments before and after `t`, and what the macro gives. */
const FUNCTIONS: Readonly<Record<string, { readonly before?: string; readonly after?: string; readonly body: Body }>> = {
  ...Object.fromEntries(Object.entries(WALL_PARTS).map(([name, own]) => [name, { body: part(own) }])),
  millisecond: { body: millisecond },
  timezone_hour: { body: timezoneHour },
  timezone_minute: { body: timezoneMinute },
  date_part: { before: 'part VARCHAR', body: extract },
  to_unixtime: { body: ({ instant }) => `epoch_us(${instant('t')}) / 1e6` },
  timezone: { before: 'zone VARCHAR', body: ({ instant }) => `_zoned(${instant('t')}, zone)` },
  at_timezone: { after: 'zone VARCHAR', body: ({ instant }) => `_zoned(${instant('t')}, zone)` },
  with_timezone: { after: 'zone VARCHAR', body: ({ wall }) => `_zoned(_at_wall(${wall('t')}, zone), zone)` },
  last_day_of_month: { body: ({ wall }) => `last_day(${wall('t')})` },
  date_trunc: { before: 'unit VARCHAR', body: truncated },
  _wall: { body: ({ wall }) => wall('t') },
  date_add: { before: 'unit VARCHAR, n BIGINT', body: added },
  to_iso8601: {
    body: (kind) =>
      kind.type === 'DATE' ? "strftime(t, '%Y-%m-%d')" : `strftime(${kind.wall('t')}, '%Y-%m-%dT%H:%M:%S.%g') || ${kind.isoSuffix('t')}`,
  },
  _as_date: { body: ({ wall }) => `CAST(${wall('t')} AS DATE)` },
  _as_timestamp: { body: ({ wall }) => wall('t') },
  _as_varchar: {
    body: (kind) =>
      kind.type === 'DATE' ? 'CAST(t AS VARCHAR)' : `strftime(${kind.wall('t')}, '%Y-%m-%d %H:%M:%S.%g') || ${kind.suffix('t')}`,
  },
};

const BASICS = `
CREATE TYPE ZONED AS STRUCT(instant TIMESTAMPTZ, zone VARCHAR, wall TIMESTAMP);

-- Seconds of '+05:30'; NULL for the name of a zone.
CREATE MACRO _offset(zone) AS
  CASE WHEN regexp_full_match(zone, '[+-][0-9]{2}:[0-9]{2}') THEN (substr(zone, 2, 2)::BIGINT * 3600 + substr(zone, 5, 2)::BIGINT * 60) * CASE WHEN starts_with(zone, '-') THEN -1 ELSE 1 END END;
CREATE MACRO _wall_in(instant, zone) AS
  CASE WHEN _offset(zone) IS NULL THEN system.main.timezone(zone, instant) ELSE _utc(instant) + to_seconds(_offset(zone)) END;
-- A wall time that the clocks go over is moved by what they are put forward; of one that comes twice, the second is meant east of
-- Greenwich and the first zone to the west.
CREATE MACRO _guess(wall, zone) AS _instant(wall - (_wall_in(_instant(wall), zone) - wall));
CREATE MACRO _at_wall(wall, zone) AS
  CASE WHEN _offset(zone) IS NOT NULL THEN _instant(wall - to_seconds(_offset(zone)))
    WHEN _wall_in(_guess(wall, zone), zone) = wall THEN _guess(wall, zone)
    ELSE system.main.timezone(zone, wall) END;
CREATE MACRO _zoned(instant, zone) AS {'instant': instant, 'zone': zone, 'wall': _wall_in(instant, zone)}::ZONED;
CREATE MACRO _offset_text(seconds) AS CASE WHEN seconds < 0 THEN '-' ELSE '+' END || lpad((abs(seconds) / 3600)::VARCHAR, 2, '0') || ':' || lpad((abs(seconds) % 3600 / 60)::VARCHAR, 2, '0');
CREATE OR REPLACE MACRO from_unixtime(seconds) AS make_timestamptz(CAST(floor(seconds * 1e3 + 0.5e0) AS BIGINT) * 1000),
  (seconds, zone) AS _zoned(make_timestamptz(CAST(floor(seconds * 1e3 + 0.5e0) AS BIGINT) * 1000), zone);
-- Hours and less pass by whatever the clocks say; days and more are those of the zone.
CREATE MACRO _is_exact(unit) AS unit IN ('millisecond', 'second', 'minute', 'hour');
CREATE MACRO _from_iso(text, zone) AS _zoned(_at_wall(CAST(regexp_replace(text, '(Z|[+-][0-9]{2}:[0-9]{2})$', '') AS TIMESTAMP), replace(zone, 'Z', '+00:00')), replace(zone, 'Z', 'UTC'));
CREATE MACRO from_iso8601_timestamp(text) AS _from_iso(text, coalesce(nullif(regexp_extract(text, '(Z|[+-][0-9]{2}:[0-9]{2})$'), ''), 'Z'));
`;

/** What the casts of all other types are. */
const OTHER: Readonly<Record<string, string>> = {
  _as_date: '(t) AS CAST(t AS DATE)',
  _as_timestamp: '(t) AS CAST(t AS TIMESTAMP)',
  _as_varchar: '(t) AS CAST(t AS VARCHAR)',
};

const dateDiff = KINDS.flatMap((a) =>
  KINDS.map(
    (b) =>
      `(unit VARCHAR, a ${a.type}, b ${b.type}) AS CASE WHEN _is_exact(unit) THEN date_sub(unit, _utc(${a.instant('a')}), _utc(${b.instant('b')})) ` +
      `ELSE date_sub(unit, ${a.wall('a')}, ${a.beside('a', b.instant('b'))}) END`,
  ),
);

/** Statements that define them; they need prelude.sql before. */
export function zonesPrelude(): string {
  const macros = Object.entries(FUNCTIONS).map(([name, { before, after, body }]) => {
    const overloads = KINDS.map((kind) => {
      const parameters = [before, `t ${kind.type}`, after].filter((one) => one !== undefined).join(', ');
      return `(${parameters}) AS ${body(kind)}`;
    });
    return `CREATE OR REPLACE MACRO ${name}${[...overloads, ...(OTHER[name] === undefined ? [] : [OTHER[name]])].join(', ')}`;
  });
  return [BASICS.trim().replace(/;$/, ''), ...macros, `CREATE OR REPLACE MACRO date_diff${dateDiff.join(', ')}`].join(';\n');
}

/** Words of zones, and functions that DuckDB lacks, or that are others there. */
const ZONE_WORDS = [
  /\bat\s+time\s+zone\b/i,
  /\b(?:at_timezone|with_timezone|timezone_hour|timezone_minute|from_iso8601_timestamp|to_iso8601|extract|date|last_day_of_month|millisecond)\s*\(/i,
  /\b(?:day_of_month|day_of_year|doy|dow|week_of_year|year_of_week|yow)\s*\(/i,
  /\bcast\s*\(\s*from_unixtime\b/i,
  /\bfrom_unixtime\s*\([^()]*(?:\([^()]*\)[^()]*)*,/i,
];

/** Whether a text needs {@link zonesPrelude}. */
export const namesZones = (query: string): boolean => ZONE_WORDS.some((pattern) => pattern.test(bareSql(query)));

const CAST_TO: Readonly<Record<string, string>> = { date: '_as_date', timestamp: '_as_timestamp', varchar: '_as_varchar' };

/** Positions of a call's parts in a text: its opening and closing parenthesis, and the commas and AS of its own level. */
function partsOf(bare: string, open: number): { close: number; commas: number[]; as: number } {
  let depth = 0;
  const commas: number[] = [];
  let as = -1;
  for (let at = open; at < bare.length; at++) {
    if (bare[at] === '(') depth++;
    else if (bare[at] === ')' && --depth === 0) return { close: at, commas, as };
    else if (depth === 1 && bare[at] === ',') commas.push(at);
    else if (depth === 1 && /^\sas\s/i.test(bare.slice(at, at + 4))) as = at;
  }
  return { close: -1, commas, as };
}

/** The same length, text of strings and comments blank: positions stay. */
const blanked = (query: string): string =>
  query.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, (token) => ' '.repeat(token.length));

/**
 * A text that names zones as DuckDB can run it: a custom type has no casts, and patterns of times must be literal in the text, so both become
 * calls of macros.
 */
export function withZonedCalls(query: string): string {
  let text = query;
  // From the last to the first: positions before a change stay.
  const calls = [...blanked(query).matchAll(/\b((?:try_)?cast|date_format|date)\s*\(/gi)].reverse();
  for (const match of calls) {
    const bare = blanked(text);
    const open = match.index + match[0].length - 1;
    const { close, commas, as } = partsOf(bare, open);
    if (close === -1) continue;
    const [name = '', inner] = [match[1]?.toLowerCase(), text.slice(open + 1, close)];
    if (name === 'date_format' && commas.length === 1)
      text = `${text.slice(0, match.index)}_format_date(_wall(${text.slice(open + 1, commas[0])})${text.slice(commas[0])}`;
    else if (name === 'date') text = `${text.slice(0, match.index)}_as_date(${text.slice(open + 1)}`;
    else if (as !== -1) {
      const call =
        CAST_TO[
          inner
            .slice(as - open + 3)
            .trim()
            .toLowerCase()
        ];
      if (call !== undefined) text = `${text.slice(0, match.index)}${call}(${text.slice(open + 1, as)})${text.slice(close + 1)}`;
    }
  }
  return text;
}
