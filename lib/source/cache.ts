import { promises as fs } from 'node:fs';
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { draftName, isDeadDraft, isDraft } from './draft';
import { SourceError } from './errors';
import type { UnitResult } from './unit-result';

/** Folder of everything that can be rebuilt: `$FLOWLOGS_CACHE`, else the platform's cache folder. @throws SourceError without a home */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const own = env['FLOWLOGS_CACHE'];
  if (own !== undefined && own !== '') return own;
  if (process.platform === 'win32' && env['LOCALAPPDATA'] !== undefined) return join(env['LOCALAPPDATA'], 'flowlogs', 'cache');
  // A relative one is to be ignored: https://specifications.freedesktop.org/basedir/latest/
  const given = env['XDG_CACHE_HOME'];
  if (process.platform !== 'darwin' && given !== undefined && isAbsolute(given)) return join(given, 'flowlogs');
  return join(home(), ...(process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']), 'flowlogs');
}

/** @throws SourceError where the user has none */
function home(): string {
  let folder = '';
  try {
    folder = homedir();
  } catch {
    // A user without an entry.
  }
  if (!isAbsolute(folder)) throw new SourceError('this user has no home folder');
  return folder;
}

const MANIFEST = 'manifest.json';
const UNUSED_DAYS = 30;
const DAY_MS = 86_400_000;

/** What a manifest says. */
interface Stored extends UnitResult {
  /** Bytes of every other file of the entry: one that was cut is not used. */
  readonly sizes: Readonly<Record<string, number>>;
}

async function sizesIn(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const name of await fs.readdir(folder)) sizes[name] = (await fs.stat(join(folder, name))).size;
  return sizes;
}

async function isWhole(entry: string, sizes: Stored['sizes']): Promise<boolean> {
  const found = await Promise.all(Object.keys(sizes).map(async (name) => (await fs.stat(join(entry, name))).size === sizes[name]));
  return found.every(Boolean);
}

/** Parquet of units that were read before, a folder per unit, named by the unit's key. */
export class UnitCache {
  constructor(private readonly folder: string) {}

  /** The stored result, or undefined if there is none or it is damaged. */
  async get(key: string): Promise<UnitResult | undefined> {
    const entry = join(this.folder, key);
    try {
      const path = join(entry, MANIFEST);
      const { sizes, ...stored } = JSON.parse(await fs.readFile(path, 'utf8')) as Stored;
      const at = (file: string) => join(entry, file);
      const result = {
        ...stored,
        parts: stored.parts.map((part) => ({ ...part, path: at(part.path) })),
        rejectsFile: stored.rejectsFile === undefined ? undefined : at(stored.rejectsFile),
      };
      if (!(await isWhole(entry, sizes))) return undefined;
      const now = new Date();
      const { mtimeMs } = await fs.stat(path);
      if (now.getTime() - mtimeMs > DAY_MS) await fs.utimes(path, now, now);
      return result;
    } catch {
      return undefined;
    }
  }

  /** Fills an entry: `fill` writes into a private folder that is published by one rename. */
  async put(key: string, fill: (out: string) => Promise<UnitResult>): Promise<UnitResult> {
    const draft = join(this.folder, draftName(key));
    await fs.mkdir(draft, { recursive: true });
    try {
      const result = await fill(draft);
      const stored: Stored = {
        ...result,
        sizes: await sizesIn(draft),
        parts: result.parts.map((part) => ({ ...part, path: basename(part.path) })),
        rejectsFile: result.rejectsFile === undefined ? undefined : basename(result.rejectsFile),
      };
      await fs.writeFile(join(draft, MANIFEST), JSON.stringify(stored));
      return await this.publish(key, draft);
    } catch (error) {
      await fs.rm(draft, { recursive: true, force: true });
      throw error;
    }
  }

  /** Another process may have published the same unit meanwhile: its entry is as good, and may be in use. */
  private async publish(key: string, draft: string): Promise<UnitResult> {
    const entry = join(this.folder, key);
    for (;;) {
      try {
        await fs.rename(draft, entry);
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
        const theirs = await this.get(key);
        if (theirs === undefined) {
          await fs.rm(entry, { recursive: true, force: true });
          continue;
        }
        await fs.rm(draft, { recursive: true, force: true });
        return theirs;
      }
      const result = await this.get(key);
      if (result === undefined) throw new Error(`cache entry ${entry} was deleted while it was written`);
      return result;
    }
  }

  /** Removes entries that were not used for a month, and drafts of killed processes; those of this machine at once. */
  async prune(now = Date.now()): Promise<void> {
    const entries = await fs.readdir(this.folder).catch(() => []);
    for (const name of entries) {
      const path = join(this.folder, name);
      if (isDeadDraft(name)) {
        await fs.rm(path, { recursive: true, force: true });
        continue;
      }
      const marker = isDraft(name) ? path : join(path, MANIFEST);
      const age =
        now -
        (await fs.stat(marker).then(
          (stat) => stat.mtimeMs,
          () => 0,
        ));
      if (age > (isDraft(name) ? 1 : UNUSED_DAYS) * DAY_MS) await fs.rm(path, { recursive: true, force: true });
    }
  }
}
