import { Aws, Token } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { TRINO_TYPES, type ViewColumn } from '../analysis/view';
import { FOREIGN_NAMES } from '../flow-log/foreign';
import { athenaTypeOf, sqlNameOf } from '../flow-log/format';
import { FLAT_COLUMNS, FLOW_COLUMNS, flatSql, HEADER_COLUMNS, ibmRecordsSql, nestedFrom, TRINO } from '../flow-log/ibm';
import { type Partition, PARTITIONS } from '../flow-log/layout';
import { FLAT_TABLE } from '../flow-log/tables';
import type { IFlowLogDatabase } from './flow-log-database';
import type { IFlowRecordsView } from './flow-records-view';
import { glueView } from './glue-view';
import { grantObjects } from './object-grants';
import { assertNoProblems } from './problems';

export interface IbmFlowLogsProps {
  /** Database of table and views. */
  readonly database: IFlowLogDatabase;
  /** Holds the objects as IBM's collector keyed them: copied from Object Storage. */
  readonly bucket: IBucket;
  /** Folder of the objects in the bucket. @default 'ibm_vpc_flowlogs_v1' */
  readonly prefix?: string;
  /**
   * The collectors' folders below the prefix, as the keys spell them:
   * `account=…/region=…/vpc-id=…/subnet-id=…/endpoint-type=vnics/instance-id=…/vnic-id=…`.
   */
  readonly endpoints: readonly string[];
  /** Which record types of the collectors are read. @default ['all'] */
  readonly recordTypes?: readonly ('all' | 'ingress' | 'egress')[];
  /** First day of the logs, `2026-01-31`; or how far back, `NOW-400DAYS`. @default 'NOW-400DAYS' */
  readonly since?: string;
}

const ENDPOINT =
  /^account=[^/,]+\/region=[^/,]+\/vpc-id=[^/,]+\/subnet-id=[^/,]+\/endpoint-type=[^/,]+\/instance-id=[^/,]+\/vnic-id=[^/,]+$/;
const SINCE = /^(\d{4}-\d{2}-\d{2}|NOW-\d{1,5}DAYS)$/;
const MAX_ENDPOINTS = 300;

const RAW_TABLE = 'ibm_flow';
const RECORDS_VIEW = 'ibm_flow_records';

const HIVE_TYPES = { string: 'string', int: 'int', bigint: 'bigint', boolean: 'boolean' } as const;

/**
 * IBM Cloud's flow logs in Athena: a table over the nested JSON objects with partition projection over their Hive keys, the
 * flat view with a row per flow log, and a view of records in AWS's words.
 * https://cloud.ibm.com/docs/vpc?topic=vpc-fl-analyze
 */
export class IbmFlowLogs extends Construct {
  /** The view `flow_flat`: for the questions of the group "IBM Cloud". */
  readonly flat: IFlowRecordsView;
  /** The view `ibm_flow_records`: for all other questions. */
  readonly records: IFlowRecordsView;

