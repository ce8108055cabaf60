import { promises as fs, type Stats } from 'node:fs';
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
  /** Why it is no file that can be read, where that is so. */
  readonly unreadable?: string;
}

async function fileAt(path: string, explicit: boolean): Promise<InputFile> {
  const { size, mtimeMs } = await fs.stat(path);
  return { path, size, mtimeMs, explicit };
}

/** Hidden files and folders, marker objects (`_SUCCESS`) and what is not finished (`_temporary`) are none of ours. */
const isAside = (name: string): boolean => /^[._]/.test(name);

/** A file by the path that is its own, whatever links lead to it. */
interface Found {
  readonly key: string;
  readonly file: InputFile;
}

/** What stands in a folder beside its files and folders. */
const kindOf = (stat: Stats): string =>
  stat.isFIFO() ? 'a named pipe' : stat.isSocket() ? 'a socket' : stat.isFile() || stat.isDirectory() ? '' : 'a device';

/** All files below a folder. Folders that links lead to are read as well, each once: `seen` holds those that were. */
async function filesBelow(folder: string, seen: Set<string>): Promise<Found[]> {
  const found: Found[] = [];
  const links: string[] = [];
  const walk = async (path: string): Promise<void> => {
    const real = await fs.realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    const entries = (await fs.readdir(path, { withFileTypes: true })).filter(({ name }) => !isAside(name));
    const folders = await Promise.all(
      entries.map(async (entry) => {
        const at = join(path, entry.name);
        if (entry.isDirectory()) return at;
        let code: string | undefined;
        const stat = await fs.stat(at).catch((error: unknown) => void ({ code } = error as NodeJS.ErrnoException));
        if (stat === undefined) {
          // Gone since the folder was read.
          if (!entry.isSymbolicLink()) return undefined;
          const why = code === 'ELOOP' ? 'a symbolic link to itself' : 'a symbolic link that leads nowhere';
          found.push({ key: resolve(at), file: { path: at, size: 0, mtimeMs: 0, explicit: false, unreadable: why } });
        } else if (stat.isDirectory()) links.push(at);
        else {
          const why = kindOf(stat);
          const file = { path: at, size: stat.size, mtimeMs: stat.mtimeMs, explicit: false, ...(why === '' ? {} : { unreadable: why }) };
          found.push({ key: entry.isSymbolicLink() ? await fs.realpath(at) : join(real, entry.name), file });
        }
        return undefined;
      }),
    );
    for (const next of folders) if (next !== undefined) await walk(next);
  };
  await walk(folder);
  // Last, so that what is below the folder itself has the shorter path.
  for (const link of links.sort()) await walk(link);
  return found;
}

const explicitAt = async (path: string): Promise<Found> => ({
  // Standard input and other open files have a path, but none of their own.
  key: await fs.realpath(path).catch(() => resolve(path)),
  file: await fileAt(path, true),
});

const segmentsOf = (path: string): string[] => path.split(/[\\/]/).filter((name) => name !== '.' && name !== '..');

/** Whether a match has nothing that is set aside, but what the pattern names itself. */
function isWantedBy(pattern: string): (match: string) => boolean {
  const named = segmentsOf(pattern).filter(isAside);
  const all = named.some((name) => /[*?[{(]/.test(name));
  return (match) => all || segmentsOf(match).every((name) => !isAside(name) || named.includes(name));
}

async function expand(argument: string, seen: Set<string>): Promise<Found[]> {
  const stat = await fs.stat(argument).catch(() => undefined);
  if (stat?.isDirectory() === true) return filesBelow(argument, seen);
  if (stat !== undefined) return [await explicitAt(argument)];
  const { glob, isDynamicPattern } = await import('tinyglobby');
  if (!isDynamicPattern(argument)) {
    throw new SourceError(
      `${argument}: no such file or folder. Give a file, a folder, a glob in quotes ('logs/**/*.gz') or s3://bucket/prefix`,
    );
  }
  const matches = (await glob([argument], { dot: false, expandDirectories: false })).filter(isWantedBy(argument));
  if (matches.length === 0) throw new SourceError(`${argument}: the pattern matches no file`);
  return Promise.all(matches.map(explicitAt));
}

/**
 * Files of the given paths, folders and globs, each once however many links lead to it, sorted by path.
 * @throws SourceError for a path that does not exist or a pattern that matches nothing
 */
export async function findFiles(sources: readonly string[]): Promise<InputFile[]> {
  const byPath = new Map<string, InputFile>();
  const seen = new Set<string>();
  for (const source of sources) {
    for (const { key, file } of await expand(source, seen)) if (!byPath.has(key)) byPath.set(key, file);
  }
  if (byPath.size === 0) throw new SourceError(`${sources.join(', ')}: no files found`);
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

export const isParquet = (file: InputFile): boolean => file.path.endsWith('.parquet');

export const isReadable = ({ unreadable }: InputFile): boolean => unreadable === undefined;
