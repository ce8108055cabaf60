/**
 * Amazon Security Lake: events of OCSF's class Network Activity in Parquet, back to records. Which columns a file has depends on the
 * version of its source (1 is OCSF 1.0.0-rc.2, 2 is OCSF 1.1.0 and later): whatever is there is used.
 * https://github.com/ocsf/examples/tree/main/mappings/markdown/AWS
 */
import { join } from 'node:path';
import { formatOf, sqlNameOf } from '../../flow-log/format';
import { FOREIGN_NAMES } from '../../flow-log/foreign';
import { type Database, sqlName, sqlPaths, sqlString } from '../duckdb';
import { SourceError } from '../errors';
import { nameOf } from '../input';
import { NO_UTF8 } from '../bytes';
import type { ParquetGroup } from '../parquet';
import type { ParquetFile, ParquetNode } from '../parquet-file';
import { type Reject, valueReason } from '../lines';
import { sqlTypeOf } from '../spool';
import { MAX_SAMPLES, SOUND, type UnitResult } from '../unit-result';
import { floorSql } from '../times';
import type { ParquetReading, ParquetSource } from './reader';

const NETWORK_ACTIVITY = 4001;

/** Path of a column to its DuckDB type, such as `src_endpoint.ip` to `VARCHAR`. */
type Schema = ReadonlyMap<string, string>;

const listOf = (files: readonly ParquetFile[]) => sqlPaths(files.map(({ at }) => at));
const columnOf = (path: string) => path.split('.').map(sqlName).join('.');

/** Nodes come in the order of a walk, the root first, each with the number of its children. */
function flattened(nodes: readonly ParquetNode[]): string[] {
  const paths: string[] = [];
  const open: { path: string; left: number }[] = [];
  for (const [i, { name, children }] of nodes.entries()) {
    const around = open.at(-1);
    const path = around === undefined || around.path === '' ? name : `${around.path}.${name}`;
    if (i > 0) paths.push(path);
    if (around !== undefined) around.left--;
    if (children > 0) open.push({ path: i === 0 ? '' : path, left: children });
    while (open.at(-1)?.left === 0) open.pop();
  }
  return paths;
}

async function typesOf(db: Database, from: string, paths: readonly string[]): Promise<Schema> {
  const rows = await db.rows(`DESCRIBE SELECT ${paths.map((path, i) => `${columnOf(path)} AS c${i}`).join(', ')} FROM ${from}`);
  return new Map(rows.map((row, i) => [paths[i] ?? '', String(row['column_type'])]));
}

/** Values to read from an event, each with its possible paths. */
const LEAVES = [
  ...['class_uid', 'time', 'time_dt', 'start_time', 'start_time_dt', 'end_time', 'end_time_dt', 'status_code', 'accountid', 'region'],
  ...['action', 'action_id', 'disposition', 'disposition_id', 'activity_id', 'activity_name', 'unmapped'],
  ...['metadata.product.version', 'cloud.account.uid', 'cloud.account_uid', 'cloud.region', 'cloud.zone'],
  ...['src_endpoint', 'dst_endpoint'].flatMap((end) =>
    ['ip', 'port', 'svc_name', 'intermediate_ips', 'interface_uid', 'vpc_uid', 'subnet_uid', 'instance_uid'].map(
      (leaf) => `${end}.${leaf}`,
    ),
  ),
  ...['protocol_num', 'tcp_flags', 'protocol_ver', 'protocol_ver_id', 'direction', 'direction_id', 'boundary_id'].map(
    (leaf) => `connection_info.${leaf}`,
  ),
  ...['bytes', 'packets', 'bytes_in', 'bytes_out', 'packets_in', 'packets_out'].map((leaf) => `traffic.${leaf}`),
];

const coalesced = (parts: readonly (string | undefined)[]): string | undefined => {
  const there = parts.filter((part) => part !== undefined);
  return there.length === 0 ? undefined : there.length === 1 ? there[0] : `coalesce(${there.join(', ')})`;
};

