import { fromBytes, NO_UTF8, shown, withoutMarks } from './bytes';
import { LineSplitter, MAX_LINE } from './lines';

/** Splits a text in UTF-8 into lines, without line ends and byte order mark. Blank lines are none. */
export class TextLines {
  private number = 0;
  /** Why the next line is not whole. */
  private cut: string | undefined;
  private readonly splitter: LineSplitter;

  /** @param reject takes a line that is no text, by its 1-based number */
  constructor(
    private readonly take: (line: string, number: number) => void,
    private readonly reject: (line: string, number: number, reason: string) => void,
  ) {
    this.splitter = new LineSplitter((bytes) => this.line(bytes));
  }

  push(chunk: Buffer): void {
    this.splitter.push(chunk);
  }

  /** Something is missing between what was pushed and what will be: a line may be cut there, on either side. */
  gap(): void {
    this.cut = 'breaks off in damaged bytes';
    this.cut = this.splitter.end() ? 'may be the rest of a line that began in damaged bytes' : undefined;
  }

  end(): void {
    this.splitter.end();
  }

  private line(bytes: string): void {
    const number = ++this.number;
    const bare = withoutMarks(bytes).replace(/\r+$/, '');
    if (bare.trim() === '') return;
    const { cut } = this;
    this.cut = undefined;
    if (cut !== undefined) return this.reject(shown(bare), number, cut);
    if (bare.length > MAX_LINE) return this.reject(shown(bare), number, `longer than ${MAX_LINE} characters`);
    const line = fromBytes(bare);
    if (line === undefined) this.reject(shown(bare), number, NO_UTF8);
    else this.take(line, number);
  }
}
