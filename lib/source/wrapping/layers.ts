/** Wrappings that hold one file: compression within compression, UTF-16, base64. */
import { gunzipSync } from 'node:zlib';
import { DamageError } from '../errors';
import { LineSplitter } from '../lines';
import { compressionOfBytes } from '../magic';
import { utf16Of } from './told';

/** A text in UTF-8, of one in UTF-16. */
export async function* utf8Of(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(utf16Of(chunk) ?? 'utf-16le');
    yield Buffer.from(decoder.decode(chunk, { stream: true }), 'utf8');
  }
  if (decoder !== undefined) yield Buffer.from(decoder.decode(), 'utf8');
}

const BEGINNING = /^(?:H4sI|eyJ)/;

/** As tools break base64 into lines. */
const WRAPPED = new Set([64, 76]);

/** A payload is at most some megabytes as it is sent. */
const MAX_PAYLOAD = 256 * 1024 * 1024;

/** What lines of base64 hold, one payload a line unless a tool broke one into lines of the same length. */
export async function* base64Of(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let lines: string[] = [];
  let broken = '';
  const splitter = new LineSplitter((line) => lines.push(line.trim()), Number.MAX_SAFE_INTEGER);
  const payloads = function* (last: boolean): Generator<Buffer> {
    for (const line of lines) {
      if (broken !== '' && BEGINNING.test(line)) {
        yield payloadOf(broken);
        broken = '';
      }
      broken += line;
      if (WRAPPED.has(line.length) && !line.endsWith('=')) continue;
      yield payloadOf(broken);
      broken = '';
    }
    lines = [];
    if (last && broken !== '') yield payloadOf(broken);
  };
  for await (const chunk of chunks) {
    splitter.push(chunk);
    yield* payloads(false);
  }
  splitter.end();
  yield* payloads(true);
}

function payloadOf(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  try {
    const text = compressionOfBytes(bytes) === 'gzip' ? gunzipSync(bytes, { maxOutputLength: MAX_PAYLOAD }) : bytes;
    return Buffer.concat([text, Buffer.from('\n')]);
  } catch (error) {
    throw new DamageError(`damaged payload in base64 (${(error as Error).message})`, { cause: error });
  }
}
