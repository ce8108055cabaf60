import { CONTROLS } from '../analysis/human';

/** Control characters act in a shell's line before its quotes do: they are given by the numbers of their bytes. */
const octal = (signs: string): string =>
  [...new TextEncoder().encode(signs)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

const inQuotes = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** An argument of a command as a POSIX shell reads it back; with control characters, as POSIX.1-2024 and bash, zsh and ksh do. */
export function shellQuoted(text: string): string {
  if (/^[\w.,:/=@-]+$/.test(text)) return text;
  if (text.search(CONTROLS) < 0) return inQuotes(text);
  return `$'${text.replace(/[\\']/g, '\\$&').replace(CONTROLS, octal)}'`;
}

/** The same for a text of several lines, such as SQL, where the command may have as many. */
export const shellQuotedLines = (text: string): string =>
  text.replaceAll('\n', '').search(CONTROLS) < 0 && text.includes('\n') ? inQuotes(text) : shellQuoted(text);
