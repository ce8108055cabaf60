import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { SourceError } from './errors';

/** A file to read. */
export interface InputFile {
  /** Where its bytes lie. */
  readonly path: string;
  readonly size: number;
  /** What changes when its content does: see {@link fileIdentity}, or a hash of the content where a place and its times say nothing of it. */
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
}

/** As errors, notices and rejects call it. */
export const nameOf = (file: InputFile): string => file.shown ?? resolve(file.path);

/** Standard input (`-`) or a pipe: nothing is known of it before it is read. */
const streamAt = (path: string): InputFile => ({ path, size: 0, identity: '', explicit: true, stream: true });

const STANDARD_INPUT = '-';

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

async function inputOf(path: string, stat: FileStat, explicit: boolean): Promise<InputFile> {
  const { size, ctimeMs, ino } = stat;
  const known = ino !== 0 && ctimeMs !== 0;
  return { path, size, explicit, identity: known ? fileIdentity(stat) : `${fileIdentity(stat)} ${await sampleOf(path, size)}` };
}

async function fileAt(path: string, explicit: boolean): Promise<InputFile> {
  const stat = await fs.stat(path);
  return stat.isFile() ? inputOf(path, stat, explicit) : streamAt(path);
}

/** Whether a name within an archive is that of a hidden file or a marker object (`_SUCCESS`), or of one in such a folder. */
export const isHidden = (name: string): boolean => name.split(/[\\/]/).some((part) => /^[._]/.test(part) && part !== '.' && part !== '..');

/** All files below a folder; hidden ones and marker objects (`_SUCCESS`) are none of ours. */
async function filesBelow(folder: string): Promise<InputFile[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/(?:^|[\\/])[._][^\\/]*$/.test(path));
  const files: InputFile[] = [];
  for (const path of paths) {
    const stat = await fs.stat(path).catch(() => undefined);
    if (stat?.isFile() === true) files.push(await inputOf(path, stat, false));
  }
  return files;
}

async function expand(argument: string): Promise<InputFile[]> {
  if (argument === STANDARD_INPUT) return [streamAt(argument)];
  const stat = await fs.stat(argument).catch(() => undefined);
  if (stat?.isDirectory() === true) return filesBelow(argument);
  if (stat !== undefined) return [await fileAt(argument, true)];
  const { glob, isDynamicPattern } = await import('tinyglobby');
  if (argument.startsWith('gs://'))
    throw new SourceError(
      `${argument}: Google Cloud Storage is read as S3: set AWS_ENDPOINT_URL=https://storage.googleapis.com, AWS_ACCESS_KEY_ID and ` +
        `AWS_SECRET_ACCESS_KEY (an HMAC key), and say s3://${argument.slice('gs://'.length)}`,
    );
  if (!isDynamicPattern(argument)) {
    throw new SourceError(
      `${argument}: no such file or folder. Give a file, a folder, a glob in quotes ('logs/**/*.gz'), s3://bucket/prefix, or - for standard input`,
    );
  }
  const matches = await glob([argument], { dot: false, expandDirectories: false });
  if (matches.length === 0) throw new SourceError(`${argument}: the pattern matches no file`);
  return Promise.all(matches.map((path) => fileAt(path, true)));
}

/**
 * Files of the given paths, folders and globs, each once, sorted by path.
 * @throws SourceError for a path that does not exist or a pattern that matches nothing
 */
export async function findFiles(sources: readonly string[]): Promise<InputFile[]> {
  const byPath = new Map<string, InputFile>();
  for (const source of sources) {
    for (const file of await expand(source)) {
      const key = resolve(file.path);
      if (!byPath.has(key)) byPath.set(key, file);
    }
  }
  if (byPath.size === 0) throw new SourceError(`${sources.join(', ')}: no files found`);
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

export const isParquet = (file: InputFile): boolean => file.path.endsWith('.parquet');
