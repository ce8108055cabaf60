import type { Wrapping } from '../kind';
import { compressionOfBytes } from '../magic';

const BLOCK = 512;
const CHECKSUM = { from: 148, to: 156 } as const;

/** What decoded bytes begin with if they are not what is to be read, but something around it. */
export function wrappingOf(head: Buffer): Wrapping | undefined {
  const form = binaryFormOf(head);
  if (form !== undefined) return form;
  const compression = compressionOfBytes(head);
  if (compression !== 'none') return compression;
  return isBase64(head) ? 'base64' : undefined;
}

function binaryFormOf(head: Buffer): 'zip' | 'tar' | 'utf-16' | undefined {
  const signature = head.subarray(0, 4).toString('latin1');
  if (signature === 'PK\x03\x04' || signature === 'PK\x05\x06') return 'zip';
  if (isTar(head)) return 'tar';
  return utf16Of(head) === undefined ? undefined : 'utf-16';
}

export const isParquetHead = (head: Buffer): boolean => head.subarray(0, 4).toString('latin1') === 'PAR1';

/** Whether bytes that are no text are of a form that is read, and not compressed. */
export const isBinaryForm = (head: Buffer): boolean => isParquetHead(head) || binaryFormOf(head) !== undefined;

/** Detected by the checksum of the first header, which every kind of tar has. https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html */
function isTar(head: Buffer): boolean {
  if (head.length < BLOCK || head[0] === 0) return false;
  const claimed = /^ *([0-7]+)[ \0]/.exec(head.subarray(CHECKSUM.from, CHECKSUM.to).toString('latin1'))?.[1];
  if (claimed === undefined) return false;
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= CHECKSUM.from && i < CHECKSUM.to ? 32 : (head[i] ?? 0);
  return sum === parseInt(claimed, 8);
}

/** Characters that a text without byte order mark is judged by. */
const UTF16_SAMPLE = 32;

/** UTF-16, by its byte order mark or, since flow logs are ASCII, by every other byte being 0. */
export function utf16Of(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head.length < 2 * UTF16_SAMPLE) return undefined;
  const zeros = [0, 1].map(
    (offset) => Array.from({ length: UTF16_SAMPLE }, (_, i) => head[2 * i + offset]).filter((byte) => byte === 0).length,
  );
  if (zeros[0] === 0 && zeros[1] === UTF16_SAMPLE) return 'utf-16le';
  return zeros[0] === UTF16_SAMPLE && zeros[1] === 0 ? 'utf-16be' : undefined;
}

/** gzip, or JSON that begins with a key, in base64. */
const isBase64 = (head: Buffer): boolean => /^(?:H4sI|eyJ)[A-Za-z0-9+/]{16,}={0,2}(?:\r?\n|$)/.test(head.toString('latin1'));
