/** An error whose message may have several lines. Each stays one where people read it, whatever the names and values in it hold. */
export class LinesError extends Error {
  readonly lines: readonly string[];

  constructor(lines: string | readonly string[], options?: ErrorOptions) {
    super(typeof lines === 'string' ? lines : lines.join('\n'), options);
    this.lines = typeof lines === 'string' ? [lines] : lines;
  }
}

/** The lines of an error; where it was met goes before the first. */
export function linesOf(error: Error, where = ''): string[] {
  const [first = '', ...others] = error instanceof LinesError ? error.lines : [error.message];
  return [`${where}${first}`, ...others];
}