/** SQL of bytes as the text that they are: of a file that does not call them text, or where one is no UTF-8. */
const decoded = (sql: string) => `TRY(decode(${sql}))`;

/** SQL of every column of a record that these events can fill. */
class Mapping {
  constructor(
    private readonly schema: Schema,
    private readonly unmapped: ReadonlySet<string>,
  ) {}

  private raw(path: string): string | undefined {
    const type = this.schema.get(path);
    return type === undefined ? undefined : type === 'BLOB' ? decoded(columnOf(path)) : columnOf(path);
  }

  /** Values that are bytes: each as stored, and as the text that it represents. */
  private get bytes(): string[] {
    return [...this.schema].flatMap(([path, type]) => {
      if (type === 'BLOB') return [columnOf(path)];
      if (type === 'BLOB[]') return [`${columnOf(path)}[1]`];
      return path === 'unmapped' ? [...this.unmapped].filter((key) => this.isKeptBytes(key)).map((key) => this.kept(key)) : [];
    });
  }

  /** SQL that is true for an event with a text that is no UTF-8; undefined where none can be. */
  get broken(): string | undefined {
    const { bytes } = this;
    return bytes.length === 0 ? undefined : `(${bytes.map((sql) => `(${sql} IS NOT NULL AND ${decoded(sql)} IS NULL)`).join(' OR ')})`;
  }

  /** Whether a key's value is bytes. */
  private isKeptBytes(key: string): boolean {
    const type = this.schema.get('unmapped') ?? '';
    return type.startsWith('MAP')
      ? type.endsWith(' BLOB)')
      : [`${key} BLOB`, `${sqlName(key)} BLOB`].some((member) => type.includes(member));
  }

  /** SQL of one of AWS's fields that OCSF has no place for. */
  private kept(key: string): string {
    const type = this.schema.get('unmapped') ?? '';
    return type.startsWith('MAP')
      ? `element_at(unmapped, ${sqlString(key)}${type.startsWith('MAP(BLOB') ? '::BLOB' : ''})[1]`
      : `unmapped.${sqlName(key)}`;
  }

  /** Text; AWS's `-` is unknown. */
  private text(path: string): string | undefined {
    const raw = this.raw(path);
    return raw === undefined ? undefined : `nullif(${raw}::VARCHAR, '-')`;
  }

  private number(path: string, type: string): string | undefined {
    const raw = this.raw(path);
    return raw === undefined ? undefined : `TRY_CAST(${raw} AS ${type})`;
  }

  /** Unix seconds of milliseconds, a timestamp or an ISO text. */
  private seconds(path: string): string | undefined {
    const raw = this.raw(path);
    if (raw === undefined) return undefined;
    const type = this.schema.get(path) ?? '';
    const ofMicroseconds = (sql: string) => `${floorSql(sql, 1_000_000)} // 1000000`;
    if (type.startsWith('TIMESTAMP')) return ofMicroseconds(`epoch_us(${raw})`);
    return type === 'VARCHAR' || type === 'BLOB'
      ? ofMicroseconds(`epoch_us(TRY_CAST(${raw} AS TIMESTAMP))`)
      : `CASE WHEN ${raw} >= 100000000000 THEN ${raw} // 1000 ELSE ${raw} END`;
  }

  private one(what: string, table: Readonly<Record<string, string>>): string | undefined {
    const value = this.raw(what);
    if (value === undefined) return undefined;
    const cases = Object.entries(table).map(([from, to]) => `WHEN ${sqlString(from)} THEN ${sqlString(to)}`);
    return `CASE lower(${value}::VARCHAR) ${cases.join(' ')} END`;
  }

