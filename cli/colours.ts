import { createColors } from 'picocolors';

/** `isTTY` is undefined, not false, on a pipe; and picocolors takes undefined for "find out", which says yes in CI. */
export const isTerminal = (stream: { isTTY?: boolean }): boolean => stream.isTTY === true;

const allowed = (stream: NodeJS.WriteStream): boolean =>
  isTerminal(stream) && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';

/** Whether standard output takes colour. A continuous-integration system is no terminal. */
export const stdoutColour = (): boolean => allowed(process.stdout);

export const onStdout = createColors(stdoutColour());
export const onStderr = createColors(allowed(process.stderr));
