import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { resolve } from 'node:path';
import { isParquetHead } from './wrapping/told';

/** A file to read. */
export interface InputFile {
  /** Where its bytes lie. */
  readonly path: string;
  readonly size: number;
  /** What changes when its content does: see {@link fileIdentity}, or a hash of the content where path and times do not identify it. */
  readonly identity: string;
  /** Named by the user (or by a glob), not met in a folder: what is no flow log is then an error, not a notice. */
  readonly explicit: boolean;
  /** As a person knows it, where that is not its path: `-`, or `logs.tgz!/a.log`. */
  readonly shown?: string;
  /** How many wrappings were taken off it. */
  readonly depth?: number;
  /** Bytes that it and whatever came of the same source may still unpack to. */
  readonly budget?: { left: number };
  /** Standard input, or a pipe: it can be read once only. */
  readonly stream?: true;
  /** Why it is no file that can be read, where that is so. */
  readonly unreadable?: string;
}

/** As errors, notices and rejects call it. */
export const nameOf = (file: InputFile): string => file.shown ?? resolve(file.path);

/** Detected by name unless the content contradicts it: a damaged or empty file is Parquet too. */
export async function isParquet({ path }: InputFile): Promise<boolean> {
  if (!path.endsWith('.parquet')) return false;
  const file = await fs.open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0);
    return bytesRead < MAGIC_BYTES || isParquetHead(buffer);
  } finally {
    await file.close();
  }
}

/** https://parquet.apache.org/docs/file-format/ */
const MAGIC_BYTES = 4;

export const isReadable = ({ unreadable }: InputFile): boolean => unreadable === undefined;

/** Standard input (`-`) or a pipe: its content is unknown before it is read. */
export const streamAt = (path: string): InputFile => ({ path, size: 0, identity: '', explicit: true, stream: true });

interface FileStat {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}

/** Size and times of a file and its inode: a content that was replaced changes one of them at least, whatever its name and time say. */
export const fileIdentity = ({ size, mtimeMs, ctimeMs, ino }: FileStat): string => `${size} ${mtimeMs} ${ctimeMs} ${ino}`;

const SAMPLE_BYTES = 4096;

/** Beginning and end of a file, where the file system knows neither inode nor time of change. */
async function sampleOf(path: string, size: number): Promise<string> {
  const file = await fs.open(path);
  try {
    const hash = createHash('sha256');
    for (const at of [0, Math.max(0, size - SAMPLE_BYTES)]) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, at);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return hash.digest('hex').slice(0, 16);
  } finally {
    await file.close();
  }
}

export async function fileOf(path: string, stat: FileStat, explicit: boolean): Promise<InputFile> {
  const { size, ctimeMs, ino } = stat;
  const known = ino !== 0 && ctimeMs !== 0;
  return { path, size, explicit, identity: known ? fileIdentity(stat) : `${fileIdentity(stat)} ${await sampleOf(path, size)}` };
}
