import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Row } from '../../lib/analysis/columns';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { namesZones, withZonedCalls } from '../../lib/engine/duckdb/zones';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';
import { timesQuery } from '../support/times';

const folder = temporaryFolder();
const log = writeLog(folder, 'a.log', `${HEADER}\n${line({ start: 1764000000 })}\n`);
/** What Trino answers; test/cloud/times.test.ts asks it again. */
const TRINO = JSON.parse(gunzipSync(readFileSync(join(__dirname, '..', 'fixtures', 'trino-times.json.gz'))).toString()) as Record<
  string,
  Row[]
>;

const ask = (query: string) => withLogs([log], async (records) => (await (await DuckDbEngine.over(records)).run(query)).rows);

// All zones: test/cloud/times.test.ts.
test.each(Object.keys(TRINO))('times in %s are those of Trino', async (zone) => {
  const rows = await ask(timesQuery(zone));
  const differences = (TRINO[zone] ?? []).flatMap((row, i) =>
    Object.entries(row).flatMap(([name, value]) =>
      rows[i]?.[name] === value ? [] : [{ s: row['s'], name, value, here: rows[i]?.[name] }],
    ),
  );
  expect(rows).toHaveLength(TRINO[zone]?.length ?? 0);
  expect(differences).toEqual([]);
});

test('the hour of a record is that of the zone', async () => {
  const hour = (zone: string) => `hour(from_unixtime("start") AT TIME ZONE '${zone}')`;
  expect(
    await ask(
      `SELECT hour(from_unixtime("start")) AS utc, ${hour('America/New_York')} AS ny, ${hour('Asia/Tokyo')} AS tokyo FROM flow_records`,
    ),
  ).toEqual([{ utc: 16, ny: 11, tokyo: 1 }]);
});

test('times in zones group, sort and compare with each other', async () => {
  expect(
    await ask(
      "SELECT date_trunc('day', t AT TIME ZONE 'Asia/Tokyo') AS day, count(*) AS n FROM (SELECT from_unixtime(x * 3600) AS t FROM UNNEST(sequence(0, 47)) AS u(x)) GROUP BY 1 ORDER BY 1",
    ),
  ).toEqual([
    { day: '1970-01-01T00:00:00 Asia/Tokyo', n: 15 },
    { day: '1970-01-02T00:00:00 Asia/Tokyo', n: 24 },
    { day: '1970-01-03T00:00:00 Asia/Tokyo', n: 9 },
  ]);
});

test.each([
  ['SELECT hour(from_unixtime(0))', false],
  ["SELECT 'AT TIME ZONE' FROM flow_records -- at time zone", false],
  ["SELECT from_unixtime(max(x)) AT\n TIME ZONE 'UTC'", true],
  ["SELECT from_unixtime(max(x, y), 'UTC')", true],
  ['SELECT CAST(from_unixtime(0) AS varchar)', true],
])('%s: names zones %s', (query, expected) => {
  expect(namesZones(query)).toBe(expected);
});

test.each([
  ["CAST(a AT TIME ZONE 'X' AS date)", "_as_date(a AT TIME ZONE 'X')"],
  ["TRY_CAST(f(a, ') AS date') AS timestamp)", "_as_timestamp(f(a, ') AS date'))"],
  ['CAST(CAST(a AS date) AS varchar)', '_as_varchar(_as_date(a))'],
  ['CAST(a AS bigint)', 'CAST(a AS bigint)'],
  ["date_format(date(a), '%Y, %m')", "_format_date(_wall(_as_date(a)), '%Y, %m')"],
  ['\'CAST(a AS date)\' || "cast(b as date)" -- CAST(c AS date)', '\'CAST(a AS date)\' || "cast(b as date)" -- CAST(c AS date)'],
])('%s is run as %s', (query, expected) => {
  expect(withZonedCalls(query)).toBe(expected);
});
