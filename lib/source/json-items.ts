import { fromBytes, NO_UTF8, shown } from './bytes';

/** A piece of a JSON text that stands for itself: an object, or what an array holds. */
export interface JsonItem {
  /** One character a byte. */
  readonly text: string;
  /** 1-based line of its first character. */
  readonly line: number;
  /** Beginning of the object whose array contains it; empty if it is at the top level. */
  readonly header: string;
}

/** Where the items of a text are. */
export interface JsonShape {
  /**
   * Names of arrays whose elements are items, at any depth of an object; an object without such an array is an item itself.
   * `any`: elements of whatever array comes first are items, and nothing else is.
   */
  readonly arrays: ReadonlySet<string> | 'any';
  /** Strings at the top level or in such an array are items too. */
  readonly strings?: true;
}

/** An item without end must not fill the memory; a minute of a busy Azure interface has some megabytes. */
const MAX_ITEM = 16 * 1024 * 1024;
const MAX_HEADER = 16 * 1024;
/** Longer than any key by which items are found again. */
const OVERLAP = 256;
const MAX_KEY = 128;
const MAX_INDENT = 64;
/** Items whose first keys are kept in mind. */
const LEARNED_FROM = 64;

const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9;
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What is open around the items. */
interface Frame {
  readonly kind: 'object' | 'array';
  readonly header: string;
}

/**
 * Cuts a stream of JSON into items without holding more than one: an answer of a busy network does not fit into memory.
 * Documents may follow each other with or without separators, lack an outer brace or have commas too many. Where an item
 * breaks, its text up to the next one is rejected; what an item holds is for its reader to judge.
 */
export class JsonItems {
  private text = '';
  private at = 0;
  private frames: Frame[] = [];
  /** Start of the open item, or of a value that is none (`passing`). */
  private start = -1;
  private passing = false;
  /** Brackets that are open within it. */
  private open: string[] = [];
  /** The significant character before this one: a bracket, comma or colon, `"` for a string, `v` for any other value, empty at the start. */
  private before = '';
  private key = '';
  private pendingKey = '';
  /** First keys of the items so far and whether they stood alone: by them items are found again after a broken one. */
  private learned = 0;
  private readonly openers = new Map<string, boolean>();
  /** What ends the rest of a broken item; undefined while nothing is broken. */
  private until: RegExp | undefined;
  private stray = -1;
  /** White space before the open item, if its line has no other content; the same for the current character. */
  private indent: string | undefined;
  private lead: string | undefined = '';
  private line = 1;
  /** Up to where lines are counted. */
  private counted = 0;
  private feed = -1;
  private last = false;
  private starved = false;
  private gapped = false;

  constructor(
    private readonly shape: JsonShape,
    private readonly emit: (item: JsonItem) => void,
    private readonly reject: (item: JsonItem, reason: string) => void,
  ) {}

  /** Text as latin1, one character a byte. */
  push(chunk: string): void {
    this.drop();
    this.text += chunk;
    this.scan(false);
  }

  /** Something is missing between what was pushed and what will be. */
  gap(): void {
    this.gapped = true;
    this.push('\n');
  }

  end(): void {
    this.drop();
    this.scan(true);
    while (this.start !== -1 && !this.passing) {
      this.broken(this.text.length, 'the text ends inside it');
      this.scan(true);
    }
    if (this.stray !== -1) this.endStray(this.text.length);
    if (this.frames.length > 0 && this.shape.arrays !== 'any' && this.until === undefined && !this.gapped)
      this.reject(
        { text: this.frames[0]?.header ?? '', line: this.line, header: '' },
        'the text ends inside a document: the rest is missing',
      );
  }

  /** Forgets what was dealt with. */
  private drop(): void {
    const kept = [this.start, this.stray].filter((from) => from !== -1);
    const from = kept.length > 0 ? Math.min(...kept) : this.until === undefined ? this.at : Math.max(0, this.text.length - OVERLAP);
    this.countLines(from);
    this.text = this.text.slice(from);
    this.at = Math.max(0, this.at - from);
    this.counted -= from;
    this.feed = -1;
    if (this.start !== -1) this.start -= from;
    if (this.stray !== -1) this.stray -= from;
  }

  private countLines(to: number): void {
    const passed = this.text.slice(this.counted, to);
    for (let at = passed.indexOf('\n'); at !== -1; at = passed.indexOf('\n', at + 1)) this.line++;
    this.counted = Math.max(this.counted, to);
  }

  /** The next line feed; the text's length if there is none yet. */
  private feedAfter(from: number): number {
    if (this.feed < from) {
      const at = this.text.indexOf('\n', from);
      this.feed = at === -1 ? this.text.length : at;
    }
    return this.feed;
  }

