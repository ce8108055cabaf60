import { promises as fs } from 'node:fs';
import { compressionOf, decode, decodeBuffer, findDamage, readHead, salvage } from './decode';

/** Decoded bytes of a file. */
export interface Piece {
  readonly chunk: Buffer;
  /** Why it cannot be trusted; undefined if it can. */
  readonly damage: string | undefined;
}

/** Everything that can be decoded of a file, in order. */
export async function* pieces(path: string, signal: AbortSignal | undefined): AsyncGenerator<Piece> {
  const compression = compressionOf(await readHead(path, 4));
  const damage = compression === 'none' ? undefined : await findDamage(path);
  if (damage === undefined) {
    yield* trusted(decode(path, signal), undefined);
    return;
  }
  const bytes = await fs.readFile(path);
  if (damage.offset > 0) yield* trusted(decodeBuffer(bytes.subarray(0, damage.offset), compression), undefined);
  yield* trusted(salvage(bytes.subarray(damage.offset), compression), damage.reason);
  // What breaks before it gives anything is damage too.
  yield { chunk: Buffer.alloc(0), damage: damage.reason };
}

async function* trusted(chunks: AsyncIterable<Buffer>, damage: string | undefined): AsyncGenerator<Piece> {
  for await (const chunk of chunks) yield { chunk, damage };
}
