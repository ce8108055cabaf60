import { Aws, Stack } from 'aws-cdk-lib';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import { snakeCase } from './names';
import { assertNoProblems } from './problems';

export interface FlowLogDatabaseProps {
  /** Lower-case letters, digits and `_`. Known at synth: views and queries name it. @default - the stack's name in snake case */
  readonly databaseName?: string;
}

/** A Glue database whose tables hold flow logs. */
export interface IFlowLogDatabase extends IConstruct {
  /** Name in Glue. */
  readonly databaseName: string;
  /** Reading the definitions of tables (or views) of this database. */
  grantReadTable(grantee: IGrantable, ...tableNames: readonly string[]): Grant;
  /** What an action on tables of this database is allowed on: Glue checks the catalog and the database as well. */
  tableArns(...tableNames: readonly string[]): string[];
}

abstract class DatabaseBase extends Construct implements IFlowLogDatabase {
  abstract readonly databaseName: string;

  grantReadTable(grantee: IGrantable, ...tableNames: readonly string[]): Grant {
    const table = Grant.addToPrincipal({
      grantee,
      actions: ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartition', 'glue:GetPartitions', 'glue:BatchGetPartition'],
      resourceArns: this.tableArns(...tableNames),
    });
    // Athena requires it for every database that a query names: https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
    const initial = Grant.addToPrincipal({
      grantee,
      actions: ['glue:GetDatabase'],
      resourceArns: [this.arn('catalog'), this.arn('database', 'default')],
    });
    return table.combine(initial);
  }

  tableArns(...tableNames: readonly string[]): string[] {
    return [
      this.arn('catalog'),
      this.arn('database', this.databaseName),
      ...tableNames.map((name) => this.arn('table', `${this.databaseName}/${name}`)),
    ];
  }

  private arn(resource: string, resourceName?: string): string {
    return Stack.of(this).formatArn({ service: 'glue', resource, ...(resourceName === undefined ? {} : { resourceName }) });
  }
}

class ImportedDatabase extends DatabaseBase {
  constructor(
    scope: Construct,
    id: string,
    readonly databaseName: string,
  ) {
    super(scope, id);
  }
}

/** A Glue database for flow-log tables. */
export class FlowLogDatabase extends DatabaseBase {
  /** A database of this account and Region. */
  static fromDatabaseName(scope: Construct, id: string, databaseName: string): IFlowLogDatabase {
    return new ImportedDatabase(scope, id, databaseName);
  }

  readonly databaseName: string;

  constructor(scope: Construct, id: string, props: FlowLogDatabaseProps = {}) {
    super(scope, id);
    this.databaseName = props.databaseName ?? snakeCase(Stack.of(this).stackName);
    assertNoProblems(
      this,
      /^[a-z][a-z0-9_]{0,127}$/.test(this.databaseName)
        ? []
        : [`databaseName: got ${JSON.stringify(this.databaseName)}, expected lower-case letters, digits and _`],
    );
    new CfnDatabase(this, 'Resource', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: this.databaseName, description: 'VPC flow logs (flow-log-analytics)' },
    });
  }
}
