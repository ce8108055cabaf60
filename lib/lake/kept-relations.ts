import { GetTableCommand, type GlueClient } from '@aws-sdk/client-glue';
import type { RelationTables } from '../analysis/relations';
import { keptTables, RANGE_PARAMETERS } from './relations';

/** Tables with the relations of a view of records, as far as its lake keeps them. @param view `database.view` */
export async function readKeptTables(glue: GlueClient, view: string): Promise<RelationTables> {
  const [DatabaseName = '', Name = ''] = view.split('.');
  const { Table } = await glue.send(new GetTableCommand({ DatabaseName, Name }));
  const [from, to] = [Table?.Parameters?.[RANGE_PARAMETERS.from], Table?.Parameters?.[RANGE_PARAMETERS.to]];
  return from === undefined || to === undefined ? {} : keptTables(DatabaseName, { from, to });
}
