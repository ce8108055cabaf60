/**
 * Messages apart from the data. They name files and quote values of logs: whatever these hold, a message is one line, or those lines that an
 * error lists.
 */
import { visibleLine, visibleText } from '../lib/analysis/human';
import { linesOf } from '../lib/lines-error';
import { isTerminal, onStderr as pc } from './colours';
import { typeable } from './self';

/** Everything that is not data. */
export function notice(line: string, quiet = false, colour: (text: string) => string = String): void {
  if (!quiet) process.stderr.write(`${colour(visibleLine(typeable(line)))}\n`);
}

const INDENT = '  ';

/** Lines behind the first are indented: what begins at the margin is a message of its own. */
export const errorText = (error: string | Error): string =>
  (typeof error === 'string' ? [error] : linesOf(error))
    .map((line, i) => `${i === 0 || line.startsWith(INDENT) ? '' : INDENT}${visibleLine(typeable(line))}`.trimEnd())
    .join('\n');

export function sayError(error: string | Error): void {
  process.stderr.write(`${pc.red('error')}: ${errorText(error)}\n`);
}

/** Text for standard output: exact, unless a terminal shows it. */
export function print(text: string): void {
  process.stdout.write(isTerminal(process.stdout) ? visibleText(text) : text);
}
