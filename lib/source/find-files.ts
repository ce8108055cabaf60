import { promises as fs, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { SourceError } from './errors';
import { fileOf, type InputFile, streamAt } from './input';

const STANDARD_INPUT = '-';

/** Hidden files and folders, marker objects (`_SUCCESS`) and unfinished files (`_temporary`) are left out. */
const isAside = (name: string): boolean => /^[._]/.test(name);

const segmentsOf = (path: string): string[] => path.split(/[\\/]/).filter((name) => name !== '.' && name !== '..');

/** Whether a name within an archive is that of something set aside, or of what is in such a folder. */
export const isHidden = (name: string): boolean => segmentsOf(name).some(isAside);

/** A file by the path that is its own, whatever links lead to it. */
interface Found {
  readonly key: string;
  readonly file: InputFile;
}

const notRead = (path: string, unreadable: string): InputFile => ({ path, size: 0, identity: '', explicit: false, unreadable });

/** Other entries of a folder than files and folders. */
const kindOf = (stat: Stats): string => (stat.isFIFO() ? 'a named pipe' : stat.isSocket() ? 'a socket' : 'a device');

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
          const why = code === 'ELOOP' ? 'a symbolic link to itself' : 'a broken symbolic link';
          found.push({ key: resolve(at), file: notRead(at, why) });
        } else if (stat.isDirectory()) links.push(at);
        else {
          const file = stat.isFile() ? await fileOf(at, stat, false) : notRead(at, kindOf(stat));
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

async function explicitAt(path: string): Promise<Found> {
  const stat = await fs.stat(path);
  return {
    // Open files have a path, but none of their own.
    key: await fs.realpath(path).catch(() => resolve(path)),
    file: stat.isFile() ? await fileOf(path, stat, true) : streamAt(path),
  };
}

/** Whether a match has nothing that is set aside, but what the pattern names itself. */
function isWantedBy(pattern: string): (match: string) => boolean {
  const named = segmentsOf(pattern).filter(isAside);
  const all = named.some((name) => /[*?[{(]/.test(name));
  return (match) => all || segmentsOf(match).every((name) => !isAside(name) || named.includes(name));
}

async function expand(argument: string, seen: Set<string>): Promise<Found[]> {
  if (argument === STANDARD_INPUT) return [{ key: argument, file: streamAt(argument) }];
  const stat = await fs.stat(argument).catch(() => undefined);
  if (stat?.isDirectory() === true) return filesBelow(argument, seen);
  if (stat !== undefined) return [await explicitAt(argument)];
  const { glob, isDynamicPattern } = await import('tinyglobby');
  if (argument.startsWith('gs://'))
    throw new SourceError(
      `${argument}: Google Cloud Storage is read as S3: set AWS_ENDPOINT_URL=https://storage.googleapis.com, AWS_ACCESS_KEY_ID and ` +
        `AWS_SECRET_ACCESS_KEY (an HMAC key), and use s3://${argument.slice('gs://'.length)}`,
    );
  if (!isDynamicPattern(argument)) {
    throw new SourceError(
      `${argument}: no such file or folder. Expected a file, a folder, a glob in quotes ('logs/**/*.gz'), s3://bucket/prefix, or - for standard input`,
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
