import { type Format, FormatError, formatOf, parseFormat } from '../flow-log/format';
import { compressionOf, DamageError, decode, findDamage, readHead, salvage } from './decode';
import { isHeader, looksLikeDefaultFormat, tokensOf } from './header';
import { hasExportTimestamp, stripExportTimestamp } from './lines';

/** What a file turned out to be, told from its first bytes. */
export type Sniffed =
  | { readonly kind: 'empty' }
  /** `header`: the exact first line, to be skipped; `regular`: nothing before it that needs care. */
  | { readonly kind: 'text'; readonly format: Format; readonly header: string | undefined; readonly regular: boolean }
  | { readonly kind: 'cloudwatch-export'; readonly format: Format; readonly assumed: boolean }
  | { readonly kind: 'json' }
  | { readonly kind: 'unknown'; readonly why: string };

/** Enough to hold a header line. */
export const HEAD_BYTES = 16 * 1024;

/** The first decoded bytes. */
async function decodedHead(path: string): Promise<Buffer> {
  const head = await readHead(path, HEAD_BYTES);
  switch (compressionOf(head)) {
    case 'none':
      return head;
    case 'gzip':
      return firstChunk(salvage(head, 'gzip'));
    case 'zstd':
      return firstChunk(decode(path));
  }
}

/** What a damaged member gives before it breaks. */
async function firstChunk(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  try {
    for await (const chunk of chunks) return chunk.subarray(0, HEAD_BYTES);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
  }
  return Buffer.alloc(0);
}

/**
 * Tells a file's kind and format from its head.
 * @param headless format of text without header line (`--log-format`), where the user gave one
 */
export async function sniff(path: string, headless: Format | undefined): Promise<Sniffed> {
  const head = await decodedHead(path);
  if (head.length > 0) return sniffHead(head, headless);
  const damage = await findDamage(path);
  return damage === undefined ? { kind: 'empty' } : { kind: 'unknown', why: `${damage.reason}, nothing could be read` };
}

/** The same from the first decoded bytes, up to {@link HEAD_BYTES} of them. */
export function sniffHead(head: Buffer, headless: Format | undefined): Sniffed {
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') {
    return { kind: 'unknown', why: 'a Parquet file whose name does not end in .parquet: rename it' };
  }
  if (head.includes(0) && !head.subarray(0, 2).equals(Buffer.from([0xff, 0xfe]))) return { kind: 'unknown', why: 'binary content' };
  const text = head.toString('latin1');
  const bom = text.startsWith('\xef\xbb\xbf');
  const body = bom ? text.slice(3) : text;
  if (/^\s*[[{]/.test(body)) return { kind: 'json' };
  const lines = body.split('\n');
  const index = lines.findIndex((line) => line.trim() !== '');
  const first = lines[index];
  if (first === undefined)
    return head.length < HEAD_BYTES
      ? { kind: 'empty' }
      : { kind: 'unknown', why: `nothing but white space in the first ${HEAD_BYTES} bytes` };
  return sniffLine(first, index === 0 && !bom, headless);
}

function sniffLine(raw: string, atStart: boolean, headless: Format | undefined): Sniffed {
  const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  const tokens = tokensOf(stripExportTimestamp(line));
  if (hasExportTimestamp(line) && !isHeader(tokens)) return sniffExport(tokens, headless);
  if (isHeader(tokens)) return sniffHeader(raw, tokens, atStart);
  if (headless !== undefined) return { kind: 'text', format: headless, header: undefined, regular: atStart };
  const hint = looksLikeDefaultFormat(tokens)
    ? 'its values fit the default format: if that is right, add --log-format default'
    : "say --log-format '<fields>'";
  return { kind: 'unknown', why: `no header line: got ${JSON.stringify(line.slice(0, 80))}; ${hint}` };
}

function sniffExport(tokens: string[], headless: Format | undefined): Sniffed {
  if (headless !== undefined) return { kind: 'cloudwatch-export', format: headless, assumed: false };
  if (looksLikeDefaultFormat(tokens)) return { kind: 'cloudwatch-export', format: parseFormat('default'), assumed: true };
  return {
    kind: 'unknown',
    why: "CloudWatch Logs events of a custom format carry no header: say --log-format '<the ${…} string of the flow log>'",
  };
}

function sniffHeader(raw: string, tokens: string[], atStart: boolean): Sniffed {
  try {
    const format = formatOf(tokens);
    return { kind: 'text', format, header: raw, regular: atStart && raw === tokens.join(' ') };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { kind: 'unknown', why: `bad header: ${error.message}` };
  }
}
