/** Where an object of a JSON text stands. */
export interface JsonObject {
  readonly text: string;
  /** 1-based line of its first character. */
  readonly line: number;
}

const MAX_OBJECT = 1024 * 1024;

/**
 * Cuts a stream of JSON into the objects of its arrays, without holding more than one: an answer of a busy network does
 * not fit into memory. Only braces, brackets and strings are looked at, so several documents in one file, commas too
 * many and a missing outer brace do no harm; what an object holds is for its reader to judge.
 */
export class JsonObjects {
  private depth = 0;
  /** Depth of the array whose elements are being read; 0 for none. */
  private array = 0;
  private inString = false;
  private escaped = false;
  private parts: string[] | undefined;
  private size = 0;
  private startLine = 1;
  private line = 1;
  /** Characters before the current one in its line. */
  private column = -1;
  /** Column where a broken object began, while its rest is skipped: the next object at that column is read again. */
  private skippedAt: number | undefined;
  private startColumn = 0;

  constructor(
    private readonly emit: (object: JsonObject) => void,
    private readonly reject: (object: JsonObject, reason: string) => void,
  ) {}

  /** Text as latin1, one character a byte. */
  push(text: string): void {
    let from = this.parts === undefined ? -1 : 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      this.column++;
      if (code === 10) {
        this.line++;
        this.column = -1;
        if (this.inString) {
          // JSON has no line feed inside a string: a quote is missing, and nothing after it can be told apart.
          this.inString = false;
          if (this.parts !== undefined) {
            this.give(text, from, i, 'a string is not closed');
            from = -1;
          }
        }
        continue;
      }
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (code === 92) this.escaped = true;
        else if (code === 34) this.inString = false;
        continue;
      }
      if (code === 34) this.inString = true;
      else if (code === 123) {
        if (this.skippedAt === this.column) this.depth = this.array;
        if (this.array > 0 && this.depth === this.array && this.parts === undefined) {
          this.parts = [];
          this.size = 0;
          this.startLine = this.line;
          this.startColumn = this.column;
          this.skippedAt = undefined;
          from = i;
        }
        this.depth++;
      } else if (code === 91) {
        this.depth++;
        if (this.array === 0) this.array = this.depth;
      } else if (code === 125 || code === 93) {
        this.depth = Math.max(0, this.depth - 1);
        if (this.parts !== undefined && this.depth === this.array) {
          this.give(text, from, i + 1, undefined);
          from = -1;
        }
        if (this.depth < this.array) this.array = 0;
      }
    }
    if (this.parts !== undefined) this.keep(text.slice(Math.max(from, 0)));
  }

  end(): void {
    if (this.parts !== undefined) this.give('', 0, 0, 'the text ends inside it');
  }

  /** An object without end must not fill the memory. */
  private keep(text: string): void {
    if (this.size > MAX_OBJECT) return;
    this.parts?.push(text);
    this.size += text.length;
  }

  private give(text: string, from: number, to: number, problem: string | undefined): void {
    this.keep(text.slice(Math.max(from, 0), to));
    const object = { text: (this.parts ?? []).join(''), line: this.startLine };
    this.parts = undefined;
    if (problem !== undefined) this.skippedAt = this.startColumn;
    if (problem === undefined && this.size > MAX_OBJECT) this.reject(object, `longer than ${MAX_OBJECT} characters`);
    else if (problem === undefined) this.emit(object);
    else this.reject(object, problem);
  }
}

/**
 * Parses one object; a comma before a closing brace, which a service's documentation may show, is forgiven.
 * @throws SyntaxError for anything else
 */
export function parseJsonObject(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const repaired = text.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g, (token) => (token === ',' ? '' : token));
    if (repaired === text) throw error;
    return JSON.parse(repaired) as unknown;
  }
}

/** What JSON.parse says, with line and column instead of an offset. */
export function describeSyntaxError(text: string, error: unknown): string {
  const message = (error as Error).message;
  const at = /position (\d+)/.exec(message)?.[1];
  if (at === undefined) return `not valid JSON: ${message}`;
  const before = text.slice(0, Number(at)).split('\n');
  const what = message.replace(/ in JSON at position.*$/s, '').replace(/ \(line \d+ column \d+\)$/, '');
  return `not valid JSON: ${what} at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
