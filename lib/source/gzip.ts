/** gzip, a member at a time. https://www.rfc-editor.org/rfc/rfc1952 */
import { constants, createGunzip, createInflateRaw, type Gunzip, type InflateRaw } from 'node:zlib';
import { DamageError } from './errors';
import { type Codec, drained } from './members';
import type { Stored } from './stored';

const CHUNK_SIZE = 512 * 1024;
const MIN_CHUNK_SIZE = 4096;
const MAX_CHUNK_SIZE = 4 * 1024 * 1024;

/** What is read and decoded at a time of a member whose end is not known. */
const PIECE_SIZE = 64 * 1024;

const SIGNATURE = Buffer.from([0x1f, 0x8b, 0x08]);
const FIXED_HEADER = 10;
const TRAILER = 8;
/** Longer than any name that a file system takes, and the longest extra field. */
const MAX_HEADER = 128 * 1024;
const FLAG = { headerCheck: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

function corrupt(error: unknown): DamageError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (!code.startsWith('Z_')) throw error;
  return new DamageError(code === 'Z_BUF_ERROR' ? 'truncated gzip member' : `corrupt gzip member (${message})`);
}

/** A gzip file ends with its decoded size: one chunk of that size saves round trips through the event loop. */
async function chunkSizeFor(stored: Stored, from: number, to: number): Promise<number> {
  if (to - from < FIXED_HEADER + TRAILER || to - from > MAX_CHUNK_SIZE) return CHUNK_SIZE;
  const claimed = (await stored.bytes(to - 4, 4)).readUInt32LE(0) + 1;
  return Math.min(Math.max(claimed, MIN_CHUNK_SIZE), MAX_CHUNK_SIZE);
}

/**
 * Text of the members in `[from, to)`, each of which zlib checks.
 * @throws DamageError
 */
async function* members(stored: Stored, from: number, to: number): AsyncGenerator<Buffer> {
  const stream = createGunzip({ chunkSize: await chunkSizeFor(stored, from, to) });
  yield* piped(stored, stream, from, to);
  // Node takes a zero byte behind a member for padding and reads no further, whatever follows it.
  const end = from + stream.bytesWritten;
  if (end < to && !(await isZero(stored, end, to))) throw new DamageError('not a gzip member');
}

async function* piped(stored: Stored, stream: Gunzip | InflateRaw, from: number, to: number, pieceSize?: number): AsyncGenerator<Buffer> {
  const raw = stored.stream(from, to, pieceSize);
  raw.on('error', (error) => stream.destroy(error));
  raw.pipe(stream);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw corrupt(error);
  } finally {
    raw.destroy();
    stream.destroy();
  }
}

async function isZero(stored: Stored, from: number, to: number): Promise<boolean> {
  for await (const chunk of stored.stream(from, to)) if ((chunk as Buffer).some((byte) => byte !== 0)) return false;
  return true;
}

/** Where the compressed data of the member at `at` begins. @throws DamageError */
async function dataOffset(stored: Stored, at: number): Promise<number> {
  const short = await stored.bytes(at, FIXED_HEADER);
  const head = ((short[3] ?? 0) & ~1) === 0 ? short : await stored.bytes(at, MAX_HEADER);
  if (!head.subarray(0, 3).equals(SIGNATURE.subarray(0, head.length))) throw new DamageError('not a gzip member');
  const flags = head[3] ?? 0;
  if ((flags & FLAG.reserved) !== 0) throw new DamageError('corrupt gzip member (unknown header flags set)');
  let next = FIXED_HEADER;
  if ((flags & FLAG.extra) !== 0) next += 2 + (head.length >= next + 2 ? head.readUInt16LE(next) : 0);
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    const end = head.indexOf(0, next);
    next = end === -1 ? head.length + 1 : end + 1;
  }
  if ((flags & FLAG.headerCheck) !== 0) next += 2;
  if (next > head.length) throw new DamageError('truncated gzip member');
  return at + next;
}

/** What can be decoded of the member at `at`, without its checksum; then the offset behind it. @throws DamageError */
async function* member(stored: Stored, at: number, chunkSize: number): AsyncGenerator<Buffer, number> {
  const from = await dataOffset(stored, at);
  // What a truncated member still holds is given too.
  const stream = createInflateRaw({ chunkSize, finishFlush: constants.Z_SYNC_FLUSH });
  yield* piped(stored, stream, from, stored.size, PIECE_SIZE);
  const end = from + stream.bytesWritten + TRAILER;
  if (end > stored.size) throw new DamageError('truncated gzip member');
  return end;
}

export const GZIP: Codec = {
  unit: 'gzip member',
  signature: SIGNATURE,
  members,
  salvage: member,
  async sound(stored, at, spend) {
    const end = await drained(member(stored, at, PIECE_SIZE), spend);
    spend(end - at);
    for await (const chunk of members(stored, at, end)) spend(chunk.length);
    return end;
  },
  padded: async (stored, at) => (await stored.bytes(at, 1))[0] === 0 && isZero(stored, at, stored.size),
};
