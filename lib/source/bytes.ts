/** Text of one character a byte, as it is cut and spooled, and its decoded form. Flow logs are ASCII, so both are mostly the same. */
import { isUtf8 } from 'node:buffer';

const NON_ASCII = /[^\0-\x7f]/;

/** What the bytes say; undefined if they are no UTF-8. */
export function fromBytes(bytes: string): string | undefined {
  if (!NON_ASCII.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : undefined;
}

export const toBytes = (text: string): string => (NON_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text);

/** For people: what is no UTF-8 shows as such. */
export const shown = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

/** Without byte order marks, which remain inside concatenated files. */
export const withoutMarks = (line: string): string => (line.startsWith('\xef') ? line.replace(/^(?:\xef\xbb\xbf)+/, '') : line);

export const NO_UTF8 = 'not valid UTF-8';
