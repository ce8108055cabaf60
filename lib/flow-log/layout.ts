/**
 * How delivered objects are keyed in S3, both directions.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
 */

export interface Layout {
  /** `aws-account-id=…/year=…` folders instead of plain ones. */
  readonly hive: boolean;
  /** A folder per hour below the one per day. */
  readonly hourly: boolean;
}

export const LAYOUTS: Readonly<Record<string, Layout>> = {
  plain: { hive: false, hourly: false },
  'plain-hourly': { hive: false, hourly: true },
  hive: { hive: true, hourly: false },
  'hive-hourly': { hive: true, hourly: true },
};

/** Its name in {@link LAYOUTS}. */
export const layoutName = ({ hive, hourly }: Layout): string => `${hive ? 'hive' : 'plain'}${hourly ? '-hourly' : ''}`;

export interface ObjectKey {
  /** Optional prefix before `AWSLogs/`, without slashes at its ends; empty for none. */
  readonly prefix: string;
  readonly account: string;
  readonly region: string;
  readonly layout: Layout;
  readonly flowLogId: string;
  /** When the object was published, to the minute (UTC). */
  readonly published: Date;
  readonly hash: string;
  readonly fileFormat: 'text' | 'parquet';
}

const pad = (n: number, width = 2) => String(n).padStart(width, '0');

interface Place {
  readonly account: string;
  readonly region: string;
  readonly layout: Layout;
}

/** The folder, ending in `/`, below which a day's (or hour's) objects lie: relative to the prefix. */
export function partitionFolder({ account, region, layout }: Place, at: Date): string {
  const [year, month, day, hour] = [pad(at.getUTCFullYear(), 4), pad(at.getUTCMonth() + 1), pad(at.getUTCDate()), pad(at.getUTCHours())];
  const folder = layout.hive
    ? `AWSLogs/aws-account-id=${account}/aws-service=vpcflowlogs/aws-region=${region}/year=${year}/month=${month}/day=${day}/${layout.hourly ? `hour=${hour}/` : ''}`
    : `AWSLogs/${account}/vpcflowlogs/${region}/${year}/${month}/${day}/${layout.hourly ? `${hour}/` : ''}`;
  return folder;
}

/** The full object key. */
export function printKey(key: ObjectKey): string {
  const at = key.published;
  const stamp = `${pad(at.getUTCFullYear(), 4)}${pad(at.getUTCMonth() + 1)}${pad(at.getUTCDate())}T${pad(at.getUTCHours())}${pad(at.getUTCMinutes())}Z`;
  const extension = key.fileFormat === 'parquet' ? 'log.parquet' : 'log.gz';
  const name = `${key.account}_vpcflowlogs_${key.region}_${key.flowLogId}_${stamp}_${key.hash}.${extension}`;
  return `${key.prefix === '' ? '' : `${key.prefix}/`}${partitionFolder(key, at)}${name}`;
}

const FOLDERS =
  /^(?:(?<prefix>.+)\/)?AWSLogs\/(?:aws-account-id=(?<hiveAccount>[^/]+)\/aws-service=vpcflowlogs\/aws-region=(?<hiveRegion>[^/]+)\/year=(?<hy>\d{4})\/month=(?<hm>\d{2})\/day=(?<hd>\d{2})\/(?:hour=(?<hh>\d{2})\/)?|(?<account>[^/]+)\/vpcflowlogs\/(?<region>[^/]+)\/(?<y>\d{4})\/(?<m>\d{2})\/(?<d>\d{2})\/(?:(?<h>\d{2})\/)?)(?<file>[^/]+)$/;
const FILE = /^[^_]+_vpcflowlogs_[^_]+_(?<id>[^_]+)_(?<date>\d{8})T(?<time>\d{4})Z_(?<hash>[^_.]+)\.log\.(?<ext>gz|parquet)$/;

/** Reads a key back; undefined if it is not one that AWS's delivery writes. */
export function parseKey(key: string): ObjectKey | undefined {
  const folders = FOLDERS.exec(key)?.groups;
  const file = FILE.exec(folders?.['file'] ?? '')?.groups;
  if (folders === undefined || file === undefined) return undefined;
  const { date, time, id, hash, ext } = file as Record<'date' | 'time' | 'id' | 'hash' | 'ext', string>;
  const hive = folders['hiveAccount'] !== undefined;
  return {
    prefix: folders['prefix'] ?? '',
    account: folders['hiveAccount'] ?? folders['account'] ?? '',
    region: folders['hiveRegion'] ?? folders['region'] ?? '',
    layout: { hive, hourly: (folders['hh'] ?? folders['h']) !== undefined },
    flowLogId: id,
    published: new Date(Date.UTC(+date.slice(0, 4), +date.slice(4, 6) - 1, +date.slice(6, 8), +time.slice(0, 2), +time.slice(2, 4))),
    hash,
    fileFormat: ext === 'parquet' ? 'parquet' : 'text',
  };
}

