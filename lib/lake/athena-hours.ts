import {
  AlreadyExistsException,
  BatchUpdatePartitionCommand,
  CreatePartitionCommand,
  GetTableCommand,
  type GlueClient,
  type PartitionInput,
} from '@aws-sdk/client-glue';
import { DeleteObjectsCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { QueryEngine } from '../engine/engine';
import { AthenaTables } from './athena-tables';
import { type Hour, hourKey } from './hours';
import type { LakeSettings } from './settings';

/** Longer than a query may run: what a reader may still be reading is not deleted. https://docs.aws.amazon.com/general/latest/gr/athena.html */
const SWEEP_AFTER_MS = 60 * 60_000;
const DELETE_AT_ONCE = 1000;

export interface AthenaClients {
  /** In a workgroup in which a query can set the location of its table. */
  readonly engine: QueryEngine;
  readonly glue: GlueClient;
  readonly s3: S3Client;
  readonly now: () => number;
}

/** Plain Parquet in S3, one registered partition per hour and table: the partition's location is the pointer. */
export class AthenaHours {
  private readonly tables: AthenaTables;

  constructor(
    private readonly settings: Pick<LakeSettings, 'database' | 'bucket' | 'prefix'>,
    private readonly clients: AthenaClients,
  ) {
    this.tables = new AthenaTables(settings.database, clients.engine, clients.glue);
  }

  /** Writes the rows of a query as files of an hour, which are not visible to readers yet. @param table the name under which they can be read until {@link drop} */
  async create(table: string, folder: string, hour: Hour, run: string, sql: string): Promise<void> {
    await this.tables.create(table, this.location(folder, hour, run), sql);
  }

  drop(table: string): Promise<void> {
    return this.tables.drop(table);
  }

  /** Makes the hour of a table show the files of a run. */
  async point(table: string, folder: string, hour: Hour, run: string): Promise<void> {
    const { database } = this.settings;
    const { Table } = await this.clients.glue.send(new GetTableCommand({ DatabaseName: database, Name: table }));
    const partition: PartitionInput = {
      Values: [hour],
      StorageDescriptor: { ...Table?.StorageDescriptor, Location: this.location(folder, hour, run) },
    };
    try {
      await this.clients.glue.send(new CreatePartitionCommand({ DatabaseName: database, TableName: table, PartitionInput: partition }));
    } catch (error) {
      if (!(error instanceof AlreadyExistsException)) throw error;
      const { Errors = [] } = await this.clients.glue.send(
        new BatchUpdatePartitionCommand({
          DatabaseName: database,
          TableName: table,
          Entries: [{ PartitionValueList: [hour], PartitionInput: partition }],
        }),
      );
      const [first] = Errors;
      if (first !== undefined)
        throw new Error(`${hour}: the partition was not switched: ${first.ErrorDetail?.ErrorMessage ?? 'no reason given'}`);
    }
  }

  /** Deletes files of other runs that are older than any query can be. */
  async sweep(what: string, hour: Hour, keep: string): Promise<void> {
    const { bucket } = this.settings;
    const mine = this.key(what, hour, keep);
    const folder = mine.slice(0, mine.lastIndexOf('run='));
    const old: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.clients.s3 }, { Bucket: bucket, Prefix: folder }))
      for (const { Key = '', LastModified } of Contents)
        if (!Key.startsWith(mine) && (LastModified?.getTime() ?? 0) < this.clients.now() - SWEEP_AFTER_MS) old.push(Key);
    for (let i = 0; i < old.length; i += DELETE_AT_ONCE)
      await this.clients.s3.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: old.slice(i, i + DELETE_AT_ONCE).map((Key) => ({ Key })), Quiet: true },
        }),
      );
  }

  qualified(table: string): string {
    return this.tables.qualified(table);
  }

  private key(folder: string, hour: Hour, run: string): string {
    return `${this.settings.prefix}/${folder}/hour=${hourKey(hour)}/run=${run}/`;
  }

  private location(folder: string, hour: Hour, run: string): string {
    return `s3://${this.settings.bucket}/${this.key(folder, hour, run)}`;
  }
}
