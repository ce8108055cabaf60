import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { Entry } from 'yauzl';
import { DamageError } from '../errors';
import type { TakeMember, Trouble } from './member';

const METHODS = { stored: 0, deflated: 8 } as const;

/** Reads the files of a zip archive, by its directory at the end. @throws DamageError if there is no such directory */
export async function readZip(path: string, take: TakeMember, trouble: (trouble: Trouble) => void): Promise<void> {
  const { openPromise, getFileNameLowLevel } = await import('yauzl');
  const damaged = (error: unknown) => new DamageError(`damaged zip archive: ${(error as Error).message}`);
  // Names are not decoded by the library, which rejects a whole archive for one name with a path traversal: members are stored under generated names.
  const zip = await openPromise(path, { lazyEntries: true, decodeStrings: false, autoClose: false }).catch((error: unknown) => {
    throw damaged(error);
  });
  try {
    for await (const entry of zip.eachEntry()) {
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
      if (name.endsWith('/')) continue;
      const why = unreadable(entry);
      if (why !== undefined) {
        trouble({ name, why, damage: false });
        continue;
      }
      try {
        await take({ name, content: checked(await zip.openReadStreamPromise(entry), entry) });
      } catch (error) {
        if (!(error instanceof DamageError)) throw error;
        trouble({ name, why: error.message, damage: true });
      }
    }
  } catch (error) {
    if (!ours(error)) throw error;
    trouble({ name: undefined, why: damaged(error).message, damage: true });
  } finally {
    zip.close();
  }
}

/** What the library says of an archive that is malformed: plain errors, as opposed to what `take` throws and what the system says. */
const ours = (error: unknown): boolean => error instanceof Error && error.name === 'Error' && !('code' in error);

function unreadable(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return 'encrypted: unpack it yourself';
  const { compressionMethod: method } = entry;
  return method === METHODS.stored || method === METHODS.deflated
    ? undefined
    : `compressed by method ${method} of zip: expected deflate, unpack it yourself`;
}

/** The library checks sizes, not checksums. */
async function* checked(stream: Readable, entry: Entry): AsyncGenerator<Buffer> {
  let sum = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw new DamageError(`damaged zip entry (${(error as Error).message})`, { cause: error });
  }
  if (sum !== entry.crc32) throw new DamageError('damaged zip entry (its checksum is wrong)');
}
