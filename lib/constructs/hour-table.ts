import { Aws } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { GLUE_TYPES, type ViewColumn } from '../analysis/view';
import type { IFlowLogDatabase } from './flow-log-database';
import type { LakeFile } from '../lake/settings';
import { layoutName } from '../flow-log/layout';
import { type IFlowLogTable, PARQUET, viewedTable } from './flow-log-table';
import { present } from './present';

export interface HourTableProps {
  readonly database: IFlowLogDatabase;
  readonly tableName: string;
  readonly description: string;
  readonly columns: readonly ViewColumn[];
  /** `s3://bucket/folder/` */
  readonly location: string;
}

/** A Glue table of Parquet files with a registered partition per hour, `hour`. */
export function hourTable(scope: Construct, id: string, { database, tableName, description, columns, location }: HourTableProps): CfnTable {
  const table = new CfnTable(scope, id, {
    catalogId: Aws.ACCOUNT_ID,
    databaseName: database.databaseName,
    tableInput: {
      name: tableName,
      description,
      tableType: 'EXTERNAL_TABLE',
      partitionKeys: [{ name: 'hour', type: 'string' }],
      storageDescriptor: { columns: columns.map(({ name, type }) => ({ name, type: GLUE_TYPES[type] })), location, ...PARQUET },
      parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
    },
  });
  table.node.addDependency(database);
  return table;
}

/** How a function that compacts hours reads a table. */
export function lakeTable(table: IFlowLogTable): LakeFile['tables'][number] {
  const { name, format, layout, until } = viewedTable(table);
  return { name, fields: [...format.names], layout: layoutName(layout), prefix: table.location.prefix, ...present({ until }) };
}
