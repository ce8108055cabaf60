/** Detection by the first bytes of a file. */
import { ZSTD } from './zstd';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Parallel zstd writers begin with one. */
const isSkippableFrame = (head: Buffer) =>
  head.length >= 4 && ((head[0] ?? 0) & 0xf0) === 0x50 && head.subarray(1, 4).equals(Buffer.from([0x2a, 0x4d, 0x18]));

export function compressionOfBytes(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.subarray(0, 4).equals(ZSTD.signature) || isSkippableFrame(head) ? 'zstd' : 'none';
}
