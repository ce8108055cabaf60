/** Which parts of a compressed file can be trusted: it is a chain of members, each with a checksum of its own. */
import { DamageError } from './errors';
import type { Stored } from './stored';

/** A kind of compression. Data of a member is used only after {@link sound} has accepted the whole member. */
export interface Codec {
  /** What a file is made of. */
  readonly unit: string;
  /** The bytes that a member begins with. */
  readonly signature: Buffer;
  /** Text of sound members that follow each other in `[from, to)`. @throws DamageError */
  members(stored: Stored, from: number, to: number): AsyncGenerator<Buffer>;
  /** Whatever can be decoded of the member at `at`; then the offset behind it. @throws DamageError where it breaks */
  salvage(stored: Stored, at: number, chunkSize: number): AsyncGenerator<Buffer, number>;
  /**
   * Decodes and checks the member at `at`; the offset behind it.
   * @param spend called with the bytes that were processed
   * @throws DamageError
   */
  sound(stored: Stored, at: number, spend: (bytes: number) => void): Promise<number>;
  /** Whether only padding follows from `at` on. */
  padded(stored: Stored, at: number): Promise<boolean>;
}

/** A part of the stored file. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Why it cannot be trusted; undefined for sound members, one or several. */
  readonly damage: string | undefined;
}

/** Runs a generator to its end for what it returns. */
export async function drained<T>(chunks: AsyncGenerator<Buffer, T>, spend: (bytes: number) => void): Promise<T> {
  for (;;) {
    const step = await chunks.next();
    if (step.done === true) return step.value;
    spend(step.value.length);
  }
}

/**
 * The file from end to end: runs of sound members, and between them what no member claims or what contradicts its checksum.
 * After damage the next place that looks like a member is tried, so that one costs no other: linear in what is decoded, which `spend` bounds.
 */
export async function mapMembers(stored: Stored, codec: Codec, spend: (bytes: number) => void): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  const candidates = signatures(stored, codec.signature);
  let candidate = await candidates.next();
  for (let at = 0; at < stored.size;) {
    if (await codec.padded(stored, at)) break;
    try {
      const to = await codec.sound(stored, at, spend);
      const last = stretches.at(-1);
      if (last?.damage === undefined && last !== undefined) stretches[stretches.length - 1] = { ...last, to };
      else stretches.push({ from: at, to, damage: undefined });
      at = to;
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      while (candidate.done !== true && candidate.value <= at) candidate = await candidates.next();
      const to = candidate.done === true ? stored.size : candidate.value;
      stretches.push({ from: at, to, damage: error.message });
      at = to;
    }
  }
  return stretches;
}

/** Every place that looks like the beginning of a member, in order. */
async function* signatures(stored: Stored, signature: Buffer): AsyncGenerator<number> {
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  for await (const chunk of stored.stream(0, stored.size)) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    for (let i = bytes.indexOf(signature); i !== -1; i = bytes.indexOf(signature, i + 1)) yield at + i;
    rest = bytes.subarray(Math.max(0, bytes.length - signature.length + 1));
    at += bytes.length - rest.length;
  }
}
