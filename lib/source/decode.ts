import { createReadStream, promises as fs, readFileSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { constants, createGunzip, type Gunzip, gunzipSync } from 'node:zlib';
import { SourceError } from './errors';

export type Compression = 'none' | 'gzip' | 'zstd';

/** A compressed member that ends too early or fails its checksum. */
export class DamageError extends Error {
  override name = 'DamageError';
}

const READ_SIZE = 1024 * 1024;
const CHUNK_SIZE = 512 * 1024;
const MIN_CHUNK_SIZE = 4096;
const MAX_CHUNK_SIZE = 4 * 1024 * 1024;

/**
 * Smaller files are read at once, as most objects of a flow log are, and without the thread pool: it is busy inflating, and a call
 * through it takes longer than the bytes.
 */
const WHOLE_FILE_BYTES = 8 * 1024 * 1024;

/** Flow logs compress 5 to 20 times; only a decompression bomb reaches this. */
const BOMB_RATIO = 400;
const BOMB_FLOOR_BYTES = 256 * 1024 * 1024;

/** Told by content, not by name: an object may have been renamed or unpacked on the way. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return 'none';
}

/** The first bytes of a file, as stored. */
export async function readHead(path: string, length: number): Promise<Buffer> {
  const file = await fs.open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The decoded bytes of a file, in chunks.
 * @throws DamageError when a compressed member is truncated or corrupt (after the chunks before it)
 * @throws SourceError for a decompression bomb
 */
export async function* decode(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const { size } = statSync(path);
  if (size === 0) return;
  if (size <= WHOLE_FILE_BYTES) {
    const bytes = readFileSync(path);
    yield* guarded(decodeBuffer(bytes, compressionOf(bytes)), { path, size }, signal);
    return;
  }
  const compression = compressionOf(await readHead(path, 4));
  const raw = createReadStream(path, { highWaterMark: READ_SIZE });
  try {
    yield* guarded(decodeStream(raw, compression), { path, size }, signal);
  } finally {
    raw.destroy();
  }
}

/** The decoded bytes of a compressed buffer. */
export async function* decodeBuffer(bytes: Buffer, compression: Compression): AsyncGenerator<Buffer> {
  if (compression === 'gzip') yield* gunzip((stream) => stream.end(bytes), gzipChunkSize(bytes));
  else yield* decodeStream(Readable.from([bytes]), compression);
}

function decodeStream(raw: Readable, compression: Compression): AsyncIterable<Buffer> {
  switch (compression) {
    case 'none':
      return raw as AsyncIterable<Buffer>;
    case 'gzip':
      return gunzip((stream) => {
        raw.on('error', (error) => stream.destroy(error));
        raw.pipe(stream);
      }, CHUNK_SIZE);
    case 'zstd':
      return unzstd(raw);
  }
}

/** A gzip file ends with its decoded size: one chunk of that size saves round trips through the event loop. */
function gzipChunkSize(bytes: Buffer): number {
  const claimed = bytes.length >= 18 ? bytes.readUInt32LE(bytes.length - 4) + 1 : CHUNK_SIZE;
  return Math.min(Math.max(claimed, MIN_CHUNK_SIZE), MAX_CHUNK_SIZE);
}

async function* guarded(
  chunks: AsyncIterable<Buffer>,
  file: { path: string; size: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const bombLimit = Math.max(BOMB_FLOOR_BYTES, file.size * BOMB_RATIO);
  let total = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    total += chunk.length;
    if (total > bombLimit) {
      throw new SourceError(
        `${file.path}: ${file.size} bytes expand to more than ${bombLimit} (over ${BOMB_RATIO} times; flow logs reach about 20): ` +
          'this looks like a decompression bomb. If it is genuine, unpack it yourself and read the plain file',
      );
    }
    yield chunk;
  }
}

async function* gunzip(feed: (stream: Gunzip) => void, chunkSize: number): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize });
  feed(stream);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!code.startsWith('Z_')) throw error;
    throw new DamageError(code === 'Z_BUF_ERROR' ? 'truncated gzip member' : `corrupt gzip member (${(error as Error).message})`);
  } finally {
    stream.destroy();
  }
}

async function* unzstd(raw: Readable): AsyncGenerator<Buffer> {
  const { Decompress } = await import('fzstd');
  let out: Buffer[] = [];
  const decompress = new Decompress((chunk) => out.push(Buffer.from(chunk)));
  const push = (bytes: Uint8Array, final: boolean) => {
    try {
      decompress.push(bytes, final);
    } catch (error) {
      throw new DamageError(`damaged zstd frame (${(error as Error).message})`);
    }
  };
  for await (const bytes of raw) {
    push(bytes as Buffer, false);
    const ready = out;
    out = [];
    yield* ready;
  }
  push(new Uint8Array(0), true);
  yield* out;
}

const SALVAGE_CHUNK_SIZE = 4096;
const MAX_SALVAGE_BYTES = 1024 * 1024 * 1024;

/**
 * Whatever can be decoded of a damaged member: all that a truncated one still holds, all of one whose checksum is wrong
 * (it is the last 8 bytes), and else what comes before the break.
 */
export async function* salvage(bytes: Buffer, compression: Compression): AsyncGenerator<Buffer> {
  if (compression === 'gzip') {
    for (const trailer of [0, 8]) {
      try {
        yield gunzipSync(bytes.subarray(0, bytes.length - trailer), {
          finishFlush: constants.Z_SYNC_FLUSH,
          maxOutputLength: MAX_SALVAGE_BYTES,
        });
        return;
      } catch {
        // The next attempt needs less of the member to be sound.
      }
    }
  }
  try {
    if (compression === 'gzip') yield* gunzip((stream) => stream.end(bytes), SALVAGE_CHUNK_SIZE);
    else yield* decodeBuffer(bytes, compression);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
  }
}

async function drain(chunks: AsyncGenerator<Buffer>): Promise<void> {
  while ((await chunks.next()).done !== true);
}

/** Where a compressed file breaks: everything from byte `offset` of the stored file on cannot be trusted. */
export interface Damage {
  readonly offset: number;
  readonly reason: string;
}

/**
 * Looks for damage by decoding the whole file. A gzip file is a chain of members, each with its own checksum, so the
 * members before the damaged one stand; a zstd file is given up from its start.
 */
export async function findDamage(path: string): Promise<Damage | undefined> {
  try {
    await drain(decode(path));
    return undefined;
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    const bytes = await fs.readFile(path);
    const offset = compressionOf(bytes) === 'gzip' ? await lastSoundBoundary(bytes) : 0;
    return { offset, reason: error.message };
  }
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);

/** The furthest start of a member before which everything decodes. */
async function lastSoundBoundary(bytes: Buffer): Promise<number> {
  let candidate = bytes.lastIndexOf(GZIP_MAGIC);
  while (candidate > 0) {
    if (await decodes(bytes.subarray(0, candidate))) return candidate;
    candidate = bytes.lastIndexOf(GZIP_MAGIC, candidate - 1);
  }
  return 0;
}

async function decodes(bytes: Buffer): Promise<boolean> {
  try {
    await drain(decodeBuffer(bytes, 'gzip'));
    return true;
  } catch (error) {
    if (error instanceof DamageError) return false;
    throw error;
  }
}
