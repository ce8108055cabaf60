import * as z from 'zod';

const table = z.strictObject({
  /** `database.table` */
  name: z.string(),
  fields: z.array(z.string()).min(1),
  /** Name of a layout. */
  layout: z.string(),
  prefix: z.string(),
  /** Unix seconds; records that end later are another table's. */
  until: z.int().optional(),
});

/** What is known when the template is made: a file beside the function's code. */
export const lakeFileSchema = z.strictObject({
  database: z.string(),
  /** The view that every question reads. */
  view: z.string(),
  /**
   * SQL of five-minute counts, `<source>` standing for a relation of records: of an hour, and of the view (partition columns
   * kept apart). Absent where the formats lack what counts are made of.
   */
  rollup: z.strictObject({ hourSql: z.string(), viewSql: z.string() }).optional(),
  /** Folder of the lake's files in its bucket. */
  prefix: z.string(),
  tables: z.array(table).min(1),
});

/** Where the objects of each table lie. Known when the stack is deployed. */
export const placesSchema = z.array(z.strictObject({ bucket: z.string(), accounts: z.array(z.string()), regions: z.array(z.string()) }));

export type LakeFile = z.output<typeof lakeFileSchema>;
export type Places = z.output<typeof placesSchema>;

export interface LakeSettings extends LakeFile {
  readonly bucket: string;
  readonly places: Places;
  /** Whether raw objects of verified hours are tagged, for a lifecycle rule. */
  readonly tagVerified: boolean;
}
