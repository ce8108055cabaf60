import { createReadStream, promises as fs, readFileSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';

/** A file as it is stored: compressed, whole or damaged. */
export interface Stored {
  readonly path: string;
  readonly size: number;
  /** At most `length` bytes from an offset on, fewer at the end. */
  bytes(at: number, length: number): Promise<Buffer>;
  /** The bytes `[from, to)`; a reader that may soon stop requests small pieces. */
  stream(from: number, to: number, pieceSize?: number): Readable;
}

const READ_SIZE = 1024 * 1024;

/**
 * Smaller files are read at once, as most objects of a flow log are, and without the thread pool: it is busy inflating, and a call
 * through it takes longer than the bytes.
 */
const WHOLE_FILE_BYTES = 8 * 1024 * 1024;

export function openStored(path: string): Stored {
  const { size } = statSync(path);
  return size <= WHOLE_FILE_BYTES ? storedBytes(path, readFileSync(path)) : storedFile(path, size);
}

export const storedBytes = (path: string, all: Buffer): Stored => ({
  path,
  size: all.length,
  bytes: (at, length) => Promise.resolve(all.subarray(at, at + length)),
  stream: (from, to) => Readable.from(from < to ? [all.subarray(from, to)] : []),
});

const storedFile = (path: string, size: number): Stored => ({
  path,
  size,
  bytes: (at, length) => readAt(path, at, length),
  stream: (from, to, pieceSize = READ_SIZE) =>
    from < to ? createReadStream(path, { start: from, end: to - 1, highWaterMark: pieceSize }) : Readable.from([]),
});

/** At most `length` bytes of a file. */
export async function readAt(path: string, at: number, length: number): Promise<Buffer> {
  const file = await fs.open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
