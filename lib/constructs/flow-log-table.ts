import { Aws, Token } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import type { ViewedTable } from '../analysis/view';
import { athenaTypeOf, sqlNameOf } from '../flow-log/format';
import { ACCOUNT_COLUMN, type Layout, locationTemplate, partitionOf, REGION_COLUMN } from '../flow-log/layout';
import { isRegion } from '../flow-log/region';
import type { IFlowLogDatabase } from './flow-log-database';
import type { LogLocation } from './flow-log-definition';
import { grantObjects } from './object-grants';
import { assertNoProblems, warn } from './problems';

export interface FlowLogTableAttributes {
  /** Database of the table. */
  readonly database: IFlowLogDatabase;
  /** Lower-case letters, digits and `_`. */
  readonly tableName: string;
  /** Holds the objects. */
  readonly bucket: IBucket;
  /** Objects in the bucket: an element of {@link FlowLogDefinition.locations}, or your own description of existing logs. */
  readonly location: LogLocation;
  /** Accounts whose objects are read. @default - the account of the stack */
  readonly accounts?: readonly string[];
  /** Regions whose objects are read. @default - the Region of the stack */
  readonly regions?: readonly string[];
}

export interface FlowLogTableProps extends FlowLogTableAttributes {
  /** First day of the logs, `2026-01-31`; or how far back, `NOW-400DAYS`. Days without objects cost a listing each. @default 'NOW-400DAYS' */
  readonly since?: string;
}

/** A table over delivered objects. */
export interface IFlowLogTable extends IConstruct {
  /** Database of the table. */
  readonly database: IFlowLogDatabase;
  /** Name in Glue. */
  readonly tableName: string;
  /** `database.table` */
  readonly qualifiedName: string;
  /** Holds the objects. */
  readonly bucket: IBucket;
  /** Folder, format and layout of the objects. */
  readonly location: LogLocation;
  /** Accounts whose objects are read. */
  readonly accounts: readonly string[];
  /** Regions whose objects are read. */
  readonly regions: readonly string[];
  /** Reading the table's definition and its objects. */
  grantRead(grantee: IGrantable): Grant;
}

/** As a view reads it. */
export const viewedTable = ({ qualifiedName, location: { format, layout, until } }: IFlowLogTable): ViewedTable => ({
  name: qualifiedName,
  format,
  layout,
  until: until === undefined ? undefined : Math.floor(until.getTime() / 1000),
});

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const AGO = /^NOW-\d{1,5}DAYS$/;

/** Lists of accounts and Regions are enum projections: the engine looks into a folder for each pair and hour. */
const MAX_ENUM = { accounts: 1000, regions: 100 };
/** AWS advises a few dozen values. https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html */
const MANY_FOLDERS = 100;

abstract class TableBase extends Construct implements IFlowLogTable {
  readonly database: IFlowLogDatabase;
  readonly tableName: string;
  readonly qualifiedName: string;
  readonly bucket: IBucket;
  readonly location: LogLocation;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];

  constructor(scope: Construct, id: string, props: FlowLogTableAttributes) {
    super(scope, id);
    this.database = props.database;
    this.tableName = props.tableName;
    this.qualifiedName = `${props.database.databaseName}.${props.tableName}`;
    this.bucket = props.bucket;
    this.location = props.location;
    this.accounts = props.accounts ?? [Aws.ACCOUNT_ID];
    this.regions = props.regions ?? [Aws.REGION];
  }

  grantRead(grantee: IGrantable): Grant {
    const { prefix } = this.location;
    return this.database
      .grantReadTable(grantee, this.tableName)
      .combine(grantObjects(grantee, { bucket: this.bucket, prefix: prefix === '' ? 'AWSLogs' : prefix }));
  }
}

class ImportedTable extends TableBase {}

/**
 * A Glue table over delivered objects, with partition projection: no crawler, no partition Lambda, no stale partition.
 * https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
 */
export class FlowLogTable extends TableBase {
  /** A table of another stack, described as it was made. */
  static fromAttributes(scope: Construct, id: string, attributes: FlowLogTableAttributes): IFlowLogTable {
    return new ImportedTable(scope, id, attributes);
  }

