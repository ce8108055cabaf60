import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { formatOf, type Format } from '../flow-log/format';
import { type Layout, LAYOUTS, partitionFolder } from '../flow-log/layout';
import { type Hour, hourStart, stampOf } from './hours';
import type { Inventory } from './lake';
import type { LakeFile, Places } from './settings';

/** A table of raw records and where its objects lie. */
export interface RawTable {
  /** `database.table` */
  readonly name: string;
  readonly layout: Layout;
  readonly format: Format;
  readonly prefix: string;
  /** Unix seconds; records that end later are another table's. */
  readonly until?: number | undefined;
  readonly bucket: string;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

/** @throws Error for a layout that is none, or a table without a place */
export const rawTables = (tables: LakeFile['tables'], places: Places): RawTable[] =>
  tables.map((table, i) => {
    const layout = LAYOUTS[table.layout];
    const place = places[i];
    if (layout === undefined) throw new Error(`layout ${table.layout}: expected ${Object.keys(LAYOUTS).join(', ')}`);
    if (place === undefined) throw new Error(`table ${table.name}: no place is given where its objects lie`);
    return { ...table, ...place, layout, format: formatOf(table.fields) };
  });

/** The raw objects of tables by the hour of their delivery, which a daily layout has in the names only. */
export class RawObjects {
  constructor(
    private readonly s3: S3Client,
    private readonly tables: readonly RawTable[],
  ) {}

  async inventory(hour: Hour): Promise<Inventory> {
    let objects = 0;
    let objectBytes = 0;
    for await (const { size } of this.objects(hour)) {
      objects++;
      objectBytes += size;
    }
    return { objects, objectBytes };
  }

  async *objects(hour: Hour): AsyncGenerator<{ bucket: string; key: string; size: number }> {
    const stamp = stampOf(hour);
    for (const { bucket, prefix, accounts, regions, layout } of this.tables)
      for (const account of accounts)
        for (const region of regions) {
          const folder = `${prefix === '' ? '' : `${prefix}/`}${partitionFolder({ account, region, layout }, new Date(hourStart(hour)))}`;
          for await (const { Contents = [] } of paginateListObjectsV2({ client: this.s3 }, { Bucket: bucket, Prefix: folder }))
            for (const { Key: key = '', Size: size = 0 } of Contents) if (layout.hourly || key.includes(stamp)) yield { bucket, key, size };
        }
  }
}
