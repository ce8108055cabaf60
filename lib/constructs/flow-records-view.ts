import type { CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { recordsViewSql, viewColumns, viewPartitions } from '../analysis/view';
import { LAKE_TABLE } from '../lake/names';
import type { Partition } from '../flow-log/layout';
import type { FlowLogDatabase } from './flow-log-database';
import type { FlowLogTable } from './flow-log-table';
import { glueView } from './glue-view';
import { foldersOf } from './listing-memory';
import { grantObjects } from './object-grants';
import { assertNoProblems } from './problems';

export interface FlowRecordsViewProps {
  readonly database: FlowLogDatabase;
  /** @default 'flow_records' */
  readonly viewName?: string;
  /** Tables of the same kind of record; none may hold traffic that another holds too, or it counts twice. */
  readonly tables: readonly FlowLogTable[];
  /** Where compacted hours lie; {@link FlowLogLake} fills it. @default - no lake: every hour is read from the tables */
  readonly lake?: LakeStorage;
}

/** Where a lake's files lie. */
export interface LakeStorage {
  readonly bucket: IBucket;
  /** Folder, without slashes at its ends. */
  readonly prefix: string;
}

/** A view that questions can query. */
export interface IFlowRecordsView {
  /** `database.view` */
  readonly qualifiedName: string;
  readonly columns: readonly string[];
  readonly partitions: readonly Partition[];
  /** Folders of raw objects that a question looks into for every hour that it reads; a lake holds all but the newest hours. */
  readonly rawFolders: number;
  /** Reading the view, its tables and their objects. */
  grantRead(grantee: IGrantable): Grant;
}

/**
 * The table that every question reads: one view over the tables of all formats and layouts. A Glue table of Athena's view
 * form, so nothing has to run at deployment.
 */
export class FlowRecordsView extends Construct implements IFlowRecordsView {
  readonly qualifiedName: string;
  readonly columns: readonly string[];
  readonly partitions: readonly Partition[];
  readonly rawFolders: number;
  readonly props: FlowRecordsViewProps;
  /** The view as Glue has it. */
  readonly resource: CfnTable;

  constructor(scope: Construct, id: string, props: FlowRecordsViewProps) {
    super(scope, id);
    assertNoProblems(this, props.tables.length === 0 ? ['tables: got none, expected at least one table'] : []);
    this.props = props;
    const name = props.viewName ?? 'flow_records';
    const viewed = props.tables.map((table) => table.viewed);
    const lake = props.lake === undefined ? undefined : { name: `${props.database.databaseName}.${LAKE_TABLE}` };
    const columns = viewColumns(viewed, lake !== undefined);
    this.qualifiedName = `${props.database.databaseName}.${name}`;
    this.columns = columns.map((column) => column.name);
    this.partitions = viewPartitions(viewed, lake !== undefined);
    this.rawFolders = lake === undefined ? props.tables.reduce((sum, table) => sum + foldersOf(table).folders, 0) : 0;
    this.resource = glueView(this, 'Resource', { database: props.database, viewName: name, sql: recordsViewSql(viewed, lake), columns });
    for (const table of props.tables) this.resource.node.addDependency(table);
  }

  /** Reading the view, its tables and their objects. */
  grantRead(grantee: IGrantable): Grant {
    const own = this.props.database.grantReadTable(grantee, this.qualifiedName.slice(this.qualifiedName.indexOf('.') + 1));
    const raw = this.props.tables.reduce((grant, table) => grant.combine(table.grantRead(grantee)), own);
    const { lake, database } = this.props;
    return lake === undefined ? raw : raw.combine(database.grantReadTable(grantee, LAKE_TABLE)).combine(grantObjects(grantee, lake));
  }
}