  constructor(scope: Construct, id: string, props: FlowLogTableProps) {
    super(scope, id, props);
    const { accounts, regions } = this;
    const since = props.since ?? 'NOW-400DAYS';
    assertNoProblems(this, problemsOf(props.tableName, accounts, regions, since));
    const folders = accounts.length * regions.length;
    if (folders > MANY_FOLDERS)
      warn(
        this,
        'ManyFolders',
        `${accounts.length} accounts and ${regions.length} Regions: a question reads ${folders} folders for every hour. List only accounts and Regions that deliver`,
      );
    const { layout, prefix, fileFormat, format } = props.location;
    const partition = partitionOf(layout);
    const root = `s3://${props.bucket.bucketName}/`;
    const table = new CfnTable(this, 'Resource', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: props.database.databaseName,
      tableInput: {
        name: props.tableName,
        description: `Flow logs (${fileFormat}, ${layout.hive ? 'Hive-compatible' : 'plain'}, ${layout.hourly ? 'hourly' : 'daily'}) below ${prefix === '' ? 'the bucket' : prefix}`,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [ACCOUNT_COLUMN, REGION_COLUMN, partition.column].map((name) => ({ name, type: 'string' })),
        storageDescriptor: {
          columns: format.names.map((name) => ({ name: sqlNameOf(name), type: athenaTypeOf(name) })),
          location: `${root}${prefix === '' ? '' : `${prefix}/`}AWSLogs/`,
          ...(fileFormat === 'parquet' ? PARQUET : TEXT),
        },
        parameters: {
          EXTERNAL: 'TRUE',
          classification: fileFormat === 'parquet' ? 'parquet' : 'csv',
          ...(fileFormat === 'text' ? { 'skip.header.line.count': '1', 'serialization.null.format': '-' } : {}),
          'projection.enabled': 'true',
          [`projection.${ACCOUNT_COLUMN}.type`]: 'enum',
          [`projection.${ACCOUNT_COLUMN}.values`]: accounts.join(','),
          [`projection.${REGION_COLUMN}.type`]: 'enum',
          [`projection.${REGION_COLUMN}.values`]: regions.join(','),
          [`projection.${partition.column}.type`]: 'date',
          [`projection.${partition.column}.format`]: partition.javaPattern,
          [`projection.${partition.column}.interval`]: '1',
          [`projection.${partition.column}.interval.unit`]: partition.unit,
          [`projection.${partition.column}.range`]: `${firstPartition(since, layout)},NOW`,
          'storage.location.template': `${root}${locationTemplate(prefix, layout)}`,
        },
      },
    });
    table.node.addDependency(props.database);
  }
}

/** Input, output and SerDe of Parquet. */
export const PARQUET = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serdeInfo: {
    serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
    parameters: { 'serialization.format': '1' },
  },
};

const TEXT = {
  inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  serdeInfo: {
    serializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
    parameters: { 'field.delim': ' ', 'serialization.format': ' ', 'serialization.null.format': '-' },
  },
};

function problemsOf(tableName: string, accounts: readonly string[], regions: readonly string[], since: string): string[] {
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9_]{0,127}$/.test(tableName))
    problems.push(`tableName: got ${JSON.stringify(tableName)}, expected lower-case letters, digits and _`);
  const check = (property: keyof typeof MAX_ENUM, values: readonly string[], fits: (value: string) => boolean, expected: string) => {
    const most = MAX_ENUM[property];
    if (values.length === 0 || values.length > most) problems.push(`${property}: got ${values.length}, expected 1 to ${most}`);
    for (const value of values)
      if (!Token.isUnresolved(value) && !fits(value)) problems.push(`${property}: got ${JSON.stringify(value)}, expected ${expected}`);
  };
  check('accounts', accounts, (value) => /^\d{12}$/.test(value), '12 digits (in quotes, or YAML drops leading zeros)');
  check('regions', regions, isRegion, 'a Region such as eu-central-1');
  if (!DAY.test(since) && !AGO.test(since))
    problems.push(`since: got ${JSON.stringify(since)}, expected a day such as 2026-01-31, or NOW-400DAYS`);
  return problems;
}

/** Lower bound of the projected range in the partition's own spelling. */
function firstPartition(since: string, { hive, hourly }: Layout): string {
  const [, year, month, day] = DAY.exec(since) ?? [];
  if (year === undefined) return since;
  return hive ? `year=${year}/month=${month}/day=${day}${hourly ? '/hour=00' : ''}` : `${year}/${month}/${day}${hourly ? '/00' : ''}`;
}
