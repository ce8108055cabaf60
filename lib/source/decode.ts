import { isUtf8 } from 'node:buffer';
import { DamageError, SourceError } from './errors';
import { GZIP } from './gzip';
import { type Codec, mapMembers, type Stretch } from './members';
import { type Compression, compressionOfBytes } from './magic';
import { openStored, readAt, type Stored } from './stored';
import { ZSTD } from './zstd';
import { isBinaryForm } from './wrapping/told';

const CODECS: Readonly<Record<Exclude<Compression, 'none'>, Codec>> = { gzip: GZIP, zstd: ZSTD };

/** Enough to hold a header line. */
export const HEAD_BYTES = 16 * 1024;

/** Flow logs compress 5 to 20 times; only a decompression bomb reaches this. */
const BOMB_RATIO = 400;
const BOMB_FLOOR_BYTES = 256 * 1024 * 1024;

const BINARY_BYTES = 4 * 1024 * 1024;

/** What is salvaged of a member ends with the chunk before the break: small ones lose little. */
const SALVAGE_CHUNK = 4096;
const LARGE_SALVAGE_CHUNK = 64 * 1024;
const LARGE_MEMBER = 1024 * 1024;

/** Detected by content, not by name: an object may have been renamed or unpacked. */
export async function compressionOf(path: string): Promise<Compression> {
  return compressionOfHead(path, await readAt(path, 0, HEAD_BYTES));
}

function compressionOfHead(path: string, head: Buffer): Compression {
  const told = compressionOfBytes(head);
  if (told !== 'none') return told;
  return isBinary(head) && !isBinaryForm(head) ? damagedCompressionOf(path, head) : 'none';
}

const CONTROL = new Set([...Array(32).keys()].filter((code) => code < 9 || code > 13));

function isBinary(head: Buffer): boolean {
  if (head.includes(0)) return true;
  // A character may be cut in two.
  return head.some((byte) => CONTROL.has(byte)) && ![0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)));
}

/** The kind of damage is unknown: accepts a mostly correct beginning, one a few bytes later, or else the name. */
function damagedCompressionOf(path: string, head: Buffer): Compression {
  for (const [kind, { signature }] of Object.entries(CODECS)) {
    const right = signature.filter((byte, i) => head[i] === byte).length;
    const later = head.subarray(0, 16).indexOf(signature);
    if (right >= signature.length - 1 || later > 0) return kind as Compression;
  }
  return /\.gz(ip)?$/i.test(path) ? 'gzip' : /\.zstd?$/i.test(path) ? 'zstd' : 'none';
}

/**
 * The decoded bytes of a file, in chunks.
 * @throws DamageError when a compressed member is truncated or corrupt (after the chunks before it)
 * @throws SourceError for a decompression bomb
 */
export async function* decode(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const stored = openStored(path);
  if (stored.size === 0) return;
  const compression = compressionOfHead(path, await stored.bytes(0, HEAD_BYTES));
  const chunks = compression === 'none' ? stored.stream(0, stored.size) : CODECS[compression].members(stored, 0, stored.size);
  yield* guarded(chunks, stored, signal);
}

async function* guarded(chunks: AsyncIterable<unknown>, stored: Stored, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const spend = budgetOf(stored);
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    spend((chunk as Buffer).length);
    yield chunk as Buffer;
  }
}

/** Counts decoded bytes. @throws SourceError for a decompression bomb */
function budgetOf({ path, size }: Stored): (bytes: number) => void {
  const limit = Math.max(BOMB_FLOOR_BYTES, size * BOMB_RATIO);
  let total = 0;
  return (bytes) => {
    total += bytes;
    if (total > limit) {
      throw new SourceError(
        `${path}: ${size} bytes expand to more than ${limit} (over ${BOMB_RATIO} times; flow logs reach about 20): ` +
          'this looks like a decompression bomb. If it is genuine, unpack it yourself and read the plain file',
      );
    }
  };
}

/** Bytes of the stored file that cannot be trusted. */
export interface Damage {
  readonly reason: string;
  /** Where they begin in the stored file. */
  readonly offset: number;
  readonly bytes: number;
  /** They end the file and are no beginning of a member: nothing of the text before them is missing. */
  readonly trailing: boolean;
}

