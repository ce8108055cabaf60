import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** File systems take 255 bytes. */
const MAX_NAME = 200;

/** Where an object or a member of an archive is kept: below its own key, so that neighbours stay neighbours. A key cannot climb out of the folder. */
export function localPath(folder: string, key: string): string {
  const parts = key.split('/').map((part) => {
    const name =
      part === '' || part === '.' || part === '..' ? '_' : part.replace(/[^\w.=-]/g, (c) => `%${c.codePointAt(0)?.toString(16)}`);
    return name.length <= MAX_NAME
      ? name
      : `${name.slice(0, MAX_NAME - 20)}-${createHash('sha256').update(part).digest('hex').slice(0, 16)}`;
  });
  return join(folder, ...parts);
}
