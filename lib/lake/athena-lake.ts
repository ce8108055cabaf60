import {
  AlreadyExistsException,
  BatchUpdatePartitionCommand,
  CreatePartitionCommand,
  DeleteTableCommand,
  EntityNotFoundException,
  GetTableCommand,
  type GlueClient,
  paginateGetPartitions,
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
  viewColumns,
  viewText,
} from '../analysis/view';
import type { Row } from '../analysis/columns';
import type { QueryEngine } from '../engine/engine';
import { formatOf } from '../flow-log/format';
import { LAYOUTS, partitionFolder } from '../flow-log/layout';
import { type Hour, hourKey, hourOf, hourStart } from './hours';
import type { Inventory, Lake, Range, Totals } from './lake';
import { LAKE_TABLE, TEMPORARY_PREFIX, VERIFIED_TAG } from './names';
import { KEPT_RELATIONS, type KeptRelation, keptTable, lastHours, RANGE_PARAMETERS, SOURCE } from './relations';
import type { LakeSettings } from './settings';

/** Longer than a query may run: what a reader may still be reading is not deleted. https://docs.aws.amazon.com/general/latest/gr/athena.html */
const SWEEP_AFTER_MS = 60 * 60_000;
const DELETE_AT_ONCE = 1000;
const TAGGED_AT_ONCE = 16;
/** No detection looks back further. */
const KEPT_HOURS = 40 * 24;

type Folder = 'records' | KeptRelation;

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
    const { relations } = this.settings;
    const records = `${TEMPORARY_PREFIX}${run}`;
    const kept = KEPT_RELATIONS.map((name) => ({ name, table: `${records}_${name}` }));
    try {
      await this.create(records, this.location('records', hour, run), this.sorted(hour));
      const written = await this.totals(this.qualified(records));
      if (relations !== undefined)
        await Promise.all(
          kept.map(({ name, table }) =>
            this.create(table, this.location(name, hour, run), relations[name].replaceAll(SOURCE, this.qualified(records))),
          ),
        );
      return written;
    } finally {
      await Promise.all([records, ...kept.map(({ table }) => table)].map((table) => this.drop(table)));
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
    // Relations first: should the run end in between, the next one does all again.
    if (this.settings.relations !== undefined)
      for (const name of KEPT_RELATIONS) await this.pointTable(keptTable(name), hour, this.location(name, hour, run));
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
    const { database, view } = this.settings;
    const columns = viewColumns(this.tables, true);
    const text = viewText(database, recordsViewSql(this.tables, { name: `${database}.${LAKE_TABLE}`, hours }), columns);
    const kept = await this.keptRange(hours);
    const parameters = {
      ...VIEW_PARAMETERS,
      ...(kept === undefined ? {} : { [RANGE_PARAMETERS.from]: kept.from, [RANGE_PARAMETERS.to]: kept.to }),
    };
    const { Table } = await this.clients.glue.send(new GetTableCommand({ DatabaseName: database, Name: view }));
    const same = Object.values(RANGE_PARAMETERS).every((name) => Table?.Parameters?.[name] === (parameters as Record<string, string>)[name]);
    if (same && Table?.ViewOriginalText === text) return;
    await this.clients.glue.send(
      new UpdateTableCommand({
        DatabaseName: database,
        TableInput: {
          Name: view,
          TableType: 'VIRTUAL_VIEW',
          Parameters: parameters,
          ViewOriginalText: text,
          ViewExpandedText: VIEW_EXPANDED_TEXT,
          StorageDescriptor: { Columns: columns.map(({ name, type }) => ({ Name: name, Type: GLUE_TYPES[type] })), SerdeInfo: {} },
        },
      }),
    );
  }

  /** Hours compacted by versions before 0.2 have no relations: runs make these of the records. */
  private async keptRange({ from, to }: Range): Promise<Range | undefined> {
    if (this.settings.relations === undefined) return undefined;
    const earliest = hourOf(hourStart(to) - KEPT_HOURS * 3_600_000);
    const first = earliest > from ? earliest : from;
    const there = new Set<Hour>();
    const pages = paginateGetPartitions(
      { client: this.clients.glue },
      { DatabaseName: this.settings.database, TableName: keptTable('interface_hours'), Expression: `hour >= '${first}'`, ExcludeColumnSchema: true },
    );
    for await (const { Partitions = [] } of pages) for (const { Values: [hour = ''] = [] } of Partitions) there.add(hour);
    return lastHours({ from: first, to }, there);
  }

  async sweep(hour: Hour, keep: string): Promise<void> {
    const { bucket } = this.settings;
    const old: string[] = [];
    for (const what of ['records', ...KEPT_RELATIONS] as const) {
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

  private key(what: Folder, hour: Hour, run: string): string {
    return `${this.settings.prefix}/${what}/hour=${hourKey(hour)}/run=${run}/`;
  }

  private location(what: Folder, hour: Hour, run: string): string {
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