/** A part of a file. */
export interface Section {
  /** Undefined for text that every checksum vouches for. */
  readonly damage: Damage | undefined;
  /** Its text; the part that can still be decoded if it is damaged. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** A file whose checksums have been looked at. */
export interface Examined {
  /** The first bytes of its text, of text that can be trusted if there is any. */
  readonly head: Buffer;
  /** The first damage. */
  readonly damage: Damage | undefined;
  /** Everything, in order. */
  sections(): AsyncIterable<Section>;
}

/**
 * Decodes a compressed file once to find its damage; its text comes when it is decoded again, so that none is kept, or used, that might
 * turn out to be wrong.
 * @throws SourceError for a decompression bomb
 */
export async function examine(path: string, signal?: AbortSignal): Promise<Examined> {
  const stored = openStored(path);
  const start = await stored.bytes(0, HEAD_BYTES);
  const compression = compressionOfHead(path, start);
  const sound = (head: Buffer): Examined => ({
    head,
    damage: undefined,
    sections: async function* () {
      yield await Promise.resolve({ damage: undefined, chunks: decode(path, signal) });
    },
  });
  if (compression === 'none') return sound(start);
  const head = new Head();
  try {
    let decoded = 0;
    for await (const chunk of decode(path, signal)) {
      head.add(chunk);
      decoded += chunk.length;
      // What is nothing that is read, and not for damage in the first member, need not be looked at to its end.
      if (decoded > BINARY_BYTES && head.bytes.includes(0) && !isBinaryForm(head.bytes)) break;
    }
    return sound(head.bytes);
  } catch (error) {
    if (error instanceof DamageError) return examineDamaged(stored, CODECS[compression], signal);
    throw error;
  }
}

async function examineDamaged(stored: Stored, codec: Codec, signal: AbortSignal | undefined): Promise<Examined> {
  const spend = budgetOf(stored);
  const stretches = await mapMembers(stored, codec, (bytes) => {
    signal?.throwIfAborted();
    spend(bytes);
  });
  const all: Opener[] = [];
  for (const stretch of stretches) all.push(await sectionOf(stored, codec, stretch, signal));
  return {
    head: await firstText([...all.filter(({ damage }) => damage === undefined), ...all.filter(({ damage }) => damage !== undefined)]),
    damage: all.find(({ damage }) => damage !== undefined)?.damage,
    sections: async function* () {
      yield* await Promise.resolve(all.map(({ damage, chunks }) => ({ damage, chunks: chunks() })));
    },
  };
}

type Opener = Pick<Section, 'damage'> & { chunks: () => AsyncIterable<Buffer> };

async function sectionOf(
  stored: Stored,
  codec: Codec,
  { from, to, damage: reason }: Stretch,
  signal: AbortSignal | undefined,
): Promise<Opener> {
  if (reason === undefined) return { damage: undefined, chunks: () => guarded(codec.members(stored, from, to), stored, signal) };
  const trailing = to === stored.size && !resembles(await stored.bytes(from, codec.signature.length), codec.signature);
  return {
    damage: { reason, offset: from, bytes: to - from, trailing },
    chunks: () => guarded(salvaged(stored, codec, from, to), stored, signal),
  };
}

async function firstText(openers: readonly Opener[]): Promise<Buffer> {
  for (const { chunks } of openers) {
    const head = await headOf(chunks());
    if (head.length > 0) return head;
  }
  return Buffer.alloc(0);
}

/** Report of damage that no line shows. */
export const damageText = ({ reason, offset, bytes }: Damage): string =>
  `${reason}: ${bytes} bytes from byte ${offset} of the file on are damaged`;

/** All that can be trusted of a file that is one document, and the first damage. */
export async function trustedBytes(path: string): Promise<{ bytes: Buffer; damage: Damage | undefined }> {
  const trusted: Buffer[] = [];
  let first: Damage | undefined;
  for await (const { damage, chunks } of (await examine(path)).sections()) {
    first ??= damage;
    if (damage === undefined) for await (const chunk of chunks) trusted.push(chunk);
  }
  return { bytes: Buffer.concat(trusted), damage: first };
}

/** Decodes a file for its checksums alone. @throws DamageError, SourceError for a decompression bomb */
export async function assertSound(path: string, signal?: AbortSignal): Promise<void> {
  const chunks = decode(path, signal);
  while ((await chunks.next()).done !== true);
}

const resembles = (bytes: Buffer, signature: Buffer) => bytes.some((byte, i) => byte === signature[i]);

async function* salvaged(stored: Stored, codec: Codec, from: number, to: number): AsyncGenerator<Buffer> {
  try {
    yield* codec.salvage(stored, from, to - from < LARGE_MEMBER ? SALVAGE_CHUNK : LARGE_SALVAGE_CHUNK);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
  }
}

/** The first decoded bytes, whether they can be trusted or not. */
export async function decodedHead(path: string): Promise<Buffer> {
  const stored = openStored(path);
  const start = await stored.bytes(0, HEAD_BYTES);
  const compression = compressionOfHead(path, start);
  return compression === 'none' ? start : headOf(membersSalvaged(stored, CODECS[compression]));
}

async function* membersSalvaged(stored: Stored, codec: Codec): AsyncGenerator<Buffer> {
  try {
    for (let at = 0; at < stored.size;) at = yield* codec.salvage(stored, at, SALVAGE_CHUNK);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
  }
}

async function headOf(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const head = new Head();
  for await (const chunk of chunks) {
    head.add(chunk);
    if (head.isFull) break;
  }
  return head.bytes;
}

/** The first bytes of what is added. */
class Head {
  bytes: Buffer = Buffer.alloc(0);

  get isFull(): boolean {
    return this.bytes.length >= HEAD_BYTES;
  }

  add(chunk: Buffer): void {
    if (!this.isFull) this.bytes = Buffer.concat([this.bytes, chunk]).subarray(0, HEAD_BYTES);
  }
}
