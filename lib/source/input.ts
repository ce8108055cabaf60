import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { SourceError } from './errors';

/** A file to read. */
export interface InputFile {
  /** As shown to the user. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Named by the user (or by a glob), not met in a folder: what is no flow log is then an error, not a notice. */
  readonly explicit: boolean;
}

async function fileAt(path: string, explicit: boolean): Promise<InputFile> {
  const { size, mtimeMs } = await fs.stat(path);
  return { path, size, mtimeMs, explicit };
}

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
  const stat = await fs.stat(argument).catch(() => undefined);
  if (stat?.isDirectory() === true) return filesBelow(argument);
  if (stat !== undefined) return [await fileAt(argument, true)];
  const { glob, isDynamicPattern } = await import('tinyglobby');
  if (!isDynamicPattern(argument)) {
    throw new SourceError(
      `${argument}: no such file or folder. Give a file, a folder, a glob in quotes ('logs/**/*.gz') or s3://bucket/prefix`,
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
