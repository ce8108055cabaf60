-- Makes Athena SQL (Trino's dialect) run unchanged in DuckDB. Each macro here is a difference between the two, pinned
-- by test/engine/prelude.test.ts. DuckDB is opened with integer_division = true, so 7 / 2 is 3 as in Trino.

CREATE TYPE IPADDRESS AS VARCHAR;

-- An address as text of bits after a digit for its family; NULL for what is no address. An IPv4-mapped IPv6 address is
-- IPv4, as in Trino. Each argument is named as few times as possible: macros are copied wherever they are used.
CREATE MACRO _ipv4_key(a) AS
  CASE WHEN translate(a, '0123456789', '') IN ('...', '::ffff:...') THEN '4' || lpad(bin(
    TRY_CAST(split_part(split_part(a, '.', 1), ':', -1) AS UTINYINT)::UBIGINT * 16777216 + TRY_CAST(split_part(a, '.', 2) AS UTINYINT)::UBIGINT * 65536
    + TRY_CAST(split_part(a, '.', 3) AS UTINYINT)::UBIGINT * 256 + TRY_CAST(split_part(a, '.', 4) AS UTINYINT)::UBIGINT), 32, '0')
  END;
-- '::' stands for as many zero groups as are missing: 8 less the colons, once both ends are groups.
CREATE MACRO _ipv6_key(a) AS
  CASE WHEN regexp_full_match(a, '(?i)([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(([0-9a-f]{1,4}:){0,6}[0-9a-f]{1,4})?::(([0-9a-f]{1,4}:){0,6}[0-9a-f]{1,4})?') THEN '6' || array_to_string(list_transform(
    string_split(replace('0' || a || CASE WHEN suffix(a, ':') THEN '0' ELSE '' END, '::', ':' || repeat('0:', 8 - length(regexp_replace(a, '[^:]', '', 'g')))), ':'),
    lambda g: lpad(bin(('0x' || g)::UINTEGER), 16, '0')), '')
  END;
CREATE MACRO _ip_key(a) AS
  CASE WHEN strpos(a, '.') > 0 THEN _ipv4_key(a) ELSE _ipv6_key(a) END;

-- Times are instants (TIMESTAMPTZ) whose parts are those of UTC, as in Athena's sessions. They are taken apart as plain TIMESTAMPs: DuckDB's
-- own functions of TIMESTAMPTZ are ten times slower. What a text that names zones needs besides is in zones.ts.
SET TimeZone = 'UTC';
CREATE MACRO _utc(t) AS make_timestamp(epoch_us(t));
CREATE MACRO _instant(utc) AS make_timestamptz(epoch_us(utc));
-- To the millisecond, half of one upwards.
CREATE MACRO from_unixtime(seconds) AS make_timestamptz(CAST(floor(seconds * 1e3 + 0.5e0) AS BIGINT) * 1000);
CREATE MACRO to_unixtime(t) AS epoch_us(t) / 1e6;
CREATE MACRO day_of_week(t) AS isodow(_utc(t));
CREATE MACRO hour(t) AS system.main.hour(_utc(t));
CREATE MACRO _format_date(wall, pattern) AS
  strftime(wall, replace(replace(replace(replace(replace(replace(replace(pattern, '%M', '%B'), '%W', '%A'), '%i', '%M'), '%s', '%S'), '%T', '%H:%M:%S'), '%r', '%I:%M:%S %p'), '%h', '%I'));
CREATE MACRO date_format(t, pattern) AS _format_date(_utc(t), pattern);
CREATE MACRO date_trunc(unit, t) AS _instant(system.main.date_trunc(unit, _utc(t)));
CREATE MACRO date_diff(unit, a, b) AS date_sub(unit, _utc(a), _utc(b));
CREATE MACRO _step(unit, n) AS
  CASE unit
    WHEN 'millisecond' THEN to_milliseconds(n) WHEN 'second' THEN to_seconds(n) WHEN 'minute' THEN to_minutes(n) WHEN 'hour' THEN to_hours(n)
    WHEN 'day' THEN to_days(CAST(n AS INTEGER)) WHEN 'week' THEN to_days(CAST(7 * n AS INTEGER)) WHEN 'month' THEN to_months(CAST(n AS INTEGER))
    WHEN 'quarter' THEN to_months(CAST(3 * n AS INTEGER)) WHEN 'year' THEN to_months(CAST(12 * n AS INTEGER))
    ELSE error('date_add: unit ' || unit || ' is not in the prelude')
  END;
CREATE MACRO date_add(unit, n, t) AS _instant(_utc(t) + _step(unit, n));
CREATE MACRO bitwise_and(a, b) AS a & b;
CREATE MACRO sequence(a, b) AS generate_series(a, b), (a, b, step) AS generate_series(a, b, step);
CREATE MACRO cardinality(list) AS len(list);
CREATE MACRO array_join(list, separator) AS array_to_string(list, separator);
-- 0 where nothing is true, also where all is NULL: DuckDB's own says NULL.
CREATE MACRO count_if(condition) AS count(CASE WHEN condition THEN 1 END);
CREATE MACRO regexp_like(s, pattern) AS regexp_matches(s, pattern);

-- NULL in, NULL out: DuckDB's own skip NULLs.
CREATE MACRO concat(a, b) AS a || b, (a, b, c) AS a || b || c, (a, b, c, d) AS a || b || c || d, (a, b, c, d, e) AS a || b || c || d || e;
CREATE MACRO _greater(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a >= b THEN a ELSE b END;
CREATE MACRO _lesser(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a <= b THEN a ELSE b END;
CREATE MACRO greatest(a, b) AS _greater(a, b), (a, b, c) AS _greater(_greater(a, b), c);
CREATE MACRO least(a, b) AS _lesser(a, b), (a, b, c) AS _lesser(_lesser(a, b), c);

-- contains(network, address): CIDR membership, as in Trino; the families never mix. Last, because it hides DuckDB's own contains.
CREATE MACRO contains(network, address) AS
  starts_with(_ip_key(address), substr(_ip_key(split_part(network, '/', 1)), 1, 1 + split_part(network, '/', 2)::INTEGER));
-- is_private, in_network and port_name follow: they are made of lib/analysis/helpers.ts, whose expressions texts for Athena hold.
