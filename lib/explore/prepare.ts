/** Turns records into what answers fast: numbers for words, sorted by time, and sums per time bucket. */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { scopeFields, scopeSql } from '../analysis/scope';
import { RECORDS_TABLE } from '../flow-log/tables';
import { sqlName, sqlString } from '../source/duckdb';
import { draftName, isDeadDraft } from '../source/draft';
import { SourceError } from '../source/errors';
import { fileIdentity } from '../source/input';
import type { Records } from '../source/records';
import { buildCube, type Cube, PREPARED, presence, sumMacro } from './cube';
import { DEFAULT_GROUPS, DIMENSION_IDS, DIMENSIONS, type DimensionId } from './dimensions';
import { type Panel, panelsFor } from './panels';
import { dimensionSql, type PortableContext } from './portable';
import { type Measure, MEASURES } from './state';
import { type Domain, domainOf } from './steps';

/** Raised whenever the prepared tables change their form. */
const PREPARED_VERSION = 2;

export const PREPARED_RECORDS = `${PREPARED}.x`;
export const PREPARED_WORDS = `${PREPARED}.words`;

export interface Prepared {
  readonly domain: Domain;
  /** `[least start, greatest start + 1)` in Unix seconds. */
  readonly range: { readonly from: number; readonly to: number };
  /** Records that have a start, from 1970 on. */
  readonly records: number;
  readonly dimensions: ReadonlySet<DimensionId>;
  readonly panels: readonly Panel[];
  /** Sums per time bucket of the whole range without any filter, by {@link cubeKey}. */
  readonly cubes: ReadonlyMap<string, Cube>;
  /** Identity of what was read. */
  readonly key: string;
}

export interface PrepareOptions {
  /** Folder to keep the tables in; undefined for the records' scratch folder. */
  readonly cache: string | undefined;
  readonly onPhase?: ((text: string) => void) | undefined;
}

const UNUSED_MS = 30 * 86_400_000;

/** Identity of what was read: its files, as they are now. */
async function fingerprint(records: Records, extra: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(extra.join('\n'));
  for (const path of [...records.readablePaths].sort()) {
    hash.update(`${path}\0${fileIdentity(await fs.stat(path))}\n`);
  }
  return hash.digest('hex').slice(0, 40);
}

const isGroup = (id: DimensionId) => id === 'source_group' || id === 'destination_group';
const isWord = (id: DimensionId) => DIMENSIONS[id].type === 'text' && !isGroup(id);

/** Dimensions and panels that the columns of the records allow. */
const offered = (columns: ReadonlySet<string>): Pick<Prepared, 'dimensions' | 'panels'> => ({
  dimensions: new Set(DIMENSION_IDS.filter((id) => DIMENSIONS[id].needs.every((column) => columns.has(column)))),
  panels: panelsFor(columns),
});

/** Panels without a largest number of groups are the same for every measure. */
export const cubeKey = (panel: Panel, measure: Measure): string => `time_${panel.id}_${panel.top === undefined ? 'records' : measure}`;

/**
 * Attaches the prepared tables, made now unless the cache has them. Runs with the prelude loaded, before the database is locked.
 * Undefined without records that have a start.
 */
export async function prepare(records: Records, context: PortableContext, options: PrepareOptions): Promise<Prepared | undefined> {
  const { scope = {} } = context;
  const from = scopeFields(scope).length === 0 ? RECORDS_TABLE : `(SELECT * FROM ${RECORDS_TABLE} WHERE ${scopeSql(scope)})`;
  const range = await rangeSince1970(records, from);
  if (range === undefined) return undefined;
  const { dimensions } = offered(context.columns);
  // The texts as they are rendered: with the groups, and with the partials of the catalogue.
  const texts = [...dimensions].map((id) => `${id} ${dimensionSql(id, context)}`);
  const key = await fingerprint(records, [String(PREPARED_VERSION), JSON.stringify(context.groups), from, ...texts]);
  const folder = await attachable(options.cache === undefined ? records.scratch : join(options.cache, 'explore'), records.scratch);
  const path = join(folder, `${key}.duckdb`);
  const there = { ...offered(context.columns), domain: domainOf(range.from, range.to) };
  if (!(await attach(records, path))) {
    options.onPhase?.('Preparing the explorer');
    const draft = join(folder, draftName(key));
    try {
      await records.db.rows(`ATTACH ${sqlString(draft)} AS ${PREPARED}`);
      await fill(records, context, there, from);
      await records.db.rows(`CHECKPOINT ${PREPARED}; DETACH ${PREPARED}`);
      await fs.rename(draft, path);
    } catch (error) {
      await fs.rm(draft, { force: true });
      throw error;
    }
    await prune(folder);
    if (!(await attach(records, path))) throw new Error(`${path}: was deleted while it was opened`);
  }
  const [row] = await records.db.rows(`SELECT count(*) AS n FROM ${PREPARED_RECORDS}`);
  const cubes = await records.db.rows(`SELECT name, left_out FROM ${PREPARED}.cubes`);
  return {
    range,
    ...there,
    key,
    records: Number(row?.['n']),
    cubes: new Map(
      cubes.map(({ name, left_out }) => [
        String(name),
        { table: `${PREPARED}.${String(name)}`, leftOut: left_out === null ? undefined : Number(left_out) },
      ]),
    ),
  };
}