/**
 * How much later than its records' `start` an object may be published and still be looked for: the longest
 * aggregation interval (10 minutes), typical delivery (10 minutes), the publishing slot (5 minutes), and as much again.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 */
export const DELIVERY_SLACK_SECONDS = 3600;

/**
 * Partition folders that may hold records of the window `[from, to)` (Unix seconds), oldest first, relative to the
 * prefix. Objects are keyed by when they were published, so the last folder is that of `to` + delivery slack.
 */
export function partitionFolders(place: Place, from: number, to: number): string[] {
  const step = place.layout.hourly ? 3600 : 86400;
  const folders: string[] = [];
  for (let t = Math.floor(from / step) * step; t < to + DELIVERY_SLACK_SECONDS; t += step) {
    folders.push(partitionFolder(place, new Date(t * 1000)));
  }
  return folders;
}

/** The partition column of a cloud table over a layout: one column whose text sorts as time does, so that a range on it prunes. */
export interface Partition {
  readonly column: 'hour' | 'day' | 'hive_hour' | 'hive_day';
  /** Its values in the letters of SQL's `date_format`. */
  readonly pattern: string;
  /** The same for partition projection: Java's DateTimeFormatter, literal text in quotes. */
  readonly javaPattern: string;
  readonly unit: 'HOURS' | 'DAYS';
}

/**
 * One column per layout. Hive-compatible layouts keep `year=…/month=…` inside the value: four calendar columns would make
 * an engine list every combination of them.
 */
export const PARTITIONS: Readonly<Record<Partition['column'], Partition>> = {
  hour: { column: 'hour', pattern: '%Y/%m/%d/%H', javaPattern: 'yyyy/MM/dd/HH', unit: 'HOURS' },
  day: { column: 'day', pattern: '%Y/%m/%d', javaPattern: 'yyyy/MM/dd', unit: 'DAYS' },
  hive_hour: {
    column: 'hive_hour',
    pattern: 'year=%Y/month=%m/day=%d/hour=%H',
    javaPattern: "'year='yyyy'/month='MM'/day='dd'/hour='HH",
    unit: 'HOURS',
  },
  hive_day: { column: 'hive_day', pattern: 'year=%Y/month=%m/day=%d', javaPattern: "'year='yyyy'/month='MM'/day='dd", unit: 'DAYS' },
};

/** Partitions by the names of their columns, separated by commas. @throws Error naming an unknown one */
export const partitionsNamed = (names: string): Partition[] =>
  names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => {
      const partition = (PARTITIONS as Readonly<Record<string, Partition | undefined>>)[name];
      if (partition === undefined) throw new Error(`partition ${JSON.stringify(name)}: expected ${Object.keys(PARTITIONS).join(', ')}`);
      return partition;
    });

export const partitionOf = ({ hive, hourly }: Layout): Partition =>
  PARTITIONS[`${hive ? ('hive_' as const) : ('' as const)}${hourly ? ('hour' as const) : ('day' as const)}`];

/** Value of a partition column at a time. */
export function partitionValue({ pattern }: Pick<Partition, 'pattern'>, at: Date): string {
  const parts: Record<string, string> = {
    '%Y': pad(at.getUTCFullYear(), 4),
    '%m': pad(at.getUTCMonth() + 1),
    '%d': pad(at.getUTCDate()),
    '%H': pad(at.getUTCHours()),
  };
  return pattern.replace(/%[YmdH]/g, (letter) => parts[letter] ?? letter);
}

/** Columns that say whose objects a record came from; `region` is a field, hence the prefix. */
export const ACCOUNT_COLUMN = 'aws_account';
export const REGION_COLUMN = 'aws_region';

/** Where the objects of one partition lie, relative to the bucket, with the columns' values as `${column}`; ends with `/`. */
export function locationTemplate(prefix: string, layout: Layout): string {
  const base = prefix === '' ? '' : `${prefix}/`;
  const [account, region, time] = [`\${${ACCOUNT_COLUMN}}`, `\${${REGION_COLUMN}}`, `\${${partitionOf(layout).column}}`];
  return layout.hive
    ? `${base}AWSLogs/aws-account-id=${account}/aws-service=vpcflowlogs/aws-region=${region}/${time}/`
    : `${base}AWSLogs/${account}/vpcflowlogs/${region}/${time}/`;
}
