import { withoutMarks } from '../bytes';
import type { Damage } from '../decode';
import type { ForeignLines } from './lines';
import type { Database } from '../duckdb';
import type { InputFile } from '../input';
import type { ParquetGroup } from '../parquet';
import type { ParquetFile } from '../parquet-file';
import type { Part } from '../spool';
import type { UnitResult } from '../unit-result';

/** Takes the text of one file, piece by piece. */
export interface FileReader {
  push(chunk: Buffer): void;
  /** Damaged data follows the pushed data. */
  damaged(damage: Damage): void;
  end(): void | Promise<void>;
}

/** Reads the files of one unit; information can be split between adjacent files. */
export interface UnitReading {
  file(file: InputFile, lines: ForeignLines): FileReader;
  end(): Promise<readonly Part[]>;
}

export interface UnitContext {
  readonly db: Database;
  /** Folder for temporary files. */
  readonly scratch: string;
  /** Folder for the unit's Parquet. */
  readonly out: string;
}

export interface TextSource {
  readonly form: 'text';
  /** Whether a text that begins like this can be nothing but flow logs of this source. One character a byte, no byte order mark. */
  claims(head: string): boolean;
  open(context: UnitContext): UnitReading;
  /** Reads files that are regular in every byte at once. @throws IrregularError where any of them needs a closer look */
  readonly whole?: (db: Database, files: readonly InputFile[], out: string) => Promise<Part[]>;
}

export interface ParquetSource {
  readonly form: 'parquet';
  /** Takes those of the files that are of this source. */
  open(db: Database, files: readonly ParquetFile[], scratch: string): Promise<ParquetReading>;
}

export interface ParquetReading {
  readonly groups: readonly ParquetGroup[];
  /** Files of the source without flow logs in them, rows that are none. */
  readonly account: UnitResult;
  /** Files of other sources. */
  readonly others: readonly ParquetFile[];
}

/** A source that is read file by file. */
export const perFile = (claims: (head: string) => boolean, file: (lines: ForeignLines, file: InputFile) => FileReader): TextSource => ({
  form: 'text',
  claims,
  open: () => ({ file: (input, lines) => file(lines, input), end: () => Promise.resolve([]) }),
});

/** What cuts a text into lines or items. */
interface Cutter<T> {
  push(piece: T): void;
  /** Something is missing between what was pushed and what will be. */
  gap(): void;
  end(): void;
}

/** Reports damage, and the end once everything is cut. */
interface Account {
  damaged(damage: Damage): void;
  end?(): void;
}

/** Reads a file line by line. */
export const lineReader = (lines: Cutter<Buffer>, account: Account): FileReader => cutReader((chunk) => lines.push(chunk), lines, account);

/** Reads a file item by item. */
export const itemReader = (items: Cutter<string>, account: Account): FileReader =>
  cutReader((chunk) => items.push(chunk.toString('latin1')), items, account);

const cutReader = (push: FileReader['push'], cutter: Omit<Cutter<never>, 'push'>, account: Account): FileReader => ({
  push,
  damaged: (damage) => {
    account.damaged(damage);
    if (!damage.trailing) cutter.gap();
  },
  end: () => {
    cutter.end();
    account.end?.();
  },
});

/** JSON or rows, as the first piece of the file shows. */
export function jsonOrRows(lines: ForeignLines, json: () => FileReader, rows: () => FileReader): FileReader {
  let reader: FileReader | undefined;
  return {
    push: (chunk) => {
      reader ??= /^\s*[[{]/.test(withoutMarks(chunk.subarray(0, 1024).toString('latin1'))) ? json() : rows();
      return reader.push(chunk);
    },
    damaged: (damage) => {
      if (reader === undefined) lines.damaged(damage);
      else reader.damaged(damage);
    },
    end: () => reader?.end(),
  };
}
