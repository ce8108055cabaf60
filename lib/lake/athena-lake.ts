import {
  AlreadyExistsException,
  BatchUpdatePartitionCommand,
  CreatePartitionCommand,
  DeleteTableCommand,
  EntityNotFoundException,
  GetTableCommand,
  type GlueClient,
  type PartitionInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { DeleteObjectsCommand, paginateListObjectsV2, PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import { tableSql } from '../analysis/render';
import {
  GLUE_TYPES,
  hourSql,
  recordColumns,
  recordsViewSql,
  VIEW_EXPANDED_TEXT,
  VIEW_PARAMETERS,
  type ViewColumn,
  viewColumns,
  viewText,
} from '../analysis/view';
import type { Row } from '../analysis/columns';
import type { QueryEngine } from '../engine/engine';
import { formatOf } from '../flow-log/format';
import { LAYOUTS, partitionFolder } from '../flow-log/layout';
import { type Hour, hourKey, hourStart } from './hours';
import { type Inventory, type Lake, type Range, sameTotals, type Totals } from './lake';
import { LAKE_TABLE, ROLLUP_TABLE, ROLLUP_VIEW, TEMPORARY_PREFIX, VERIFIED_TAG } from './names';
import { rollupViewColumns, rollupViewSql, SOURCE } from './rollup';
import type { LakeSettings } from './settings';

/** Longer than a query may run: what a reader may still be reading is not deleted. https://docs.aws.amazon.com/general/latest/gr/athena.html */
const SWEEP_AFTER_MS = 60 * 60_000;
const DELETE_AT_ONCE = 1000;
const TAGGED_AT_ONCE = 16;

export interface AthenaLakeClients {
  /** In a workgroup that lets a query say where its table lies. */
  readonly engine: QueryEngine;
  readonly glue: GlueClient;
  readonly s3: S3Client;
  readonly now: () => number;
}

/** Plain Parquet in S3, one registered partition per hour: the partition's location is the pointer. */
export class AthenaLake implements Lake {
  private readonly tables;

  constructor(
    private readonly settings: LakeSettings,
    private readonly clients: AthenaLakeClients,
  ) {
    this.tables = settings.tables.map((table, i) => {
      const layout = LAYOUTS[table.layout];
      const place = settings.places[i];
      if (layout === undefined) throw new Error(`layout ${table.layout}: expected ${Object.keys(LAYOUTS).join(', ')}`);
      if (place === undefined) throw new Error(`table ${table.name}: no place is given where its objects lie`);
      return { ...table, ...place, layout, format: formatOf(table.fields) };
    });
  }

  async inventory(hour: Hour): Promise<Inventory> {
    let objects = 0;
    let objectBytes = 0;
    for await (const { size } of this.objects(hour)) {
      objects++;
      objectBytes += size;
    }
    return { objects, objectBytes };
  }

  async verified(hour: Hour): Promise<void> {
    if (!this.settings.tagVerified) return;
    const Tagging = { TagSet: [{ Key: VERIFIED_TAG.key, Value: VERIFIED_TAG.value }] };
    let waiting: Promise<unknown>[] = [];
    for await (const { bucket, key } of this.objects(hour)) {
      waiting.push(this.clients.s3.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: key, Tagging })));
      if (waiting.length < TAGGED_AT_ONCE) continue;
      await Promise.all(waiting);
      waiting = [];
    }
    await Promise.all(waiting);
  }

  /** Raw objects of an hour. */
  private async *objects(hour: Hour): AsyncGenerator<{ bucket: string; key: string; size: number }> {
    for (const { bucket, prefix, accounts, regions, layout } of this.tables.filter((table) => table.layout.hourly))
      for (const account of accounts)
        for (const region of regions) {
          const folder = `${prefix === '' ? '' : `${prefix}/`}${partitionFolder({ account, region, layout }, new Date(hourStart(hour)))}`;
          for await (const { Contents = [] } of paginateListObjectsV2({ client: this.clients.s3 }, { Bucket: bucket, Prefix: folder }))
            for (const { Key: key = '', Size: size = 0 } of Contents) yield { bucket, key, size };
        }
  }

  raw(hour: Hour): Promise<Totals> {
    return this.totals(`(\n${hourSql(this.tables, hour)}\n)`);
  }

  shown(hour: Hour): Promise<Totals> {
    return this.totals(`(SELECT * FROM ${this.qualified(LAKE_TABLE)} WHERE "hour" = '${hour}')`);
  }

  async write(hour: Hour, run: string): Promise<Totals> {
    const records = `${TEMPORARY_PREFIX}${run}`;
    const counts = `${TEMPORARY_PREFIX}${run}_counts`;
    const { rollup } = this.settings;
    try {
      await this.create(records, this.location('records', hour, run), this.sorted(hour));
      const written = await this.totals(this.qualified(records));
      if (rollup === undefined) return written;
      await this.create(counts, this.location('counts', hour, run), rollup.hourSql.replace(SOURCE, this.qualified(records)));
      const { rows } = await this.clients.engine.run(
        `SELECT coalesce(sum(records), 0) AS records, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(packets), 0) AS packets FROM ${this.qualified(counts)}`,
      );
      if (!sameTotals(totalsOf(rows[0]), written)) throw new Error(`${hour}: the counts do not add up to the records of the copy`);
      return written;
    } finally {
      await Promise.all([records, counts].map((table) => this.drop(table)));
    }
  }

  private async create(table: string, location: string, sql: string): Promise<void> {
    await this.clients.engine.run(
      `CREATE TABLE ${this.qualified(table)} WITH (format = 'PARQUET', external_location = '${location}') AS\n${sql}`,
    );
  }

  /** Only its name: the files stay. */
  private async drop(table: string): Promise<void> {
    try {
      await this.clients.glue.send(new DeleteTableCommand({ DatabaseName: this.settings.database, Name: table }));
    } catch (error) {
      if (!(error instanceof EntityNotFoundException)) throw error;
    }
  }

  async point(hour: Hour, run: string): Promise<void> {
    // Counts first: should the run end between the two, the next one does both again.
    if (this.settings.rollup !== undefined) await this.pointTable(ROLLUP_TABLE, hour, this.location('counts', hour, run));
    await this.pointTable(LAKE_TABLE, hour, this.location('records', hour, run));
  }

  private async pointTable(table: string, hour: Hour, location: string): Promise<void> {
    const { database } = this.settings;
    const { Table } = await this.clients.glue.send(new GetTableCommand({ DatabaseName: database, Name: table }));
    const partition: PartitionInput = { Values: [hour], StorageDescriptor: { ...Table?.StorageDescriptor, Location: location } };
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
        throw new Error(`${hour}: the partition was not switched: ${first.ErrorDetail?.ErrorMessage ?? 'no reason was given'}`);
    }
  }

  async publish(hours: Range): Promise<void> {
    const { database, view, rollup } = this.settings;
    const part = (table: string) => ({ name: `${database}.${table}`, hours });
    await this.publishView(view, recordsViewSql(this.tables, part(LAKE_TABLE)), viewColumns(this.tables, true));
    if (rollup === undefined) return;
    await this.publishView(ROLLUP_VIEW, rollupViewSql(rollup.viewSql, this.tables, part(ROLLUP_TABLE)), rollupViewColumns(this.tables));
  }

  private async publishView(view: string, sql: string, columns: readonly ViewColumn[]): Promise<void> {
    const { database } = this.settings;
    const text = viewText(database, sql, columns);
    const { Table } = await this.clients.glue.send(new GetTableCommand({ DatabaseName: database, Name: view }));
    if (Table?.ViewOriginalText === text) return;
    await this.clients.glue.send(
      new UpdateTableCommand({
        DatabaseName: database,
        TableInput: {
          Name: view,
          TableType: 'VIRTUAL_VIEW',
          Parameters: VIEW_PARAMETERS,
          ViewOriginalText: text,
          ViewExpandedText: VIEW_EXPANDED_TEXT,
          StorageDescriptor: { Columns: columns.map(({ name, type }) => ({ Name: name, Type: GLUE_TYPES[type] })), SerdeInfo: {} },
        },
      }),
    );
  }

  async sweep(hour: Hour, keep: string): Promise<void> {
    const { bucket } = this.settings;
    const old: string[] = [];
    for (const what of ['records', 'counts'] as const) {
      const mine = this.key(what, hour, keep);
      const folder = mine.slice(0, mine.lastIndexOf('run='));
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.clients.s3 }, { Bucket: bucket, Prefix: folder }))
        for (const { Key = '', LastModified } of Contents)
          if (!Key.startsWith(mine) && (LastModified?.getTime() ?? 0) < this.clients.now() - SWEEP_AFTER_MS) old.push(Key);
    }
    for (let i = 0; i < old.length; i += DELETE_AT_ONCE)
      await this.clients.s3.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: old.slice(i, i + DELETE_AT_ONCE).map((Key) => ({ Key })), Quiet: true },
        }),
      );
  }

  /**
   * Questions ask for one action, one interface, a time: sorted so, most row groups can be passed over. By a window, since
   * the engine ignores ORDER BY here. https://docs.aws.amazon.com/athena/latest/ug/ctas-considerations-limitations.html
   */
  private sorted(hour: Hour): string {
    const names = this.columns().map(({ name }) => name);
    const there = (wanted: readonly string[]) => wanted.filter((name) => names.includes(name)).map((name) => `"${name}"`);
    const [part, order] = [there(['action']), there(['interface_id', 'start'])];
    const list = names.map((name) => `"${name}"`).join(', ');
    const records = `(\n${hourSql(this.tables, hour)}\n)`;
    if (order.length === 0) return `SELECT ${list} FROM ${records}`;
    const over = [...(part.length === 0 ? [] : [`PARTITION BY ${part.join(', ')}`]), `ORDER BY ${order.join(', ')}`].join(' ');
    return `SELECT ${list} FROM (SELECT *, row_number() OVER (${over}) AS place FROM ${records}) WHERE place > 0`;
  }

  private columns() {
    return recordColumns(this.tables);
  }

  private key(what: 'records' | 'counts', hour: Hour, run: string): string {
    return `${this.settings.prefix}/${what}/hour=${hourKey(hour)}/run=${run}/`;
  }

  private location(what: 'records' | 'counts', hour: Hour, run: string): string {
    return `s3://${this.settings.bucket}/${this.key(what, hour, run)}`;
  }

  private qualified(table: string): string {
    return tableSql(`${this.settings.database}.${table}`);
  }

  private async totals(relation: string): Promise<Totals> {
    const names = new Set(this.columns().map(({ name }) => name));
    const sum = (name: string) => (names.has(name) ? `CAST(coalesce(sum("${name}"), 0) AS BIGINT)` : '0');
    const { rows } = await this.clients.engine.run(
      `SELECT count(*) AS records, ${sum('bytes')} AS bytes, ${sum('packets')} AS packets FROM ${relation}`,
    );
    return totalsOf(rows[0]);
  }
}

const totalsOf = (row: Row | undefined): Totals => ({
  records: Number(row?.['records']),
  bytes: Number(row?.['bytes']),
  packets: Number(row?.['packets']),
});