/** One record of before 1970, which no clock wrote, must not hide the others: it is counted among those without a time. */
async function rangeSince1970(records: Records, from: string): Promise<{ from: number; to: number } | undefined> {
  const all = await records.range();
  if (all === undefined || (all.from >= 0 && from === RECORDS_TABLE)) return all;
  const [row] = await records.db.rows(`SELECT min("start") AS first, max("start") AS last FROM ${from} WHERE "start" >= 0`);
  const [first, last] = [row?.['first'], row?.['last']] as [string | null, string | null];
  return first === null || last === null ? undefined : { from: Number(first), to: Number(last) + 1 };
}

/** A folder, made if need be, by a name that DuckDB can attach a file in: it takes a question mark for the end of the path. */
async function attachable(folder: string, scratch: string): Promise<string> {
  await fs.mkdir(folder, { recursive: true });
  if (!resolve(folder).includes('?')) return folder;
  if (resolve(scratch).includes('?'))
    throw new SourceError(
      `${folder}: the tables of the explorer cannot be below a folder with ? in its name: set FLOWLOGS_CACHE and TMPDIR to other folders`,
    );
  const link = join(scratch, 'explore');
  await fs.symlink(resolve(folder), link);
  return link;
}

/** False where there are no prepared tables, or damaged ones, which are removed: they can be made again. */
async function attach({ db }: Records, path: string): Promise<boolean> {
  try {
    await fs.utimes(path, new Date(), new Date());
  } catch {
    return false;
  }
  try {
    await db.rows(`ATTACH ${sqlString(path)} AS ${PREPARED} (READ_ONLY)`);
    return true;
  } catch {
    await fs.rm(path, { force: true });
    return false;
  }
}

/** Removes tables that were not opened for a month, and drafts of killed processes. */
async function prune(folder: string): Promise<void> {
  for (const name of await fs.readdir(folder)) {
    const path = join(folder, name);
    const stat = await fs.stat(path).catch(() => undefined);
    if (stat !== undefined && (Date.now() - stat.mtimeMs > UNUSED_MS || isDeadDraft(name)))
      await fs.rm(path, { force: true, recursive: true });
  }
}

/** @param from the records to look at, in a FROM */
async function fill(
  { db }: Records,
  context: PortableContext,
  there: Pick<Prepared, 'dimensions' | 'panels' | 'domain'>,
  from: string,
): Promise<void> {
  const dimensions = [...there.dimensions];
  const words = dimensions.filter(isWord);
  const groups = dimensions.filter(isGroup);
  const has = (column: string) => context.columns.has(column);
  const groupNames = [...context.groups.map(({ name }) => name), ...DEFAULT_GROUPS];
  // Numbers follow the order of the words, so that what is equal otherwise has the same order as in SQL.
  await db.rows(
    `CREATE TABLE words AS SELECT row_number() OVER (ORDER BY word)::UINTEGER AS id, word FROM (${[
      ...words.map((id) => `SELECT DISTINCT ${sqlName(id)} AS word FROM ${from}`),
      `SELECT unnest([${groupNames.map(sqlString).join(', ')}])`,
    ].join(' UNION ')}) WHERE word IS NOT NULL`,
  );
  await db.rows(`CREATE TABLE ${PREPARED_WORDS} AS SELECT id, word FROM words ORDER BY id`);
  if (groups.length > 0) {
    const addresses = groups.map((id) => `SELECT DISTINCT ${DIMENSIONS[id].needs[0] ?? ''} AS srcaddr FROM ${from}`);
    await db.rows(
      `CREATE TABLE grouped AS SELECT a.srcaddr AS word, g.id FROM (SELECT srcaddr, ${dimensionSql('source_group', context)} AS name FROM (${addresses.join(' UNION ')})) AS a JOIN words AS g ON g.word = a.name`,
    );
  }
  const columns = [
    '"start" AS s',
    `${has('action') ? "coalesce(action = 'REJECT', false)" : 'false'} AS rejected`,
    `${has('bytes') ? 'r.bytes' : 'NULL::BIGINT'} AS bytes`,
    `${has('packets') ? 'r.packets' : 'NULL::BIGINT'} AS packets`,
    ...dimensions.map((id) =>
      isGroup(id) || isWord(id) ? `w_${id}.id AS ${id}` : `CAST(${dimensionSql(id, context)} AS INTEGER) AS ${id}`,
    ),
    ...(has('action') ? [] : ['NULL::UINTEGER AS action']),
  ];
  const joins = [...words, ...groups].map(
    (id) => `LEFT JOIN ${isGroup(id) ? 'grouped' : 'words'} AS w_${id} ON w_${id}.word = r.${sqlName(DIMENSIONS[id].needs[0] ?? id)}`,
  );
  await db.rows(
    `CREATE TABLE ${PREPARED_RECORDS} AS SELECT ${columns.join(', ')} FROM ${from} AS r ${joins.join(' ')} WHERE r."start" >= 0 ORDER BY s`,
  );
  await db.rows(await sumMacro(db, PREPARED_RECORDS));
  await db.rows(`DROP TABLE words; DROP TABLE IF EXISTS grouped; CREATE TABLE ${PREPARED}.cubes (name VARCHAR, left_out DOUBLE)`);
  const wanted = there.panels.flatMap((panel) =>
    (panel.top === undefined ? (['records'] as const) : MEASURES).map((measure) => ({ panel, measure })),
  );
  for (const { panel, measure } of wanted) {
    const name = cubeKey(panel, measure);
    const { leftOut } = await buildCube(db, {
      table: `${PREPARED}.${name}`,
      records: PREPARED_RECORDS,
      panel,
      measure,
      active: 'time',
      step: there.domain.step,
      conditions: presence(panel, has('action')),
    });
    await db.rows(`INSERT INTO ${PREPARED}.cubes VALUES (${sqlString(name)}, ${leftOut ?? 'NULL'})`);
  }
}
