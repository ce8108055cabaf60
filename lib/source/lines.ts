import { isUtf8 } from 'node:buffer';
import { findField } from '../flow-log/fields';
import { athenaTypeOf, type Format, FormatError, formatOf } from '../flow-log/format';
import { withoutMarks } from './bytes';
import { isHeader, isSameHeader, tokensOf } from './header';
import { canBeTime, isTime } from './times';

/** A line that is no record, or a value that does not fit its field. */
export interface Reject {
  readonly file: string;
  /** 1-based; for JSON events the number of the event. */
  readonly line: number;
  readonly kind: 'line' | 'value';
  readonly reason: string;
  /** The line (kind `line`) or the value (kind `value`), at most {@link MAX_SAMPLE} characters. */
  readonly text: string;
  /** AWS's field name, for a value. */
  readonly field?: string;
}

/** Reason of a value that is read as NULL. */
export const valueReason = (field: string, expected: string): string => `field ${field}: expected ${expected} or -, read as NULL`;

export const MAX_SAMPLE = 1000;

/** A flow-log line of every field of version 11 has about 2,000 characters. */
export const MAX_LINE = 65536;

const INTEGER = /^-?\d+$/;
const LIMITS = {
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** Whether a text is an integer that the type can hold; `-` is handled by the caller. */
export function fitsInteger(text: string, type: 'int' | 'bigint'): boolean {
  if (!INTEGER.test(text)) return false;
  if (text.length <= 9) return true;
  const value = BigInt(text);
  const [min, max] = LIMITS[type];
  return value >= min && value <= max;
}

/** Why a row does not fit the names of its columns. */
export const wrongColumns = ({ length: got }: readonly unknown[], { length: expected }: readonly string[]): string =>
  `too ${got < expected ? 'few' : 'many'} columns: got ${got}, expected ${expected}`;

/** White space in the sense of ASCII, one character a byte. */
const INK = /[^\t\v\f\r ]/;

/** Whether a line, without its line feed, is none. */
export const isBlank = (line: string): boolean => !INK.test(line);

const NON_ASCII = /[\x80-\xff]/;
const ISO_PREFIX = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z\s/;

/** Removes the ISO timestamp that leads each line of a CloudWatch Logs export object. */
export const stripExportTimestamp = (line: string): string => line.replace(ISO_PREFIX, '');

export const hasExportTimestamp = (line: string): boolean => ISO_PREFIX.test(line);

/** What a byte-wise text says in UTF-8, cut to a bearable length. */
const readable = (latin1: string) => Buffer.from(latin1.slice(0, MAX_SAMPLE), 'latin1').toString('utf8');

export interface LineSink {
  /** A sound record line: as many tokens as the format has names, bad values already `-`. */
  record(format: Format, line: string): void;
  reject(reject: Reject): void;
}

/** Checks one file line by line. Lines come as latin1 text, one character a byte. */
export class LineReader {
  private line = 0;
  private types: ('int' | 'bigint' | 'string')[] = [];
  private format: Format | undefined;
  /** A first column of text may hold a time, which is then not the one that leads a line of an export. */
  private mayBeginWithTime = false;

  /** @param ledByTime every line of the file is led by the time of an export, as its first line was */
  constructor(
    private readonly file: string,
    format: Format | undefined,
    private readonly sink: LineSink,
    private readonly led: { readonly ledByTime: boolean } = { ledByTime: false },
  ) {
    if (format !== undefined) this.use(format);
  }

  private use(format: Format): void {
    this.format = format;
    this.types = format.names.map(athenaTypeOf);
    const [first = ''] = format.names;
    this.mayBeginWithTime = findField(first) === undefined || (!this.led.ledByTime && this.types[0] === 'string');
  }

  private rejectLine(text: string, reason: string): void {
    this.sink.reject({ file: this.file, line: this.line, kind: 'line', reason, text: readable(text) });
  }

  /** Line that was read last, 1-based. */
  get lineNumber(): number {
    return this.line;
  }

  /**
   * One line without its line feed.
   * @param damage why nothing in it can be trusted, a header line no more than a record
   * @param line its number, if lines are not all that is counted
   */
  read(raw: string, damage?: string, line = this.line + 1): void {
    this.line = line;
    const text = withoutMarks(raw.endsWith('\r') ? raw.replace(/\r+$/, '') : raw);
    if (isBlank(text)) return;
    const tokens = this.tokens(text);
    if (text.length > MAX_LINE) return this.rejectLine(text, `longer than ${MAX_LINE} characters`);
    if (NON_ASCII.test(text) && !isUtf8(Buffer.from(text, 'latin1'))) return this.rejectLine(text, 'not valid UTF-8');
    if (damage !== undefined) return this.isHeader(tokens) ? this.doubtfulHeader(tokens) : this.rejectLine(text, damage);
    if (this.isHeader(tokens)) return this.header(text, tokens);
    this.record(text, tokens);
  }

  /** What follows a header line that cannot be trusted can be of any format. */
  private doubtfulHeader(tokens: string[]): void {
    if (this.format !== undefined && !isSameHeader(tokens, this.format)) this.format = undefined;
  }

  private tokens(text: string): string[] {
    const tokens = tokensOf(stripExportTimestamp(text));
    return this.mayBeginWithTime && tokens.length === this.types.length - 1 ? tokensOf(text) : tokens;
  }

  /** A single name is a header line only at the beginning, or where it repeats a header of one name. */
  private isHeader(tokens: readonly string[]): boolean {
    if (!isHeader(tokens)) return false;
    return tokens.length > 1 || this.format === undefined || isSameHeader(tokens, this.format);
  }

  private header(text: string, tokens: string[]): void {
    try {
      this.use(formatOf(tokens));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.format = undefined;
      this.rejectLine(text, `bad header: ${error.message}`);
    }
  }

  private record(text: string, tokens: string[]): void {
    if (this.format === undefined) return this.rejectLine(text, 'no usable header line before it');
    const { names } = this.format;
    if (tokens.length !== names.length) {
      return this.rejectLine(text, wrongColumns(tokens, names));
    }
    for (let i = 0; i < tokens.length; i++) {
      const type = this.types[i];
      const token = tokens[i];
      if (type === undefined || type === 'string' || token === undefined || token === '-') continue;
      const field = names[i] ?? '';
      const fits = fitsInteger(token, type);
      if (fits && (!isTime(field) || canBeTime(token))) continue;
      const expected = fits ? 'a time from the year 1 on' : `${type === 'int' ? 'a 32-bit' : 'a 64-bit'} integer`;
      this.sink.reject({
        file: this.file,
        line: this.line,
        kind: 'value',
        reason: valueReason(field, expected),
        text: readable(token),
        field,
      });
      tokens[i] = '-';
    }
    this.sink.record(this.format, tokens.join(' '));
  }
}

/** Splits chunks into lines; a last line without line feed counts, an empty rest does not. */
export class LineSplitter {
  private rest = '';
  private overlong = false;

  constructor(
    private readonly emit: (line: string) => void,
    private readonly limit = MAX_LINE,
  ) {}

  push(chunk: Buffer): void {
    const text = chunk.toString('latin1');
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      this.emit(this.take(text.slice(from, at)));
      from = at + 1;
    }
    this.keep(text.slice(from));
  }

  /** Gives the line that has only begun; false if there is none. */
  end(): boolean {
    if (this.rest === '') return false;
    this.emit(this.take(''));
    return true;
  }

  /** A line without end must not fill the memory: one character beyond the limit is kept to detect that it is too long. */
  private keep(text: string): void {
    if (this.overlong) return;
    this.rest += text;
    if (this.rest.length > this.limit) {
      this.rest = this.rest.slice(0, this.limit + 1);
      this.overlong = true;
    }
  }

  private take(text: string): string {
    this.keep(text);
    const line = this.rest;
    this.rest = '';
    this.overlong = false;
    return line;
  }
}