  private get action(): string | undefined {
    const allowed = { allowed: 'ACCEPT', accept: 'ACCEPT', accepted: 'ACCEPT' };
    const denied = { denied: 'REJECT', blocked: 'REJECT', dropped: 'REJECT', reject: 'REJECT', rejected: 'REJECT' };
    return coalesced([
      this.one('action_id', { 1: 'ACCEPT', 2: 'REJECT' }),
      this.one('action', { ...allowed, ...denied }),
      this.one('disposition_id', { 1: 'ACCEPT', 2: 'REJECT', 6: 'REJECT' }),
      this.one('disposition', { ...allowed, ...denied }),
      this.one('activity_id', { 5: 'REJECT' }),
    ]);
  }

  private get direction(): string | undefined {
    return coalesced([
      this.one('connection_info.direction_id', { 1: 'ingress', 2: 'egress' }),
      this.one('connection_info.direction', { inbound: 'ingress', outbound: 'egress' }),
    ]);
  }

  /** What the interface's side says: the source's for what goes out, the destination's for what comes in. */
  private own(leaf: string): string | undefined {
    const [source, target] = [this.text(`src_endpoint.${leaf}`), this.text(`dst_endpoint.${leaf}`)];
    if (source === undefined || target === undefined) return source ?? target;
    return `CASE WHEN (${this.direction ?? 'NULL'}) = 'egress' THEN coalesce(${source}, ${target}) ELSE coalesce(${target}, ${source}) END`;
  }

  /** The address of the interface, where the address of the packet is recorded instead. */
  private address(end: string): string | undefined {
    const behind = this.raw(`${end}.intermediate_ips`);
    const first = this.schema.get(`${end}.intermediate_ips`) === 'BLOB[]' ? decoded(`${behind ?? ''}[1]`) : `${behind ?? ''}[1]`;
    return coalesced([behind === undefined ? undefined : `nullif(${first}::VARCHAR, '-')`, this.text(`${end}.ip`)]);
  }

  private other(name: string): string | undefined {
    const key = sqlNameOf(name);
    if (!this.unmapped.has(key)) return undefined;
    const type = this.schema.get('unmapped') ?? '';
    if (/^(?:MAP|STRUCT)/.test(type)) return `nullif(${this.isKeptBytes(key) ? decoded(this.kept(key)) : this.kept(key)}::VARCHAR, '-')`;
    return `nullif(json_extract_string(${this.raw('unmapped') ?? ''}, ${sqlString(`$.${key}`)}), '-')`;
  }

  /** @param back whether the record is of the answers */
  expressions(back: boolean): { name: string; sql: string }[] {
    const [source, target] = back ? ['dst_endpoint', 'src_endpoint'] : ['src_endpoint', 'dst_endpoint'];
    const sent = back ? 'in' : 'out';
    const direction = this.direction;
    const carried = (what: string) =>
      back
        ? this.number(`traffic.${what}_${sent}`, 'BIGINT')
        : // A total of both directions is not that of the source if the directions are recorded separately.
          coalesced([this.number(`traffic.${what}_${sent}`, 'BIGINT'), this.number(`traffic.${what}`, 'BIGINT')]);
    const known: Readonly<Record<string, string | undefined>> = {
      version: this.number('metadata.product.version', 'INTEGER'),
      'account-id': coalesced([this.text('cloud.account.uid'), this.text('cloud.account_uid'), this.text('accountid')]),
      'interface-id': this.own('interface_uid'),
      srcaddr: this.address(source),
      dstaddr: this.address(target),
      srcport: this.number(`${source}.port`, 'INTEGER'),
      dstport: this.number(`${target}.port`, 'INTEGER'),
      protocol: this.number('connection_info.protocol_num', 'INTEGER'),
      packets: carried('packets'),
      bytes: carried('bytes'),
      start: coalesced([this.seconds('start_time'), this.seconds('start_time_dt'), this.seconds('time'), this.seconds('time_dt')]),
      end: coalesced([this.seconds('end_time'), this.seconds('end_time_dt')]),
      action: this.action,
      'log-status': this.text('status_code'),
      'vpc-id': this.own('vpc_uid'),
      'subnet-id': this.own('subnet_uid'),
      'instance-id': this.own('instance_uid'),
      'tcp-flags': back ? undefined : this.number('connection_info.tcp_flags', 'INTEGER'),
      type: coalesced([this.text('connection_info.protocol_ver'), this.one('connection_info.protocol_ver_id', { 4: 'IPv4', 6: 'IPv6' })]),
      'pkt-srcaddr': this.text(`${source}.ip`),
      'pkt-dstaddr': this.text(`${target}.ip`),
      region: coalesced([this.text('cloud.region'), this.text('region')]),
      'az-id': this.text('cloud.zone'),
      'pkt-src-aws-service': this.text(`${source}.svc_name`),
      'pkt-dst-aws-service': this.text(`${target}.svc_name`),
      'flow-direction':
        direction === undefined || !back ? direction : `CASE ${direction} WHEN 'ingress' THEN 'egress' WHEN 'egress' THEN 'ingress' END`,
      // OCSF numbers AWS's paths from 4 on: https://schema.ocsf.io/1.1.0/objects/network_connection_info
      'traffic-path': this.schema.has('connection_info.boundary_id')
        ? 'CASE WHEN connection_info.boundary_id BETWEEN 4 AND 11 THEN connection_info.boundary_id - 3 END'
        : undefined,
      disposition: this.text('disposition'),
      activity_name: this.text('activity_name'),
    };
    return FOREIGN_NAMES['security-lake'].flatMap((name) => {
      const sql = known[name] ?? this.other(name);
      return sql === undefined ? [] : [{ name, sql }];
    });
  }

