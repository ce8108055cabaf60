/** Times and functions of them, for Trino and for the engine here. */

export const ZONES = [
  'UTC',
  'America/New_York',
  'Europe/London',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  '+05:45',
  '-03:30',
] as const;

/** Unix seconds: around changes of clocks of those zones, around the epoch and long before it. */
export const TIMES = [
  -1_000_000_000, -86_401, -1, 0, 951_782_400,
  // New York: 2016-03-13 07:00Z forward, 2016-11-06 06:00Z back.
  1_457_852_399, 1_457_852_400, 1_478_408_400, 1_478_411_999, 1_478_412_000, 1_478_415_600,
  // London: 2016-03-27 01:00Z, 2016-10-30 01:00Z. Lord Howe, by half an hour: 2016-04-02 15:00Z, 2016-10-01 15:30Z.
  1_459_040_400, 1_477_787_400, 1_477_789_200, 1_459_609_200, 1_459_610_100, 1_475_335_800,
  // A day before and three days after times that come twice in New York and London, or never in New York.
  1_478_323_800, 1_478_673_000, 1_478_669_400, 1_477_704_600, 1_478_050_200, 1_457_767_800, 1_458_109_800,
  // Apia left out the 30th of December 2011.
  1_325_210_400, 1_325_239_200, 1_418_530_010,
] as const;

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
const PARTS = [
  'year',
  'quarter',
  'month',
  'week',
  'week_of_year',
  'year_of_week',
  'day',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'second',
  'millisecond',
  'timezone_hour',
  'timezone_minute',
];
const EXTRACTED = ['year', 'quarter', 'month', 'week', 'day', 'dow', 'doy', 'hour', 'minute', 'second', 'timezone_hour'];

/** Expressions over `s`, seconds, by the names of their columns. */
function expressions(zone: string): Record<string, string> {
  const z = `from_unixtime(s) AT TIME ZONE '${zone}'`;
  const later = `from_unixtime(s + 100000) AT TIME ZONE '${zone}'`;
  return {
    instant: 'from_unixtime(s)',
    zoned: z,
    twice: `(${z}) AT TIME ZONE 'Asia/Tokyo'`,
    function: `at_timezone(from_unixtime(s), '${zone}')`,
    second_argument: `from_unixtime(s, '${zone}')`,
    half: 'from_unixtime(s + 5e-1)',
    thousandths: `from_unixtime(s / 1e3) AT TIME ZONE '${zone}'`,
    unix: `to_unixtime(${z})`,
    plain: `CAST(${z} AS timestamp)`,
    day: `CAST(${z} AS date)`,
    tried_day: `TRY_CAST(${z} AS date)`,
    day_function: `date(${z})`,
    words: `CAST(${z} AS varchar)`,
    utc_words: 'CAST(from_unixtime(s) AS varchar)',
    iso: `to_iso8601(${z})`,
    utc_iso: 'to_iso8601(from_unixtime(s))',
    read_again: `from_iso8601_timestamp(to_iso8601(from_unixtime(s)))`,
    formatted: `date_format(${z}, '%Y-%m-%d %H:%i:%s %T %a %b %M %W %j %p %h')`,
    utc_formatted: "date_format(from_unixtime(s), '%Y/%m/%d/%H')",
    given_zone: `with_timezone(CAST(from_unixtime(s) AS timestamp), '${zone}')`,
    given_unix: `to_unixtime(with_timezone(CAST(from_unixtime(s) AS timestamp), '${zone}'))`,
    last_day: `last_day_of_month(${z})`,
    ...Object.fromEntries(UNITS.map((unit) => [`trunc_${unit}`, `date_trunc('${unit}', ${z})`])),
    ...Object.fromEntries(UNITS.map((unit) => [`trunc_utc_${unit}`, `date_trunc('${unit}', from_unixtime(s))`])),
    ...Object.fromEntries(UNITS.map((unit) => [`add_${unit}`, `date_add('${unit}', 1, ${z})`])),
    ...Object.fromEntries(UNITS.map((unit) => [`minus_${unit}`, `date_add('${unit}', -3, ${z})`])),
    ...Object.fromEntries(UNITS.map((unit) => [`add_utc_${unit}`, `date_add('${unit}', -3, from_unixtime(s))`])),
    ...Object.fromEntries(UNITS.map((unit) => [`diff_${unit}`, `date_diff('${unit}', ${z}, ${later})`])),
    ...Object.fromEntries(UNITS.map((unit) => [`back_${unit}`, `date_diff('${unit}', ${later}, from_unixtime(s))`])),
    ...Object.fromEntries(PARTS.map((part) => [`part_${part}`, `${part}(${z})`])),
    ...Object.fromEntries(EXTRACTED.map((part) => [`extract_${part}`, `EXTRACT(${part} FROM ${z})`])),
  };
}

/** One query with all of them, in the order of the times. */
export const timesQuery = (zone: string): string =>
  `SELECT s, ${Object.entries(expressions(zone))
    .map(([name, sql]) => `${sql} AS c_${name}`)
    .join(', ')} FROM (VALUES ${TIMES.map((time) => `(BIGINT '${time}')`).join(', ')}) AS t(s) ORDER BY s`;
