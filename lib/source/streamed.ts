import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SourceError } from './errors';
import type { InputFile } from './input';

/**
 * Keeps what comes from standard input or a pipe in a file: detection, validation and reading each need a pass over it.
 * @throws SourceError where standard input is a terminal
 */
export async function keepStream(file: InputFile, folder: string, index: number, signal: AbortSignal | undefined): Promise<InputFile> {
  const standard = file.path === '-';
  if (standard && process.stdin.isTTY)
    throw new SourceError('- is standard input, which is a terminal: pipe logs into it, as in `zcat x.log.gz | flowlogs describe -`');
  if (standard && process.stdin.readableEnded) throw new SourceError('-: standard input can be read only once');
  const path = join(folder, `stream-${index}`);
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    standard ? process.stdin : createReadStream(file.path),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length;
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path),
    ...(signal === undefined ? [] : [{ signal }]),
  );
  return { path, size, explicit: true, shown: file.path, identity: hash.digest('hex') };
}
