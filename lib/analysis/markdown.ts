/** Text of logs in Markdown: it stays text. */
import { withoutControls } from './human';

/** What some Markdown makes a link, a mention or a reference of, however it is escaped. https://github.github.com/gfm/#autolinks-extension- */
const LIVE = /[@#]|:\/\/|\bwww\.|\b(?:mailto|xmpp):/i;
const MARKUP = /[\\`*_{}[\]<>!|~&$]/g;

/** A code span; its fence is longer than any run of backticks in it. */
function codePiece(text: string): string {
  if (text === '') return '';
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** A bar would end a cell of a table also within a code span, and a backslash before it is ambiguous: it is put outside. */
const codeSpan = (text: string): string => text.split('|').map(codePiece).join('\\|');

/** A word by itself: signs inside a word of letters and digits, such as `pkt_srcaddr`, mean nothing. */
const escapedWord = (word: string): string => (/^[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*$/.test(word) ? word : word.replace(MARKUP, '\\$&'));

/** One line of Markdown, also within a table's cell, that shows exactly this text and links nowhere. */
export const markdownText = (text: string): string =>
  withoutControls(text)
    .split(' ')
    .map((word) => (LIVE.test(word) ? codeSpan(word) : escapedWord(word)))
    .join(' ');

/** A code span in one line of Markdown that shows exactly this text. */
export const markdownCode = (text: string): string => codeSpan(withoutControls(text));

/** A block of code with lines as they are. */
export function markdownBlock(language: string, text: string): string[] {
  const fence = '`'.repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return [`${fence}${language}`, ...text.split('\n').map(withoutControls), fence];
}