  private scan(last: boolean): void {
    this.begin(last);
    while (this.at < this.text.length && !this.starved) {
      if (this.until !== undefined && !this.found(this.until)) return;
      if (this.start !== -1 && this.text.length - this.start > MAX_ITEM && this.at - this.start > MAX_ITEM) {
        this.broken(this.at, `longer than ${MAX_ITEM} bytes`);
        continue;
      }
      const code = this.text.charCodeAt(this.at);
      if (isSpace(code)) {
        if (code === 10 && this.stray !== -1) this.endStray(this.at);
        if (code === 10) this.lead = '';
        else if (this.lead !== undefined && code !== 13)
          this.lead = this.lead.length < MAX_INDENT ? `${this.lead}${this.text[this.at] ?? ''}` : undefined;
        this.at++;
      } else if (code === 34) {
        if (!this.string()) return;
        this.lead = undefined;
      } else {
        this.token(this.text[this.at] ?? '');
        this.lead = undefined;
      }
    }
  }

  private begin(last: boolean): void {
    this.last = last;
    this.starved = false;
  }

  /** Goes on where an item begins again; keeps a little of the text as long as there is none. */
  private found(until: RegExp): boolean {
    until.lastIndex = this.at;
    const match = until.exec(this.text);
    if (match === null) {
      this.at = Math.max(this.at, this.text.length - OVERLAP);
      return false;
    }
    this.at = match.index + match[0].indexOf('{');
    this.lead = match[0].startsWith('\n') ? match[0].slice(1, -1) : undefined;
    this.until = undefined;
    const key = /"(.*)"/.exec(match[0])?.[1];
    if (key !== undefined && this.openers.get(key) === true) this.frames = [];
    this.before = '';
    return true;
  }

  /** Passes over a string; false if its end has not come yet. */
  private string(): boolean {
    const from = this.at;
    let end = from + 1;
    for (;;) {
      end = this.text.indexOf('"', end);
      if (end === -1) break;
      let slashes = 0;
      while (this.text.charCodeAt(end - 1 - slashes) === 92) slashes++;
      if (slashes % 2 === 0) break;
      end++;
    }
    // JSON has no line feed inside a string: a quote is missing.
    const feed = this.feedAfter(from);
    if (feed < this.text.length && (end === -1 || feed < end)) {
      this.broken(feed, 'a string is not closed', this.start === -1 ? from : this.start);
      return true;
    }
    if (end === -1) {
      if (this.text.length - from <= MAX_ITEM && !this.last) return false;
      const reason = this.last ? 'the text ends inside it' : `longer than ${MAX_ITEM} bytes`;
      this.broken(this.text.length, reason, this.start === -1 ? from : this.start);
      return true;
    }
    if (this.start === -1) {
      if (this.stray === -1) this.loneString(from, end + 1);
    } else if (this.before !== '{' && this.before !== '[' && this.before !== ',' && this.before !== ':') {
      this.broken(from, 'a comma or a bracket is missing');
      return true;
    }
    if (end - from <= MAX_KEY) this.key = this.text.slice(from + 1, end);
    else this.key = '';
    this.before = '"';
    this.at = end + 1;
    return true;
  }

  /** A string outside of any item. */
  private loneString(from: number, to: number): void {
    if (this.shape.strings !== true || this.frames.at(-1)?.kind === 'object') return;
    this.countLines(from);
    this.emit({ text: this.text.slice(from, to), line: this.line, header: this.frames.at(-1)?.header ?? '' });
  }

  private token(char: string): void {
    if (this.start !== -1 && this.before === '"' && !',:}]'.includes(char)) return this.broken(this.at, 'a string is not closed');
    switch (char) {
      case '{':
      case '[':
        return this.opening(char);
      case '}':
      case ']':
        return this.closing(char);
      case ':':
        this.pendingKey = this.key;
        break;
      case ',':
        if (this.start !== -1 && '[{:'.includes(this.before)) return this.broken(this.at, 'a value is missing');
        break;
      default:
        return this.value();
    }
    this.before = char;
    this.at++;
  }

  /** A number, a word, or what is no JSON at all. */
  private value(): void {
    if (this.start !== -1) {
      if (this.before === '}' || this.before === ']') return this.broken(this.at, 'a comma or a bracket is missing');
    } else if (this.frames.at(-1)?.kind !== 'object' && this.stray === -1 && this.shape.arrays !== 'any') this.stray = this.at;
    this.before = 'v';
    this.at++;
  }

  private endStray(to: number): void {
    const text = this.text.slice(this.stray, to);
    this.countLines(this.stray);
    this.stray = -1;
    // A byte order mark, as one character a byte.
    if (text.replaceAll('\xef\xbb\xbf', '').trim() !== '') this.reject({ text, line: this.line, header: '' }, 'no JSON object');
  }