  /** Events with separate directions and with traffic in the response. */
  get answered(): string | undefined {
    const counts = ['bytes', 'packets']
      .filter((what) => this.schema.has(`traffic.${what}_out`) && this.schema.has(`traffic.${what}_in`))
      .map((what) => `traffic.${what}_in > 0`);
    return counts.length === 0 ? undefined : counts.join(' OR ');
  }
}

const TYPES = { INTEGER: 'a 32-bit integer', BIGINT: 'a 64-bit integer', TIMESTAMP: 'a time' } as const;

/** Where values are read that may not fit their field. */
const TYPED: readonly (readonly [field: string, path: string, type: keyof typeof TYPES])[] = [
  ['version', 'metadata.product.version', 'INTEGER'],
  ['srcport', 'src_endpoint.port', 'INTEGER'],
  ['dstport', 'dst_endpoint.port', 'INTEGER'],
  ['protocol', 'connection_info.protocol_num', 'INTEGER'],
  ['tcp-flags', 'connection_info.tcp_flags', 'INTEGER'],
  ...['packets', 'bytes'].flatMap((what) => ['', '_in', '_out'].map((way) => [what, `traffic.${what}${way}`, 'BIGINT'] as const)),
  ...['start', 'end'].flatMap((what) => ['', '_dt'].map((form) => [what, `${what}_time${form}`, 'TIMESTAMP'] as const)),
];

/** Values that are read as NULL although there is something. */
const badValuesIn = (schema: Schema): { field: string; raw: string; expected: string; where: string }[] =>
  TYPED.flatMap(([field, path, type]) => {
    const own = schema.get(path);
    // A number of milliseconds is a time.
    if (own === undefined || (type === 'TIMESTAMP' && own !== 'VARCHAR' && own !== 'BLOB')) return [];
    const raw = own === 'BLOB' ? decoded(columnOf(path)) : columnOf(path);
    return [{ field, raw, expected: TYPES[type], where: `${raw}::VARCHAR <> '-' AND TRY_CAST(${raw} AS ${type}) IS NULL` }];
  });