  constructor(scope: Construct, id: string, props: IbmFlowLogsProps) {
    super(scope, id);
    const { database, bucket, endpoints, prefix = 'ibm_vpc_flowlogs_v1', recordTypes = ['all'], since = 'NOW-400DAYS' } = props;
    assertNoProblems(this, problemsOf({ endpoints, recordTypes, since }));
    const hour = PARTITIONS.hive_hour;
    const from = DAY.exec(since);
    const raw = new CfnTable(this, 'Table', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: database.databaseName,
      tableInput: {
        name: RAW_TABLE,
        description: `IBM Cloud flow logs (nested JSON) below ${prefix}`,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: ['endpoint', 'records_of', hour.column].map((name) => ({ name, type: 'string' })),
        storageDescriptor: {
          columns: [
            ...HEADER_COLUMNS.map(({ name, type }) => ({ name, type: HIVE_TYPES[type] })),
            { name: 'flow_logs', type: `array<struct<${FLOW_COLUMNS.map(({ name, type }) => `${name}:${HIVE_TYPES[type]}`).join(',')}>>` },
          ],
          location: `s3://${bucket.bucketName}/${prefix}/`,
          inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          serdeInfo: {
            serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
            parameters: { 'serialization.format': '1', 'ignore.malformed.json': 'true' },
          },
        },
        parameters: {
          EXTERNAL: 'TRUE',
          classification: 'json',
          'projection.enabled': 'true',
          'projection.endpoint.type': 'enum',
          'projection.endpoint.values': endpoints.join(','),
          'projection.records_of.type': 'enum',
          'projection.records_of.values': recordTypes.join(','),
          [`projection.${hour.column}.type`]: 'date',
          [`projection.${hour.column}.format`]: hour.javaPattern,
          [`projection.${hour.column}.interval`]: '1',
          [`projection.${hour.column}.interval.unit`]: hour.unit,
          [`projection.${hour.column}.range`]: `${from === null ? since : `year=${from[1]}/month=${from[2]}/day=${from[3]}/hour=00`},NOW`,
          'storage.location.template': `s3://${bucket.bucketName}/${prefix}/\${endpoint}/record-type=\${records_of}/\${${hour.column}}/`,
        },
      },
    });
    raw.node.addDependency(database);
    const quoted = (view: string) => `"${database.databaseName}"."${view}"`;
    const partition: ViewColumn = { name: hour.column, type: 'varchar' };
    const flatColumns = [...FLAT_COLUMNS.map(({ name: column, type }) => ({ name: column, type: FLAT_TYPES[type] })), partition];
    const flat = glueView(this, 'Flat', {
      database,
      viewName: FLAT_TABLE,
      sql: flatSql(nestedFrom(quoted(RAW_TABLE), [hour.column]), TRINO.bare, TRINO, [hour.column]),
      columns: flatColumns,
    });
    flat.addResourceDependency(raw);
    const recordColumns = [
      ...FOREIGN_NAMES.ibm.map((field) => ({ name: sqlNameOf(field), type: TRINO_TYPES[athenaTypeOf(field)] })),
      partition,
    ];
    const records = glueView(this, 'Records', {
      database,
      viewName: RECORDS_VIEW,
      sql: ibmRecordsSql(quoted(FLAT_TABLE), [hour.column]),
      columns: recordColumns,
    });
    records.addResourceDependency(flat);
    const common = { database, bucket, prefix, partitions: [hour] };
    this.flat = new IbmView(this, 'FlatView', {
      ...common,
      viewName: FLAT_TABLE,
      columns: flatColumns.map((column) => column.name),
      reads: [RAW_TABLE],
    });
    this.records = new IbmView(this, 'RecordsView', {
      ...common,
      viewName: RECORDS_VIEW,
      columns: recordColumns.map((column) => column.name),
      reads: [RAW_TABLE, FLAT_TABLE],
    });
  }
}

interface IbmViewProps extends Pick<IFlowRecordsView, 'database' | 'viewName' | 'columns' | 'partitions'> {
  readonly bucket: IBucket;
  readonly prefix: string;
  /** Tables and views that it is made of. */
  readonly reads: readonly string[];
}

/** One of the views, as questions query it. */
class IbmView extends Construct implements IFlowRecordsView {
  readonly database: IFlowLogDatabase;
  readonly viewName: string;
  readonly qualifiedName: string;
  readonly columns: readonly string[];
  readonly partitions: readonly Partition[];
  readonly rawFolders = 1;
  readonly tables = [];
  readonly lake = undefined;
  readonly fingerprint = undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: IbmViewProps,
  ) {
    super(scope, id);
    this.database = props.database;
    this.viewName = props.viewName;
    this.qualifiedName = `${props.database.databaseName}.${props.viewName}`;
    this.columns = props.columns;
    this.partitions = props.partitions;
  }

  grantRead(grantee: IGrantable): Grant {
    const { bucket, prefix, reads } = this.props;
    return [...reads, this.viewName].reduce<Grant>(
      (grant, table) => grant.combine(this.database.grantReadTable(grantee, table)),
      grantObjects(grantee, { bucket, prefix }),
    );
  }
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

const FLAT_TYPES = { string: 'varchar', int: 'integer', bigint: 'bigint', boolean: 'boolean', timestamp: 'timestamp(3)' } as const;

function problemsOf({ endpoints, recordTypes, since }: Required<Pick<IbmFlowLogsProps, 'endpoints' | 'recordTypes' | 'since'>>): string[] {
  const problems: string[] = [];
  if (endpoints.length === 0 || endpoints.length > MAX_ENDPOINTS)
    problems.push(`endpoints: got ${endpoints.length}, expected 1 to ${MAX_ENDPOINTS}: each is read for every hour of a question`);
  for (const endpoint of endpoints)
    if (!Token.isUnresolved(endpoint) && !ENDPOINT.test(endpoint))
      problems.push(
        `endpoints: got ${JSON.stringify(endpoint)}, expected account=…/region=…/vpc-id=…/subnet-id=…/endpoint-type=vnics/instance-id=…/vnic-id=… as in the keys, without commas`,
      );
  if (recordTypes.length === 0) problems.push('recordTypes: got none, expected some of all, ingress, egress');
  if (!SINCE.test(since)) problems.push(`since: got ${JSON.stringify(since)}, expected a day such as 2026-01-31, or NOW-400DAYS`);
  return problems;
}
