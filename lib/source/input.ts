import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { SourceError } from './errors';

/** A file to read. */
export interface InputFile {
  /** Where its bytes lie. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Named by the user (or by a glob), not met in a folder: what is no flow log is then an error, not a notice. */
  readonly explicit: boolean;
  /** As a person knows it, where that is not its path: `-`, or `logs.tgz!/a.log`. */
  readonly shown?: string;
  /** Hash of its content, where its path and time say nothing of it. */
  readonly identity?: string;
  /** How many wrappings were taken off it. */
  readonly depth?: number;
  /** Bytes that it and whatever came of the same source may still unpack to. */
  readonly budget?: { left: number };
  /** Standard input, or a pipe: it can be read once only. */
  readonly stream?: true;
}

/** As errors, notices and rejects call it. */
export const nameOf = (file: InputFile): string => file.shown ?? resolve(file.path);

const STANDARD_INPUT: InputFile = { path: '-', size: 0, mtimeMs: 0, explicit: true, stream: true };

async function fileAt(path: string, explicit: boolean): Promise<InputFile> {
  const stat = await fs.stat(path);
  return { path, size: stat.size, mtimeMs: stat.mtimeMs, explicit, ...(stat.isFile() ? {} : { stream: true as const }) };
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
    if (stat?.isFile() === true) files.push({ path, size: stat.size, mtimeMs: stat.mtimeMs, explicit: false });
  }
  return files;
}

async function expand(argument: string): Promise<InputFile[]> {
  if (argument === STANDARD_INPUT.path) return [STANDARD_INPUT];
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
