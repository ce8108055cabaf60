import { recogniseField } from '../../flow-log/fields';
import { type Format, FormatError, formatOf, parseFormat } from '../../flow-log/format';
import { toBytes } from '../bytes';
import { type Damage, damageText } from '../decode';
import { tokenOf, type Value } from '../foreign/lines';
import { looksLikeDefaultFormat, tokensOf } from '../header';
import { LineReader, MAX_SAMPLE } from '../lines';
import type { RecordSink } from '../unit-sink';

/** A file that holds no flow logs after all. */
export class NoFlowLogsError extends Error {
  override name = 'NoFlowLogsError';
}

/** Values of AWS may hold percent codes already. */
const WHITE_SPACE = /[\t-\r ]/g;

/** Where something stood in the file, and what it said. */
interface Place {
  readonly text: string;
  readonly line: number;
}

/** Events by whose messages a format is judged, and things that are no events until a file is given up. */
const SAMPLE = 100;

/**
 * What AWS's own plumbing carries flow logs in, taken apart: messages, which are lines without a header, and rows, which name
 * their columns. Numbers say where in the file each stood.
 */
export class Events {
  private readonly readers = new Map<string, LineReader>();
  private messages: LineReader | undefined;
  private held: { text: string; line: number }[] = [];
  private strangers: { line: number; text: string; reason: string }[] = [];
  private any = false;

  /** @param headless format of messages, if the user said it; else the default format, if most of the first ones fit it */
  constructor(
    private readonly file: string,
    private readonly sink: RecordSink,
    headless: Format | undefined,
  ) {
    if (headless !== undefined) this.messages = new LineReader(file, headless, sink);
  }

  /** Whether the format of messages was guessed from their values only. */
  assumed = false;

  message(text: string, line: number): void {
    if (text.startsWith('CWL CONTROL MESSAGE:')) return this.control();
    for (const bare of text.includes('\n') ? text.split(/\r?\n/).filter((part) => part !== '') : [text]) {
      if (this.messages !== undefined) this.read(this.messages, bare, line);
      else if (this.held.push({ text: bare, line }) === SAMPLE) this.decide();
    }
  }

  /** Whether the names in a header line can be columns; where they cannot, it is said. What has them is a flow log, whatever follows. */
  areColumns(names: readonly string[], at: Place): boolean {
    if (this.readerOf(names, at) === undefined) return false;
    this.sound();
    return true;
  }

  /** A row of values under names of AWS's fields, in any of their spellings. */
  row(names: readonly string[], values: readonly Value[], at: Place): void {
    const reader = this.readerOf(names, at);
    if (reader !== undefined) this.read(reader, values.map((value) => tokenOf(value, WHITE_SPACE)).join(' '), at.line);
  }

  private readerOf(names: readonly string[], { text, line }: Place): LineReader | undefined {
    const key = names.join(' ');
    const known = this.readers.get(key);
    if (known !== undefined) return known;
    try {
      const reader = new LineReader(this.file, formatOf(names), this.sink);
      this.readers.set(key, reader);
      return reader;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.stranger(text, line, `bad header: ${error.message}`);
      return undefined;
    }
  }

  /** A message of the service's own, not of a flow log. */
  control(): void {
    this.sound();
    this.sink.ignore('control-message');
  }

  /** Something that is no event. @throws NoFlowLogsError if nothing else was in the file so far */
  stranger(text: string, line: number, reason: string): void {
    if (this.any) return this.reject({ text, line, reason });
    this.strangers.push({ text, line, reason });
    if (this.strangers.length === SAMPLE) this.refuse();
  }

  damaged(damage: Damage): void {
    this.stranger('', 1, damageText(damage));
  }

  end(): void {
    if (this.held.length > 0) this.decide();
    if (!this.any && this.strangers.length > 0) this.refuse();
  }

  private refuse(): never {
    const [first] = this.strangers;
    throw new NoFlowLogsError(first?.reason);
  }

  private sound(): void {
    this.any = true;
    for (const stranger of this.strangers) this.reject(stranger);
    this.strangers = [];
  }

  private reject({ text, line, reason }: { line: number; text: string; reason: string }): void {
    this.sink.reject({ file: this.file, line, kind: 'line', reason, text: text.slice(0, MAX_SAMPLE) });
  }

  private read(reader: LineReader, text: string, line: number): void {
    this.sound();
    reader.read(toBytes(text), undefined, line);
  }

  private decide(): void {
    const fitting = this.held.filter(({ text }) => looksLikeDefaultFormat(tokensOf(text))).length;
    if (fitting * 2 <= this.held.length)
      throw new NoFlowLogsError("events of a custom format have no header: set --log-format '<the ${…} string of the flow log>'");
    this.assumed = true;
    this.messages = new LineReader(this.file, parseFormat('default'), this.sink);
    const { held } = this;
    this.held = [];
    for (const { text, line } of held) this.read(this.messages, text, line);
  }
}

/** Whether columns are those of flow logs: the addresses, or an interface and whether its records are complete. */
export function namesRecords(columns: readonly string[]): boolean {
  const known = new Set(columns.flatMap((column) => recogniseField(column)?.name ?? []));
  return (
    known.size >= 2 &&
    (known.has('srcaddr') || known.has('dstaddr') || known.has('pkt-srcaddr') || (known.has('interface-id') && known.has('log-status')))
  );
}
