/**
 * IBM Cloud flow logs as SQL: nested objects to the flat view, the flat view to records. The same text runs at ingest in
 * DuckDB and as views in Athena.
 * https://cloud.ibm.com/docs/vpc?topic=vpc-fl-analyze
 */
import { FOREIGN_NAMES } from './foreign';

type FlatType = 'string' | 'int' | 'bigint' | 'boolean';

interface FlatColumn {
  readonly name: string;
  readonly type: FlatType;
}

const column = (type: FlatType, names: readonly string[]): FlatColumn[] => names.map((name) => ({ name, type }));

/** Header of an object, as JSON has it. */
export const HEADER_COLUMNS: readonly FlatColumn[] = [
  ...column('string', [
    'version',
    'collector_crn',
    'attached_endpoint_type',
    'network_interface_id',
    'instance_crn',
    'vpc_crn',
    'capture_start_time',
    'capture_end_time',
    'state',
  ]),
  ...column('int', ['number_of_flow_logs']),
];

/** Elements of `flow_logs`, as JSON has them. */
export const FLOW_COLUMNS: readonly FlatColumn[] = [
  ...column('string', ['start_time', 'end_time', 'connection_start_time', 'direction', 'action', 'initiator_ip', 'target_ip']),
  ...column('int', ['initiator_port', 'target_port', 'transport_protocol']),
  ...column('string', ['ether_type']),
  ...column('boolean', ['was_initiated', 'was_terminated']),
  ...column('bigint', [
    'bytes_from_initiator',
    'packets_from_initiator',
    'bytes_from_target',
    'packets_from_target',
    'cumulative_bytes_from_initiator',
    'cumulative_packets_from_initiator',
    'cumulative_bytes_from_target',
    'cumulative_packets_from_target',
  ]),
];

/** Parts of an object's key. */
const KEY_PARTS = [
  'account',
  'region',
  'vpc-id',
  'subnet-id',
  'endpoint-type',
  'instance-id',
  'vnic-id',
  'record-type',
  'year',
  'month',
  'day',
  'hour',
  'stream-id',
];

const underscored = (name: string) => name.replaceAll('-', '_');

export const isFlatColumn = (name: string): boolean => FLAT_COLUMNS.some((known) => known.name === name);

/** What an engine says differently. */
export interface Dialect {
  /** Unix seconds of an ISO 8601 text, NULL for anything else. */
  readonly epoch: (sql: string) => string;
  /** Timestamp of an ISO 8601 text. */
  readonly timestamp: (sql: string) => string;
}

/** Columns of the flat view: header, key, flow; then what records are made of. */
export const FLAT_COLUMNS: readonly { readonly name: string; readonly type: FlatType | 'timestamp' }[] = [
  ...HEADER_COLUMNS.map(({ name, type }) => ({
    name,
    type: name.startsWith('capture_') ? ('timestamp' as const) : type,
  })),
  ...KEY_PARTS.map((name) => ({ name: underscored(name), type: 'string' as const })),
  ...FLOW_COLUMNS,
  ...column('bigint', ['start', 'end', 'connection_start']),
  ...column('string', ['log_status']),
];

/** `skip data`, in any spelling. */
export const SKIPPED = `lower(replace(coalesce(state, ''), '_', ' ')) LIKE 'skip%'`;

/** The parts of an object's key. Made once per object, not per flow: they cost more than all else. */
export const keySql = (path: string): string =>
  // Twice: a key that was fetched from S3 is encoded once more.
  KEY_PARTS.map(
    (name) => `nullif(url_decode(url_decode(regexp_extract(${path}, '(^|/)${name}=([^/]+)', 2))), '') AS ${underscored(name)}`,
  ).join(', ');

/**
 * The flat view's SELECT. A row per flow log; an object without flows gives one NODATA row, one that lost data one SKIPDATA
 * row more, so that neither looks like a quiet network.
 * @param from FROM clause of header columns, those of {@link keySql}, and a row `f` per flow; one row more, `bare`, where there is no flow or data was lost
 */
export function flatSql(from: string, bare: string, { epoch, timestamp }: Dialect, more: readonly string[] = []): string {
  const header = HEADER_COLUMNS.map(({ name }) => (name.startsWith('capture_') ? `${timestamp(name)} AS ${name}` : name));
  const keys = KEY_PARTS.map(underscored);
  const flow = FLOW_COLUMNS.map(({ name }) => {
    if (name === 'action') return oneOf('f.action', { accepted: ['accepted', 'accept', 'a'], rejected: ['rejected', 'reject', 'r'] }, name);
    if (name === 'direction') return oneOf('f.direction', { I: ['i', 'inbound'], O: ['o', 'outbound'] }, name);
    return `f.${name} AS ${name}`;
  });
  const derived = [
    `coalesce(${epoch('f.start_time')}, ${epoch('capture_start_time')}) AS "start"`,
    `coalesce(${epoch('f.end_time')}, ${epoch('capture_end_time')}) AS "end"`,
    `${epoch('f.connection_start_time')} AS connection_start`,
    `CASE WHEN NOT (${bare}) THEN 'OK' WHEN ${SKIPPED} THEN 'SKIPDATA' ELSE 'NODATA' END AS log_status`,
  ];
  return `SELECT ${[...header, ...keys, ...flow, ...derived, ...more].join(', ')}\nFROM ${from}`;
}

