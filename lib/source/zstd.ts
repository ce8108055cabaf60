/**
 * Zstandard, a frame at a time, by the reference decoder (WebAssembly), which checks what a frame says of itself and its checksum.
 * https://www.rfc-editor.org/rfc/rfc8878
 */
import { DamageError } from './errors';
import { type Codec, drained } from './members';
import type { Stored } from './stored';

const SIGNATURE = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** What the package exports of the reference: sizes are 32 bits. https://facebook.github.io/zstd/zstd_manual.html */
interface Decoder {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  free(pointer: number): void;
  ZSTD_createDCtx(): number;
  ZSTD_freeDCtx(context: number): number;
  ZSTD_DStreamInSize(): number;
  ZSTD_DStreamOutSize(): number;
  /** 0 at the end of a frame, an error as a negative number, else more is wanted. */
  ZSTD_decompressStream(context: number, output: number, input: number): number;
}

/** Errors are the last few numbers of 32 bits. https://github.com/facebook/zstd/blob/dev/lib/zstd_errors.h */
const MAX_ERROR = 120;
const REASONS: Readonly<Record<number, string>> = {
  10: 'not a zstd frame',
  14: 'unsupported frame parameter',
  16: 'it requires more than 128 MB of memory',
  20: 'corruption detected',
  22: 'incorrect checksum',
  32: 'it needs a dictionary',
  72: 'incorrect size',
};

let loading: Promise<Decoder> | undefined;

/** The package's own classes neither check errors nor say where a frame ends: only its build of the reference is used. */
async function load(): Promise<Decoder> {
  const { ZSTDDecoder } = await import('zstddec/stream');
  const decoder = new ZSTDDecoder();
  let exports: Decoder | undefined;
  const initialise = decoder._init.bind(decoder);
  decoder._init = (loaded: unknown) => {
    // Without it the package's own callback fails when a frame's window makes the memory grow.
    initialise(loaded);
    exports = (loaded as { instance: { exports: Decoder } }).instance.exports;
  };
  await decoder.init();
  if (exports === undefined) throw new Error('zstddec was initialised before');
  return exports;
}

/** Pointer, size and position of an input and of an output buffer: six numbers of 32 bits. */
const BUFFERS_BYTES = 24;

/** What can be decoded of the frame at `at`; then the offset behind it. @throws DamageError */
async function* frame(stored: Stored, at: number, pieceSize = Infinity): AsyncGenerator<Buffer, number> {
  const zstd = await (loading ??= load());
  const inSize = Math.min(zstd.ZSTD_DStreamInSize(), pieceSize);
  const outSize = zstd.ZSTD_DStreamOutSize();
  const context = zstd.ZSTD_createDCtx();
  const [input, output, buffers] = [zstd.malloc(inSize), zstd.malloc(outSize), zstd.malloc(BUFFERS_BYTES)];
  // Memory that grows is new memory.
  const numbers = () => new Uint32Array(zstd.memory.buffer, buffers, 6);
  const bytes = () => new Uint8Array(zstd.memory.buffer);
  try {
    let next = at;
    for await (const chunk of stored.stream(at, stored.size, inSize)) {
      for (let from = 0; from < (chunk as Buffer).length; from += inSize) {
        const piece = (chunk as Buffer).subarray(from, from + inSize);
        bytes().set(piece, input);
        let taken = 0;
        for (;;) {
          numbers().set([input, piece.length, taken, output, outSize, 0]);
          const left = zstd.ZSTD_decompressStream(context, buffers + 12, buffers) >>> 0;
          const [, , position = 0, , , written = 0] = numbers();
          taken = position;
          const error = 2 ** 32 - left;
          if (error <= MAX_ERROR) {
            const reason = REASONS[error] ?? `error ${error}`;
            throw new DamageError(error === 10 ? reason : `damaged zstd frame (${reason})`);
          }
          if (written > 0) yield Buffer.from(bytes().subarray(output, output + written));
          if (left === 0) return next + taken;
          if (taken === piece.length && written < outSize) break;
        }
        next += piece.length;
      }
    }
    throw new DamageError(stored.size - at < SIGNATURE.length ? 'not a zstd frame' : 'damaged zstd frame (it ends too early)');
  } finally {
    for (const pointer of [input, output, buffers]) zstd.free(pointer);
    zstd.ZSTD_freeDCtx(context);
  }
}

async function* frames(stored: Stored, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to;) at = yield* frame(stored, at);
}

export const ZSTD: Codec = {
  unit: 'zstd frame',
  signature: SIGNATURE,
  members: frames,
  // A frame that comes whole is given whole or not at all.
  salvage: (stored, at, chunkSize) => frame(stored, at, chunkSize / 16),
  async sound(stored, at, spend) {
    const end = await drained(frame(stored, at), spend);
    spend(end - at);
    return end;
  },
  padded: () => Promise.resolve(false),
};
