/** Messages apart from the data. They contain file names and values of logs, whose control characters must not reach a terminal. */
import { visibleText } from '../lib/analysis/human';
import { isTerminal, onStderr as pc } from './colours';
import { typeable } from './self';

/** Everything that is not data. */
export function notice(text: string, quiet = false, colour: (text: string) => string = String): void {
  if (!quiet) process.stderr.write(`${colour(visibleText(typeable(text)))}\n`);
}

export function sayError(text: string): void {
  process.stderr.write(`${pc.red('error')}: ${visibleText(typeable(text))}\n`);
}

/** Text for standard output: exact, unless a terminal shows it. */
export function print(text: string): void {
  process.stdout.write(isTerminal(process.stdout) ? visibleText(text) : text);
}
