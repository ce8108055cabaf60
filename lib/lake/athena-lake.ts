import { GetTableCommand, UpdateTableCommand } from '@aws-sdk/client-glue';
import { PutObjectTaggingCommand } from '@aws-sdk/client-s3';
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
import { inParallel } from '../parallel';
import { type AthenaClients, AthenaHours } from './athena-hours';
import type { Hour } from './hours';
import type { Inventory, Lake, Range, Totals } from './lake';
import { LAKE_TABLE, TEMPORARY_PREFIX, VERIFIED_TAG } from './names';
import { RawObjects, rawTables } from './raw-objects';
import type { LakeSettings } from './settings';

const TAGGED_AT_ONCE = 16;
const FOLDER = 'records';

/** Plain Parquet in S3, one registered partition per hour: the partition's location is the pointer. */
export class AthenaLake implements Lake {
  private readonly tables;
  private readonly raws;
  private readonly hours;

  constructor(
    private readonly settings: LakeSettings,
    private readonly clients: AthenaClients,
  ) {
    this.tables = rawTables(settings.tables, settings.places);
    this.raws = new RawObjects(
      clients.s3,
      this.tables.filter(({ layout }) => layout.hourly),
    );
    this.hours = new AthenaHours(settings, clients);
  }

  inventories(hours: readonly Hour[]): Promise<ReadonlyMap<Hour, Inventory>> {
    return this.raws.inventories(hours);
  }

  async verified(hour: Hour): Promise<void> {
    if (!this.settings.tagVerified) return;
    const Tagging = { TagSet: [{ Key: VERIFIED_TAG.key, Value: VERIFIED_TAG.value }] };
    await this.raws.visit([hour], async (objects) => {
      await inParallel(objects, TAGGED_AT_ONCE, ({ bucket, key }) =>
        this.clients.s3.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: key, Tagging })),
      );
    });
  }

  raw(hour: Hour): Promise<Totals> {
    return this.totals(`(\n${hourSql(this.tables, hour)}\n)`);
  }

  shown(hour: Hour): Promise<Totals> {
    return this.totals(`(SELECT * FROM ${this.hours.qualified(LAKE_TABLE)} WHERE "hour" = '${hour}')`);
  }

  async write(hour: Hour, run: string): Promise<Totals> {
    const records = `${TEMPORARY_PREFIX}${run}`;
    try {
      await this.hours.create(records, FOLDER, hour, run, this.sorted(hour));
      return await this.totals(this.hours.qualified(records));
    } finally {
      await this.hours.drop(records);
    }
  }

  point(hour: Hour, run: string): Promise<void> {
    return this.hours.point(LAKE_TABLE, FOLDER, hour, run);
  }

  async publish(hours: Range): Promise<void> {
    const { database, view } = this.settings;
    const columns = viewColumns(this.tables, true);
    const text = viewText(database, recordsViewSql(this.tables, { name: `${database}.${LAKE_TABLE}`, hours }), columns);
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

  sweep(hour: Hour, keep: string): Promise<void> {
    return this.hours.sweep(FOLDER, hour, keep);
  }

  /**
   * Questions filter by action, interface and time: in this order, most row groups can be skipped. By a window, since
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
