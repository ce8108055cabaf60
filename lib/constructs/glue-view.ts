import { Aws } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { GLUE_TYPES, VIEW_EXPANDED_TEXT, VIEW_PARAMETERS, type ViewColumn, viewText } from '../analysis/view';
import type { IFlowLogDatabase } from './flow-log-database';

export interface GlueViewProps {
  readonly database: IFlowLogDatabase;
  readonly viewName: string;
  readonly sql: string;
  readonly columns: readonly ViewColumn[];
}

/** An Athena view without running anything at deployment. No description: Trino takes it for the comment that identifies a view. */
export const glueView = (scope: Construct, id: string, { database, viewName, sql, columns }: GlueViewProps): CfnTable =>
  new CfnTable(scope, id, {
    catalogId: Aws.ACCOUNT_ID,
    databaseName: database.databaseName,
    tableInput: {
      name: viewName,
      tableType: 'VIRTUAL_VIEW',
      parameters: VIEW_PARAMETERS,
      viewOriginalText: viewText(database.databaseName, sql, columns),
      viewExpandedText: VIEW_EXPANDED_TEXT,
      storageDescriptor: { columns: columns.map(({ name, type }) => ({ name, type: GLUE_TYPES[type] })), serdeInfo: {} },
    },
  });