/** Keys of AWS's fields that OCSF has no place for. */
async function unmappedKeys(db: Database, from: string, schema: Schema, paths: readonly string[]): Promise<Set<string>> {
  const type = schema.get('unmapped') ?? '';
  if (type.startsWith('STRUCT'))
    return new Set(paths.flatMap((path) => (path.startsWith('unmapped.') ? [path.slice('unmapped.'.length)] : [])));
  const keys = type.startsWith('MAP')
    ? 'map_keys(unmapped)'
    : /^(?:VARCHAR|JSON)$/.test(type)
      ? 'json_keys(unmapped)'
      : type === 'BLOB'
        ? `json_keys(${decoded('unmapped')})`
        : undefined;
  if (keys === undefined) return new Set();
  const rows = await db.rows(`SELECT DISTINCT unnest(${keys})::VARCHAR AS key FROM ${from}`);
  return new Set(rows.map((row) => String(row['key'])));
}

async function groupOf(db: Database, files: readonly ParquetFile[], paths: readonly string[]): Promise<ParquetGroup> {
  const from = `read_parquet(${listOf(files)}, hive_partitioning = false)`;
  const schema = await typesOf(
    db,
    from,
    LEAVES.filter((leaf) => paths.includes(leaf)),
  );
  const mapping = new Mapping(schema, await unmappedKeys(db, from, schema, paths));
  const forward = mapping.expressions(false);
  const backward = new Map(mapping.expressions(true).map(({ name, sql }) => [name, sql]));
  const flows = `class_uid = ${NETWORK_ACTIVITY}`;
  const { answered, broken } = mapping;
  const sound = broken === undefined ? flows : `${flows} AND NOT ${broken}`;
  const select = (sqlFor: (name: string, sql: string) => string, more: string) =>
    `SELECT ${forward
      .map(({ name, sql }) => `CAST(${sqlFor(name, sql)} AS ${sqlTypeOf(name)}) AS ${sqlName(sqlNameOf(name))}`)
      .join(', ')} FROM ${from} WHERE ${sound}${more}`;
  const parts = [
    select((_, sql) => sql, ''),
    ...(answered === undefined ? [] : [select((name) => backward.get(name) ?? 'NULL', ` AND (${answered})`)]),
  ];
  const sql = parts.join(' UNION ALL ');
  const bad = badValuesIn(schema);
  const counts = bad.map(({ where }, i) => `, count(*) FILTER (${where}) AS "${i}"`);
  const [row] = await db.rows(`SELECT (SELECT count(*) FROM (${sql})) AS records${counts.join('')} FROM ${from} WHERE ${sound}`);
  const [lost] = broken === undefined ? [] : await db.rows(`SELECT count(*) AS n FROM ${from} WHERE ${flows} AND ${broken}`);
  const rejectedRows = Number(lost?.['n'] ?? 0);
  const rows = `FROM read_parquet(${listOf(files)}, hive_partitioning = false, filename = true, file_row_number = true) WHERE`;
  const place = 'SELECT filename AS file, file_row_number + 1 AS line';
  const rejects = [
    ...(rejectedRows === 0
      ? []
      : [`${place}, NULL AS field, ${sqlString(NO_UTF8)} AS reason, '' AS text ${rows} ${flows} AND ${broken ?? ''}`]),
    ...bad
      .filter((_, i) => Number(row?.[i]) > 0)
      .map(
        ({ field, raw, expected, where }) =>
          `${place}, ${sqlString(field)} AS field, ${sqlString(valueReason(field, expected))} AS reason, ${raw}::VARCHAR AS text ${rows} ${sound} AND ${where}`,
      ),
  ];
  return {
    format: formatOf(forward.map(({ name }) => name)),
    paths: files.map(({ at }) => at),
    records: Number(row?.['records']),
    rejectedRows,
    badValues: bad.reduce((sum, _, i) => sum + Number(row?.[i]), 0),
    select: sql,
    rejects: rejects.length === 0 ? undefined : rejects.join(' UNION ALL '),
  };
}

/** Name of a row's file, as {@link nameOf} says it. */
function nameSql(files: readonly ParquetFile[]): string {
  const cases = files.flatMap(({ file, at }) => (nameOf(file) === at ? [] : [`WHEN ${sqlString(at)} THEN ${sqlString(nameOf(file))}`]));
  return cases.length === 0 ? 'filename' : `CASE filename ${cases.join(' ')} ELSE filename END`;
}

