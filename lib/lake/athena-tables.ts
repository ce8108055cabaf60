import { DeleteTableCommand, EntityNotFoundException, type GlueClient } from '@aws-sdk/client-glue';
import { tableSql } from '../analysis/render';
import type { QueryEngine, QueryOptions, QueryResult } from '../engine/engine';

/** Tables that a query fills, as plain Parquet in S3. */
export class AthenaTables {
  constructor(
    private readonly database: string,
    /** In a workgroup in which a query can set the location of its table. */
    private readonly engine: QueryEngine,
    private readonly glue: GlueClient,
  ) {}

  /** @param location `s3://bucket/folder/`, empty so far */
  create(table: string, location: string, sql: string, options: QueryOptions = {}): Promise<QueryResult> {
    return this.engine.run(
      `CREATE TABLE ${this.qualified(table)} WITH (format = 'PARQUET', external_location = '${location}') AS\n${sql}`,
      options,
    );
  }

  /** Only its name: the files stay. */
  async drop(table: string): Promise<void> {
    try {
      await this.glue.send(new DeleteTableCommand({ DatabaseName: this.database, Name: table }));
    } catch (error) {
      if (!(error instanceof EntityNotFoundException)) throw error;
    }
  }

  qualified(table: string): string {
    return tableSql(`${this.database}.${table}`);
  }
}
