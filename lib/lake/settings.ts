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

/** Settings that are known at synth: a file next to the function's code. */
export const lakeFileSchema = z.strictObject({
  database: z.string(),
  /** The view that every question reads. */
  view: z.string(),
  /** Folder of the lake's files in its bucket. */
  prefix: z.string(),
  tables: z.array(table).min(1),
});

/** The same for relations. */
export const relationsFileSchema = z.strictObject({
  database: z.string(),
  prefix: z.string(),
  tables: z.array(table).min(1),
  /** SQL of an hour of each relation, `<source>` standing for its records. */
  relations: z.strictObject({ conversations: z.string(), links: z.string(), attempts: z.string(), interface_hours: z.string() }),
});

/** Where the objects of each table lie. Known when the stack is deployed. */
export const placesSchema = z.array(z.strictObject({ bucket: z.string(), accounts: z.array(z.string()), regions: z.array(z.string()) }));

export type RelationsFile = z.output<typeof relationsFileSchema>;

export interface RelationsSettings extends RelationsFile {
  readonly bucket: string;
  readonly places: Places;
}

export type LakeFile = z.output<typeof lakeFileSchema>;
export type Places = z.output<typeof placesSchema>;

export interface LakeSettings extends LakeFile {
  readonly bucket: string;
  readonly places: Places;
  /** Whether raw objects of verified hours are tagged, for a lifecycle rule. */
  readonly tagVerified: boolean;
}