  private opening(char: '{' | '['): void {
    if (this.stray !== -1) this.endStray(this.at);
    if (this.start !== -1) {
      if (this.before === '}' || this.before === ']' || this.before === 'v') return this.broken(this.at, 'a comma or a bracket is missing');
      if (this.open.at(-1) === '{' && this.before !== ':') return this.broken(this.at, 'a key is missing');
      if (char === '[' && this.holdsItems()) return this.enter();
      this.open.push(char);
    } else {
      const around = this.frames.at(-1);
      const inObject = around?.kind === 'object';
      if (char === '[' && (around === undefined || (inObject && this.namesItems()))) {
        this.frames.push({ kind: 'array', header: around?.header ?? '' });
      } else {
        this.start = this.at;
        this.indent = this.lead;
        this.passing = inObject;
        this.open = [char];
      }
    }
    this.before = char;
    this.at++;
  }

  private namesItems(): boolean {
    return this.shape.arrays === 'any' || this.shape.arrays.has(this.pendingKey);
  }

  /** Whether the array that begins here, inside of an object, holds the items rather than the object being one. */
  private holdsItems(): boolean {
    if (this.passing || this.before !== ':' || this.open.includes('[')) return false;
    return this.shape.arrays === 'any' ? this.frames.length === 0 : this.shape.arrays.has(this.pendingKey);
  }

  /** The object is no item but holds them. */
  private enter(): void {
    const header = this.text.slice(this.start, Math.min(this.at, this.start + MAX_HEADER));
    this.learn(this.start, this.frames.length === 0);
    this.frames.push(...this.open.map((): Frame => ({ kind: 'object', header })), { kind: 'array', header });
    this.start = -1;
    this.open = [];
    this.before = '[';
    this.at++;
  }

  private closing(char: '}' | ']'): void {
    if (this.stray !== -1) this.endStray(this.at);
    const opener = char === '}' ? '{' : '[';
    if (this.start === -1) {
      const kind = char === '}' ? 'object' : 'array';
      const index = this.frames.findLastIndex((frame) => frame.kind === kind);
      if (index !== -1) this.frames.length = index;
    } else {
      if (this.open.at(-1) !== opener) return this.broken(this.at, `${char} closes nothing`);
      this.open.pop();
      if (this.open.length === 0) {
        this.before = char;
        this.at++;
        return this.give(this.at, undefined);
      }
    }
    this.before = char;
    this.at++;
  }

  private learn(start: number, alone: boolean): void {
    if (this.learned++ > LEARNED_FROM) return;
    const key = /^\{\s*"([^"\\]{1,100})"\s*:/.exec(this.text.slice(start, start + OVERLAP))?.[1];
    if (key !== undefined && this.openers.size < 16 && !this.openers.has(key)) this.openers.set(key, alone);
  }

  private give(to: number, problem: string | undefined): void {
    const { start, passing } = this;
    this.start = -1;
    this.open = [];
    if (passing) return;
    this.countLines(start);
    const item: JsonItem = { text: this.text.slice(start, to), line: this.line, header: this.frames.at(-1)?.header ?? '' };
    if (problem !== undefined) return this.reject(item, problem);
    this.learn(start, this.frames.length === 0);
    this.emit(item);
  }

  /** Rejects the open item; the next one may have begun inside of what was taken for it. */
  private broken(at: number, reason: string, start = this.start): void {
    // Whether the next item began within this one shows a little later.
    if (!this.last && this.text.length - this.at < OVERLAP) {
      this.starved = true;
      return;
    }
    this.start = start;
    this.learn(start, this.frames.length === 0);
    const keys = [...this.openers.keys()].map(escaped).join('|');
    // Without any item before it, any object may be the next one.
    const opener = `\\{\\s*"(?:${keys === '' ? `[^"\\\\]{1,${MAX_KEY}}` : keys})"(?=\\s*:)`;
    this.passing = false;
    const again = lastMatch(new RegExp(opener, 'g'), this.text.slice(start + 1, at + OVERLAP), at - start - 1);
    const next = again === -1 ? at : start + 1 + again;
    this.give(next, reason);
    this.at = next;
    // Objects of pretty-printed text are on successive lines.
    this.until = new RegExp(this.indent === undefined ? opener : `${opener}|\\n${this.indent}\\{`, 'g');
  }
}

function lastMatch(pattern: RegExp, text: string, before: number): number {
  let last = -1;
  for (const { index } of text.matchAll(pattern)) if (index < before) last = index;
  return last;
}

/** What an item says, or why it says nothing; `raw` is its text. */
export function readItem(bytes: string): { raw: string; value: unknown } | { raw: string; reason: string } {
  const raw = fromBytes(bytes);
  if (raw === undefined) return { raw: shown(bytes), reason: NO_UTF8 };
  try {
    return { raw, value: parse(exact(raw)) };
  } catch (error) {
    return { raw, reason: (error as Error).message };
  }
}

/** Digits beyond the exact range of a JavaScript number, outside of strings. */
const LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** Integers that a number would round become texts. */
const exact = (text: string): string =>
  /\d{16}/.test(text)
    ? text.replace(LONG_INTEGER, (token) => (token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`))
    : text;

/** A comma before a closing brace, which a service's documentation may show, is forgiven. @throws SyntaxError for anything else */
function parse(text: string): unknown {
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
