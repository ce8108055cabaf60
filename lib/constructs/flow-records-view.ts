import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { recordsViewSql, type ViewColumn, viewColumns, viewPartitions } from '../analysis/view';
import { LAKE_TABLE } from '../lake/names';
import type { Partition } from '../flow-log/layout';
import type { IFlowLogDatabase } from './flow-log-database';
import { type IFlowLogTable, viewedTable } from './flow-log-table';
import { glueView } from './glue-view';
import { foldersOf } from './listing-memory';
import { grantObjects } from './object-grants';
import { assertNoProblems } from './problems';

export interface FlowRecordsViewProps {
  /** Database of the view, and of the table of compacted hours. */
  readonly database: IFlowLogDatabase;
  /** Name of the view. @default 'flow_records' */
  readonly viewName?: string;
  /** Tables of the same kind of record; none may hold traffic that another holds too, or it counts twice. */
  readonly tables: readonly IFlowLogTable[];
  /** Where compacted hours lie; {@link FlowLogLake} fills it. @default - no lake: every hour is read from the tables */
  readonly lake?: LakeStorage;
}

/** Where a lake's files lie. */
export interface LakeStorage {
  /** Holds the files. */
  readonly bucket: IBucket;
  /** Folder, without slashes at its ends. */
  readonly prefix: string;
}

/** A view that questions can query. */
export interface IFlowRecordsView extends IConstruct {
  /** Database of the view. */
  readonly database: IFlowLogDatabase;
  /** Name in Glue. */
  readonly viewName: string;
  /** `database.view` */
  readonly qualifiedName: string;
  /** Names of its columns. */
  readonly columns: readonly string[];
  /** Columns that limit what a question reads. */
  readonly partitions: readonly Partition[];
  /** Folders of raw objects that a question looks into for every hour that it reads; a lake holds all but the newest hours. */
  readonly rawFolders: number;
  /** What it reads; empty where it reads other tables than those of flow logs. */
  readonly tables: readonly IFlowLogTable[];
  /** Where compacted hours lie. Undefined: every hour is read from the tables. */
  readonly lake: LakeStorage | undefined;
  /** Changes when a deployment changes the view. Undefined where another stack makes it. */
  readonly fingerprint: string | undefined;
  /** Reading the view, its tables and their objects. */
  grantRead(grantee: IGrantable): Grant;
}

abstract class ViewBase extends Construct implements IFlowRecordsView {
  readonly database: IFlowLogDatabase;
  readonly viewName: string;
  readonly qualifiedName: string;
  readonly columns: readonly string[];
  readonly partitions: readonly Partition[];
  readonly rawFolders: number;
  readonly tables: readonly IFlowLogTable[];
  readonly lake: LakeStorage | undefined;
  abstract readonly fingerprint: string | undefined;
  protected readonly definition: ViewDefinition;

  constructor(scope: Construct, id: string, props: FlowRecordsViewProps) {
    super(scope, id);
    assertNoProblems(this, props.tables.length === 0 ? ['tables: got none, expected at least one table'] : []);
    this.database = props.database;
    this.viewName = props.viewName ?? 'flow_records';
    this.qualifiedName = `${props.database.databaseName}.${this.viewName}`;
    this.tables = props.tables;
    this.lake = props.lake;
    const viewed = props.tables.map(viewedTable);
    const lake = props.lake === undefined ? undefined : { name: `${props.database.databaseName}.${LAKE_TABLE}` };
    const columns = viewColumns(viewed, lake !== undefined);
    this.columns = columns.map((column) => column.name);
    this.partitions = viewPartitions(viewed, lake !== undefined);
    this.rawFolders = lake === undefined ? props.tables.reduce((sum, table) => sum + foldersOf(table).folders, 0) : 0;
    this.definition = { sql: recordsViewSql(viewed, lake), columns };
  }

  grantRead(grantee: IGrantable): Grant {
    const { lake, database } = this;
    const own = database.grantReadTable(grantee, this.viewName);
    const raw = this.tables.reduce((grant, table) => grant.combine(table.grantRead(grantee)), own);
    return lake === undefined ? raw : raw.combine(database.grantReadTable(grantee, LAKE_TABLE)).combine(grantObjects(grantee, lake));
  }
}

interface ViewDefinition {
  readonly sql: string;
  readonly columns: readonly ViewColumn[];
}

class ImportedView extends ViewBase {
  readonly fingerprint = undefined;
}

/**
 * The table that every question reads: one view over the tables of all formats and layouts. A Glue table of Athena's view
 * form, so nothing has to run at deployment.
 */
export class FlowRecordsView extends ViewBase {
  /** A view of another stack, described as it was made: its columns follow from its tables and its lake. */
  static fromAttributes(scope: Construct, id: string, attributes: FlowRecordsViewProps): IFlowRecordsView {
    return new ImportedView(scope, id, attributes);
  }

  readonly fingerprint: string;

  constructor(scope: Construct, id: string, props: FlowRecordsViewProps) {
    super(scope, id, props);
    const view = glueView(this, 'Resource', { database: props.database, viewName: this.viewName, ...this.definition });
    for (const table of props.tables) view.node.addDependency(table);
    this.fingerprint = createHash('sha256')
      .update(JSON.stringify(Stack.of(this).resolve(view.tableInput)))
      .digest('hex');
  }
}
