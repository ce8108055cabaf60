import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { type InputFile, nameOf } from './input';

/** Files that are read, checked and cached together: neighbours in one folder, about {@link UNIT_TEXT_BYTES} of text. */
export interface Unit {
  readonly files: readonly InputFile[];
}

const UNIT_TEXT_BYTES = 48 * 1024 * 1024;
const TYPICAL_COMPRESSION = 6;

/** Raised whenever what is stored for a unit changes its meaning. */
const CACHE_VERSION = 4;

const textSize = (file: InputFile) => (/\.(gz|zst|zstd)$/.test(file.path) ? file.size * TYPICAL_COMPRESSION : file.size);

/** Folder whose files belong together. IBM's keys have a folder per stream of a few objects: there, a day is one folder. */
const folderOf = ({ path }: InputFile): string => /^.*\/day=[^/]+(?=\/.*\/stream-id=)/.exec(path)?.[0] ?? dirname(path);

/**
 * Cuts sorted files into units. A unit never spans folders, so a new object changes only the last unit of its own
 * folder, and what was cached of the others stays good.
 */
export function planUnits(files: readonly InputFile[]): Unit[] {
  const units: InputFile[][] = [];
  let folder: string | undefined;
  let size = 0;
  for (const file of files) {
    const current = units.at(-1);
    const added = textSize(file);
    if (current === undefined || folderOf(file) !== folder || size + added > UNIT_TEXT_BYTES) {
      units.push([file]);
      folder = folderOf(file);
      size = added;
    } else {
      current.push(file);
      size += added;
    }
  }
  return units.map((unit) => ({ files: unit }));
}

/** Identity of a unit's content and reading: name and identity of each file, and what the user said of their form. */
export function unitKey(unit: Unit, form: string): string {
  const hash = createHash('sha256').update(`${CACHE_VERSION}\n${form}\n`);
  for (const file of unit.files) hash.update(`${nameOf(file)}\0${file.identity}\n`);
  return hash.digest('hex').slice(0, 40);
}
