import { EntityNotFoundException, GetTableCommand, type GlueClient } from '@aws-sdk/client-glue';
import type { Held } from './athena-relations';
import { HELD_PARAMETERS, keptTable } from './relations';

/** Of which time the relations of a database are kept; undefined where none are. */
export async function readHeld(glue: GlueClient, database: string): Promise<Held | undefined> {
  try {
    const { Table } = await glue.send(new GetTableCommand({ DatabaseName: database, Name: keptTable('conversations') }));
    const [from, to] = [Table?.Parameters?.[HELD_PARAMETERS.from], Table?.Parameters?.[HELD_PARAMETERS.to]];
    return from === undefined || to === undefined ? undefined : { from: Number(from), to: Number(to) };
  } catch (error) {
    if (error instanceof EntityNotFoundException) return undefined;
    throw error;
  }
}
