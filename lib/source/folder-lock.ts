/** One writer at a time in a folder, on one machine or several that share it. */
import { promises as fs, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { isAlive } from './draft';
import { SourceError } from './errors';

const NAME = '.lock';
const POLL_MS = 100;
/** A holder that lives touches its file this often; one whose file is older than the other is gone, wherever it was. */
const TOUCH_MS = 2_000;
const STALE_MS = 60_000;

interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly token: string;
}

export interface FolderLock {
  /** @throws SourceError if another process has taken over the folder, because this process stalled for too long */
  assertHeld(): void;
  release(): Promise<void>;
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once, if the folder is locked. */
  readonly onWait?: ((holder: string) => void) | undefined;
}

/** Waits until the folder is free, or its holder is dead, and takes it. */
export async function lockFolder(folder: string, { signal, onWait }: LockOptions = {}): Promise<FolderLock> {
  await fs.mkdir(folder, { recursive: true });
  const path = join(folder, NAME);
  const mine: Holder = { host: hostname(), pid: process.pid, token: randomBytes(8).toString('hex') };
  const text = JSON.stringify(mine);
  let told = false;
  while (!(await taken(path, text))) {
    signal?.throwIfAborted();
    const holder = await holderOf(path);
    if (holder === 'dead') await removeDead(path);
    else if (holder !== 'none') {
      if (!told) onWait?.(`process ${holder.pid} on ${holder.host}`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  const touch = setInterval(() => void fs.utimes(path, new Date(), new Date()).catch(() => undefined), TOUCH_MS);
  touch.unref();
  const isMine = () => {
    try {
      return readFileSync(path, 'utf8') === text;
    } catch {
      return false;
    }
  };
  return {
    assertHeld() {
      if (!isMine()) throw new SourceError(`${folder}: another process has taken over the lock; run the command again`);
    },
    async release() {
      clearInterval(touch);
      if (isMine()) await fs.rm(path, { force: true });
    },
  };
}

/** Shows the file whole or not at all: a link fails where there is one. */
async function taken(path: string, text: string): Promise<boolean> {
  const own = `${path}.${randomBytes(6).toString('hex')}`;
  await fs.writeFile(own, text);
  try {
    await fs.link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await fs.rm(own, { force: true });
  }
}

async function holderOf(path: string): Promise<Holder | 'dead' | 'none'> {
  try {
    const { mtimeMs } = await fs.stat(path);
    const holder = JSON.parse(await fs.readFile(path, 'utf8')) as Holder;
    const dead = (holder.host === hostname() && !isAlive(holder.pid)) || Date.now() - mtimeMs > STALE_MS;
    return dead ? 'dead' : holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'none';
    throw error;
  }
}

/** Two may find it dead at once: only one moves it away, and one that moved what came after puts it back. */
async function removeDead(path: string): Promise<void> {
  const away = `${path}.${randomBytes(6).toString('hex')}.dead`;
  try {
    await fs.rename(path, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await holderOf(away)) !== 'dead') await fs.link(away, path).catch(() => undefined);
  await fs.rm(away, { force: true });
}
