import * as fs from 'node:fs/promises';
import { draftName } from '../lib/source/draft';
import { UsageError } from './errors';

/** A file that appears at its path only when it is whole. */
export interface Draft {
  /** Write here. */
  readonly path: string;
  publish(): Promise<void>;
  discard(): Promise<void>;
}

const absent = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** What is at a path; undefined for nothing. Follows links. */
async function existing(path: string): Promise<'file' | 'other' | undefined> {
  try {
    return (await fs.stat(path)).isFile() ? 'file' : 'other';
  } catch (error) {
    if (absent(error)) return undefined;
    throw error;
  }
}

/** Devices and pipes cannot be replaced by a file: they are written as they are, without a draft. A link stays a link. */
export async function draftOf(path: string): Promise<Draft> {
  const found = await existing(path);
  if (found === 'other') return { path, publish: () => Promise.resolve(), discard: () => Promise.resolve() };
  const final = found === 'file' ? await fs.realpath(path) : path;
  const draft = `${final}.partial`;
  return {
    path: draft,
    publish: () => fs.rename(draft, final),
    discard: () => fs.rm(draft, { force: true }).catch(() => undefined),
  };
}

/** Whether there is a file, or nothing, at a path. */
export const isReplaceable = async (path: string): Promise<boolean> => (await existing(path)) !== 'other';

/** For what is written by another library, which replaces it. @throws UsageError for a device, a pipe or a folder */
export async function assertFile(option: string, path: string): Promise<void> {
  if (!(await isReplaceable(path))) throw new UsageError(`${option} ${path}: expected a file, got a device, a pipe or a folder`);
}

/** A text in the cache: readers see the old one or the new one. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = draftName(path);
  await fs.writeFile(draft, text);
  await fs.rename(draft, path);
}
