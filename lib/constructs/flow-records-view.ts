import { Aws } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { partitionsOf, recordsViewSql, viewColumns } from '../analysis/view';
import type { Partition } from '../flow-log/layout';
import type { FlowLogDatabase } from './flow-log-database';
import type { FlowLogTable } from './flow-log-table';
import { assertNoProblems } from './problems';

export interface FlowRecordsViewProps {
  readonly database: FlowLogDatabase;
  /** @default 'flow_records' */
  readonly viewName?: string;
  /** Tables of the same kind of record; none may hold traffic that another holds too, or it counts twice. */
  readonly tables: readonly FlowLogTable[];
}

const GLUE_TYPES = { varchar: 'string', integer: 'int', bigint: 'bigint' } as const;

/**
 * The table that every question reads: one view over the tables of all formats and layouts. A Glue table of Athena's view
 * form, so nothing has to run at deployment. The form is that of views made by `CREATE VIEW`; Athena does not document it.
 * No description: Trino takes it for the comment that tells a view.
 */
export class FlowRecordsView extends Construct {
  readonly qualifiedName: string;
  readonly columns: readonly string[];
  readonly partitions: readonly Partition[];
  private readonly props: FlowRecordsViewProps;

  constructor(scope: Construct, id: string, props: FlowRecordsViewProps) {
    super(scope, id);
    assertNoProblems(this, props.tables.length === 0 ? ['tables: got none, expected at least one table'] : []);
    this.props = props;
    const name = props.viewName ?? 'flow_records';
    const viewed = props.tables.map((table) => table.viewed);
    const columns = viewColumns(viewed);
    this.qualifiedName = `${props.database.databaseName}.${name}`;
    this.columns = columns.map((column) => column.name);
    this.partitions = partitionsOf(viewed);
    const definition = {
      originalSql: recordsViewSql(viewed),
      catalog: 'awsdatacatalog',
      schema: props.database.databaseName,
      columns,
      runAsInvoker: true,
    };
    const view = new CfnTable(this, 'Resource', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: props.database.databaseName,
      tableInput: {
        name,
        tableType: 'VIRTUAL_VIEW',
        parameters: { presto_view: 'true', comment: 'Presto View' },
        viewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(definition)).toString('base64')} */`,
        viewExpandedText: '/* Presto View */',
        storageDescriptor: {
          columns: columns.map((column) => ({ name: column.name, type: GLUE_TYPES[column.type] })),
          serdeInfo: {},
        },
      },
    });
    for (const table of props.tables) view.node.addDependency(table);
  }

  /** Reading the view, its tables and their objects. */
  grantRead(grantee: IGrantable): Grant {
    const own = this.props.database.grantReadTable(grantee, this.qualifiedName.slice(this.qualifiedName.indexOf('.') + 1));
    return this.props.tables.reduce((grant, table) => grant.combine(table.grantRead(grantee)), own);
  }
}
