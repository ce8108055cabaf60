import { Aws, Stack } from 'aws-cdk-lib';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { snakeCase } from './names';
import { assertNoProblems } from './problems';

export interface FlowLogDatabaseProps {
  /** Lower-case letters, digits and `_`. Known at synth: views and queries name it. @default - the stack's name in snake case */
  readonly databaseName?: string;
}

/** A Glue database for flow-log tables. */
export class FlowLogDatabase extends Construct {
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

  /** Reading the definitions of tables (or views) of this database. */
  grantReadTable(grantee: IGrantable, ...tableNames: readonly string[]): Grant {
    const arn = (resource: string, resourceName?: string) =>
      Stack.of(this).formatArn({ service: 'glue', resource, ...(resourceName === undefined ? {} : { resourceName }) });
    const table = Grant.addToPrincipal({
      grantee,
      actions: ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartition', 'glue:GetPartitions', 'glue:BatchGetPartition'],
      resourceArns: [
        arn('catalog'),
        arn('database', this.databaseName),
        ...tableNames.map((name) => arn('table', `${this.databaseName}/${name}`)),
      ],
    });
    // Athena asks for it whichever database a query names: https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
    const initial = Grant.addToPrincipal({
      grantee,
      actions: ['glue:GetDatabase'],
      resourceArns: [arn('catalog'), arn('database', 'default')],
    });
    return table.combine(initial);
  }
}