const TRINO_TYPES = { string: 'varchar', int: 'integer', bigint: 'bigint', boolean: 'boolean' } as const;

/** Athena's words. */
export const TRINO: Dialect & { readonly bare: string } = {
  epoch: (sql) => `CAST(floor(to_unixtime(try(from_iso8601_timestamp(${sql})))) AS bigint)`,
  timestamp: (sql) => `CAST(try(from_iso8601_timestamp(${sql})) AS timestamp(3))`,
  bare: 'f.place > coalesce(cardinality(flow_logs), 0)',
};

/** The table of nested objects as {@link flatSql} reads it. */
export function nestedFrom(table: string, more: readonly string[]): string {
  const header = HEADER_COLUMNS.map(({ name }) => name);
  const row = `ROW(${FLOW_COLUMNS.map(({ name, type }) => `${name} ${TRINO_TYPES[type]}`).join(', ')})`;
  const all = `coalesce(flow_logs, CAST(ARRAY[] AS ARRAY(${row})))`;
  const flows = `CASE WHEN coalesce(cardinality(flow_logs), 0) = 0 OR ${SKIPPED} THEN ${all} || ARRAY[CAST(NULL AS ${row})] ELSE flow_logs END`;
  return `(SELECT ${[...header, ...more].join(', ')}, ${keySql('"$path"')}, flow_logs FROM ${table}) AS objects\nCROSS JOIN UNNEST(${flows}) WITH ORDINALITY AS f (${[...FLOW_COLUMNS.map(({ name }) => name), 'place'].join(', ')})`;
}

function oneOf(sql: string, values: Readonly<Record<string, readonly string[]>>, name: string): string {
  const cases = Object.entries(values).map(
    ([value, spellings]) => `WHEN lower(${sql}) IN (${spellings.map((spelling) => `'${spelling}'`).join(', ')}) THEN '${value}'`,
  );
  return `CASE ${cases.join(' ')} END AS ${name}`;
}

/** What an account or Region is in the name of a resource: `crn:v1:bluemix:public:is:us-south:a/ACCOUNT::flow-log-collector:ID`. */
const crnPart = (crn: string, part: number) => `nullif(split_part(${crn}, ':', ${part}), '')`;

interface Side {
  readonly from: 'initiator' | 'target';
  readonly to: 'initiator' | 'target';
  /** flow-direction where the flow's direction is outbound, else. */
  readonly directions: readonly [string, string];
}

const SIDES: readonly Side[] = [
  { from: 'initiator', to: 'target', directions: ['egress', 'ingress'] },
  { from: 'target', to: 'initiator', directions: ['ingress', 'egress'] },
];

/**
 * Records of the flat view, columns in the order of the source's format: the initiator's direction of every flow log, the
 * target's where it carried anything.
 */
export function ibmRecordsSql(flat: string, more: readonly string[] = []): string {
  const bigint = (sql: string) => `CAST(${sql} AS BIGINT)`;
  const value = (name: string, { from, to, directions: [out, into] }: Side): string => {
    const values: Readonly<Record<string, string>> = {
      version: '5',
      'account-id': `coalesce(account, replace(${crnPart('collector_crn', 7)}, 'a/', ''))`,
      'interface-id': 'coalesce(network_interface_id, vnic_id)',
      srcaddr: `${from}_ip`,
      dstaddr: `${to}_ip`,
      srcport: `${from}_port`,
      dstport: `${to}_port`,
      protocol: 'transport_protocol',
      packets: bigint(`packets_from_${from}`),
      bytes: bigint(`bytes_from_${from}`),
      action: `CASE action WHEN 'accepted' THEN 'ACCEPT' WHEN 'rejected' THEN 'REJECT' END`,
      'log-status': 'log_status',
      'vpc-id': `coalesce(vpc_id, ${crnPart('vpc_crn', 10)})`,
      'instance-id': `coalesce(${crnPart('instance_crn', 10)}, instance_id)`,
      type: 'ether_type',
      region: `coalesce(region, ${crnPart('collector_crn', 6)})`,
      'flow-direction': `CASE direction WHEN 'O' THEN '${out}' WHEN 'I' THEN '${into}' END`,
      was_initiated: 'CAST(was_initiated AS VARCHAR)',
      was_terminated: 'CAST(was_terminated AS VARCHAR)',
      cumulative_packets: `cumulative_packets_from_${from}`,
      cumulative_bytes: `cumulative_bytes_from_${from}`,
    };
    const sql = underscored(name);
    return `${values[name] ?? `"${sql}"`} AS "${sql}"`;
  };
  const select = (side: Side) => `SELECT ${[...FOREIGN_NAMES.ibm.map((name) => value(name, side)), ...more].join(', ')}\nFROM ${flat}`;
  const [initiator, target] = SIDES.map(select);
  return `${initiator ?? ''}\nUNION ALL\n${target ?? ''}\nWHERE packets_from_target > 0 OR bytes_from_target > 0`;
}
