const BLOCK = 512;

/** What a block says as a header. */
interface TarHeader {
  readonly nullBlock: boolean;
  readonly cksumValid: boolean;
  readonly size?: number | undefined;
}

/** A piece of one of several archives that follow each other, as `cat a.tar b.tar` makes them. */
export interface ArchivePiece {
  readonly bytes: Buffer;
  /** Whether it begins an archive behind the end of another. */
  readonly begins: boolean;
}

/**
 * Finds the beginning of an archive after the end of another, which is two blocks of zeros. After a damaged header the positions of headers are unknown: all
 * is one archive then.
 * @param behind called where bytes behind an end are no archive; they are left out
 */
export async function* archivesIn(
  chunks: AsyncIterable<Buffer>,
  makeHeader: (block: Buffer) => TarHeader,
  behind: () => void,
): AsyncGenerator<ArchivePiece> {
  let pending: Buffer = Buffer.alloc(0);
  let content = 0;
  let zeros = 0;
  let begins = false;
  let state: 'headers' | 'lost' | 'junk' = 'headers';
  for await (const chunk of chunks) {
    if (state === 'junk') continue;
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let from = 0;
    let at = 0;
    while (state === 'headers') {
      const skipped = Math.min(content, bytes.length - at);
      content -= skipped;
      at += skipped;
      if (content > 0 || at + BLOCK > bytes.length) break;
      const header = makeHeader(bytes.subarray(at, at + BLOCK));
      const ended = zeros >= 2;
      if (header.nullBlock) zeros++;
      else if (!header.cksumValid) {
        state = ended ? 'junk' : 'lost';
        if (ended) behind();
        break;
      } else {
        if (ended) {
          yield { bytes: bytes.subarray(from, at), begins };
          begins = true;
          from = at;
        }
        zeros = 0;
        content = Math.ceil((header.size ?? 0) / BLOCK) * BLOCK;
      }
      at += BLOCK;
    }
    const end = state === 'lost' ? bytes.length : at;
    pending = state === 'headers' ? bytes.subarray(end) : Buffer.alloc(0);
    if (end > from) {
      yield { bytes: bytes.subarray(from, end), begins };
      begins = false;
    }
  }
  if (pending.length > 0) yield { bytes: pending, begins };
}
