import { type ListObjectsV2CommandInput, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { formatOf, type Format } from '../flow-log/format';
import { type Layout, LAYOUTS, partitionFolder } from '../flow-log/layout';
import { inParallel } from '../parallel';
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
    if (place === undefined) throw new Error(`table ${table.name}: the location of its objects is not set`);
    return { ...table, ...place, layout, format: formatOf(table.fields) };
  });

export interface RawObject {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
}

/** An organisation has thousands of folders an hour; the client has so many connections. */
export const LISTINGS_AT_ONCE = 50;

/** What of a day is listed of one account and Region. */
interface Listing {
  readonly input: ListObjectsV2CommandInput & { readonly Bucket: string };
  readonly hourOf: (key: string) => Hour | undefined;
  /** No key at or after this one is wanted. */
  readonly end: string;
}

/** The raw objects of tables by the hour of their delivery, which a daily layout has in the names only. */
export class RawObjects {
  constructor(
    private readonly s3: S3Client,
    private readonly tables: readonly RawTable[],
  ) {}

  /** Of each of the hours. Those of one day are listed together: that takes no more requests than one of them, as long as a page holds them. */
  async inventories(hours: readonly Hour[]): Promise<ReadonlyMap<Hour, Inventory>> {
    const found = new Map(hours.map((hour) => [hour, { objects: 0, objectBytes: 0 }]));
    await this.visit(hours, (objects, hour) => {
      const inventory = found.get(hour);
      if (inventory === undefined) throw new Error(`${hour}: was not requested`);
      inventory.objects += objects.length;
      inventory.objectBytes += objects.reduce((sum, { size }) => sum + size, 0);
    });
    return found;
  }

  /** Every object of the hours, by pages of a listing. */
  async visit(hours: readonly Hour[], take: (objects: readonly RawObject[], hour: Hour) => void | Promise<void>): Promise<void> {
    await inParallel(this.listings(hours), LISTINGS_AT_ONCE, async ({ input, hourOf, end }) => {
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.s3 }, input)) {
        const byHour = new Map<Hour, RawObject[]>();
        for (const { Key: key = '', Size: size = 0 } of Contents) {
          const hour = hourOf(key);
          if (hour === undefined) continue;
          const ofHour = byHour.get(hour) ?? [];
          ofHour.push({ bucket: input.Bucket, key, size });
          byHour.set(hour, ofHour);
        }
        for (const [hour, objects] of byHour) await take(objects, hour);
        if ((Contents.at(-1)?.Key ?? '') >= end) break;
      }
    });
  }

  private listings(hours: readonly Hour[]): Listing[] {
    const sorted = [...new Set(hours)].sort();
    const days = [...new Set(sorted.map(dayOf))].map((day) => sorted.filter((hour) => dayOf(hour) === day));
    return this.tables.flatMap((table) =>
      table.accounts.flatMap((account) =>
        table.regions.flatMap((region) =>
          days.map((ofDay) => (table.layout.hourly ? ofHours(table, account, region, ofDay) : ofNames(table, account, region, ofDay))),
        ),
      ),
    );
  }
}

const dayOf = (hour: Hour): string => hour.slice(0, 'YYYY/MM/DD'.length);

const folderOf = ({ prefix }: RawTable, place: Parameters<typeof partitionFolder>[0], hour: Hour): string =>
  `${prefix === '' ? '' : `${prefix}/`}${partitionFolder(place, new Date(hourStart(hour)))}`;

/** Folders of hours of one day, oldest first: from the first to the last. */
function ofHours(table: RawTable, account: string, region: string, hours: readonly Hour[]): Listing {
  const { bucket, layout } = table;
  const folders = new Map(hours.map((hour) => [folderOf(table, { account, region, layout }, hour), hour]));
  const [first = '', last = ''] = [[...folders.keys()][0], [...folders.keys()].at(-1)];
  const day = folderOf(table, { account, region, layout: { ...layout, hourly: false } }, hours[0] ?? '');
  return {
    input: first === last ? { Bucket: bucket, Prefix: first } : { Bucket: bucket, Prefix: day, StartAfter: first },
    hourOf: (key) => folders.get(key.slice(0, first.length)),
    // 0 is the sign after the slash that a folder ends with.
    end: `${last.slice(0, -1)}0`,
  };
}

const STAMP = /_\d{8}T\d{2}/;

/** Objects of a day whose names say which of the hours they are of. */
function ofNames(table: RawTable, account: string, region: string, hours: readonly Hour[]): Listing {
  const { bucket, layout } = table;
  const stamps = new Map(hours.map((hour) => [stampOf(hour), hour]));
  const day = folderOf(table, { account, region, layout }, hours[0] ?? '');
  return {
    input: { Bucket: bucket, Prefix: day },
    hourOf: (key) => stamps.get(STAMP.exec(key.slice(day.length))?.[0] ?? ''),
    end: `${day.slice(0, -1)}0`,
  };
}
