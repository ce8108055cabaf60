import type { Counts, Ignored, Kind, Wrapping } from './kind';
import type { Reject } from './lines';
import type { Part } from './spool';

/** A file that is read in another way than as text. */
export interface Elsewhere {
  /** As {@link nameOf} says it: a cached result outlives the place where a member of an archive was kept. */
  readonly name: string;
  readonly as: 'parquet' | Wrapping;
}

/** What one unit gave: records in Parquet parts and everything that is no record. Paths are absolute, as the cache may outlive a working folder. */
export interface UnitResult {
  readonly parts: readonly Part[];
  /** Lines that are no records. */
  readonly rejectedLines: number;
  /** Values read as NULL because they do not fit their field. */
  readonly badValues: number;
  /** The first few rejects; all are in `rejectsFile`. */
  readonly samples: readonly Reject[];
  /** One JSON object a line; undefined if there is none. */
  readonly rejectsFile: string | undefined;
  readonly emptyFiles: readonly string[];
  /** Files of a folder that are no flow logs. */
  readonly skippedFiles: readonly { readonly path: string; readonly why: string }[];
  /** Files of header-less events that were taken for the default format. */
  readonly assumedFiles: readonly string[];
  /** Files that hold something else than text, by content: archives, Parquet without its name. */
  readonly elsewhere: readonly Elsewhere[];
  /** How many files of which kind. */
  readonly kinds: Counts<Kind>;
  /** What is no record by design. */
  readonly ignored: Counts<Ignored>;
}

/** A unit in which everything was a record. */
export const SOUND: UnitResult = {
  parts: [],
  rejectedLines: 0,
  badValues: 0,
  samples: [],
  rejectsFile: undefined,
  emptyFiles: [],
  skippedFiles: [],
  assumedFiles: [],
  elsewhere: [],
  kinds: {},
  ignored: {},
};

export const MAX_SAMPLES = 20;
