/** The cache, where there can be one. */
import { constants, promises as fs } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { cacheFolder } from '../lib/source/cache';
import { notice } from './say';

/** Makes a folder and those above it. Node's own `recursive` never ends below /proc: https://github.com/nodejs/node/issues/31481 */
async function makeFolder(path: string): Promise<void> {
  try {
    await fs.mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await fs.mkdir(path);
  }
}

async function usableFolder(quiet: boolean | undefined): Promise<string | undefined> {
  try {
    const folder = resolve(cacheFolder());
    await makeFolder(folder);
    await fs.access(folder, constants.W_OK | constants.X_OK);
    return folder;
  } catch (error) {
    notice(
      `Nothing is kept in the cache: ${(error as Error).message}. Name a folder in FLOWLOGS_CACHE that can be written, or say --no-cache.`,
      quiet,
    );
    return undefined;
  }
}

let found: Promise<string | undefined> | undefined;

/** Folder of the cache; undefined if none is wanted, or, with a notice, if none can be written. */
export const cacheOf = ({
  cache,
  quiet,
}: {
  readonly cache: boolean;
  readonly quiet?: boolean | undefined;
}): Promise<string | undefined> => (cache ? (found ??= usableFolder(quiet)) : Promise.resolve(undefined));
