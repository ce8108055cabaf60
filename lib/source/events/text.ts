/**
 * Events as the AWS CLI prints them for people: `aws logs tail` (a time, mostly a stream, the message) and `--output text` (cells between tabs).
 * https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html
 */
import type { Format } from '../../flow-log/format';
import { type FileReader, lineReader } from '../foreign/reader';
import { looksLikeDefaultFormat, tokensOf } from '../header';
import { TextLines } from '../text-lines';
import type { Events } from './events';

const TAIL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})? +/;

/** Whether a text can be the messages' format, or the default one. */
type Fits = (text: string) => boolean;

const fitsOf =
  (headless: Format | undefined): Fits =>
  (text) => {
    const tokens = tokensOf(text);
    return headless === undefined ? looksLikeDefaultFormat(tokens) : tokens.length === headless.names.length;
  };

/** Messages of a line; undefined if it is no such line. */
function messagesOf(line: string, fits: Fits): string[] | undefined {
  if (TAIL.test(line)) {
    const rest = line.replace(TAIL, '');
    return [rest, rest.replace(/^\S+ +/, '')].filter(fits).slice(0, 1);
  }
  if (!line.includes('\t')) return undefined;
  return line.split('\t').filter(fits);
}

export function isEventText(line: string, headless: Format | undefined): boolean {
  if (/^(?:EVENTS\t|[bf]\/\d{20})/.test(line)) return true;
  return (messagesOf(line, fitsOf(headless)) ?? []).length > 0;
}

/** Other output of the CLI: page tokens, names of streams. */
const BESIDES = /^(?:SEARCHEDLOGSTREAMS\t|[bf]\/\d+(?:\/\w+)?(?:\t|$)|None$)/;

export function textEvents(events: Events, headless: Format | undefined): FileReader {
  const fits = fitsOf(headless);
  const lines = new TextLines(
    (line, number) => {
      if (BESIDES.test(line)) return;
      const messages = messagesOf(line, fits) ?? [];
      for (const message of messages) events.message(message, number);
      if (messages.length === 0) events.stranger(line, number, 'no flow-log message in this line');
    },
    (line, number, reason) => events.stranger(line, number, reason),
  );
  return lineReader(lines, events);
}