/** Rows of other classes are not flows: a file with only such rows is not a flow log, in a mixed file they are rejected. */
async function accountOf(
  db: Database,
  files: readonly ParquetFile[],
  scratch: string,
): Promise<{ flows: ParquetFile[]; account: UnitResult }> {
  const from = `read_parquet(${listOf(files)}, hive_partitioning = false, filename = true, file_row_number = true, union_by_name = true)`;
  const other = `class_uid IS DISTINCT FROM ${NETWORK_ACTIVITY}`;
  const counts = await db.rows(
    `SELECT filename, count(*) FILTER (NOT (${other})) AS flows, count(*) AS events, min(class_uid) AS class FROM ${from} GROUP BY 1`,
  );
  const countsOf = new Map(counts.map((row) => [String(row['filename']), row]));
  const skippedFiles: { path: string; why: string }[] = [];
  const flows = files.filter((file) => {
    const row = countsOf.get(file.at);
    if (row === undefined || Number(row['flows']) > 0 || Number(row['events']) === 0) return true;
    const why = `OCSF events of class ${String(row['class'])}: expected class ${NETWORK_ACTIVITY}, Network Activity`;
    if (file.file.explicit) throw new SourceError(`${file.file.shown ?? file.file.path}: ${why}`);
    skippedFiles.push({ path: nameOf(file.file), why });
    return false;
  });
  const mixed = flows.filter(({ at }) => Number(countsOf.get(at)?.['flows'] ?? 0) < Number(countsOf.get(at)?.['events'] ?? 0));
  const account: UnitResult = { ...SOUND, skippedFiles, kinds: flows.length === 0 ? {} : { 'security-lake': flows.length } };
  if (mixed.length === 0) return { flows, account };
  const rejects = `SELECT ${nameSql(mixed)} AS file, file_row_number + 1 AS line, 'line' AS kind, concat('no network activity: got OCSF class ', class_uid::VARCHAR, ', expected ${NETWORK_ACTIVITY}') AS reason, '' AS text FROM ${from} WHERE ${other}`;
  const rejectsFile = join(scratch, 'security-lake-rejects.ndjson');
  const [copied] = await db.rows(`COPY (${rejects}) TO ${sqlString(rejectsFile)} (FORMAT json)`);
  const samples = (await db.rows(`${rejects} ORDER BY ALL LIMIT ${MAX_SAMPLES}`)).map((row): Reject => ({
    file: String(row['file']),
    line: Number(row['line']),
    kind: 'line',
    reason: String(row['reason']),
    text: '',
  }));
  return { flows, account: { ...account, rejectedLines: Number(copied?.['Count']), samples, rejectsFile } };
}

/** With the column that every OCSF event has. Unreadable files are reported when they are read as records. */
const isEvents = ({ footer }: ParquetFile) => footer?.nodes.some(({ name }) => name === 'class_uid') === true;

async function open(db: Database, files: readonly ParquetFile[], scratch: string): Promise<ParquetReading> {
  const events = files.filter(isEvents);
  const others = files.filter((file) => !isEvents(file));
  if (events.length === 0) return { groups: [], account: SOUND, others };
  const { flows, account } = await accountOf(db, events, scratch);
  const bySchema = new Map<string, { files: ParquetFile[]; nodes: readonly ParquetNode[] }>();
  for (const file of flows) {
    const { schema = '', nodes = [] } = file.footer ?? {};
    const group = bySchema.get(schema);
    if (group === undefined) bySchema.set(schema, { files: [file], nodes });
    else group.files.push(file);
  }
  const groups: ParquetGroup[] = [];
  for (const { files: alike, nodes } of bySchema.values()) groups.push(await groupOf(db, alike, flattened(nodes)));
  return { groups, account, others };
}

export const securityLake: ParquetSource = { form: 'parquet', open };
