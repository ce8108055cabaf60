/** Names of drafts until a rename publishes them: they identify the writer. */
import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const DRAFT = /\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp$/;

/** A name that no other draft has, of this process. */
export const draftName = (name: string): string => `${name}.${HOST}-${process.pid}-${randomBytes(4).toString('hex')}.tmp`;

/** Whether a name is that of a draft. */
export const isDraft = (name: string): boolean => name.endsWith('.tmp');

/** Whether the writer of a draft has ended; unknown for another machine. */
export function isDeadDraft(name: string): boolean {
  const [, host, pid] = DRAFT.exec(name) ?? [];
  return host === HOST && !isAlive(Number(pid));
}

/** Whether a process of this machine runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
