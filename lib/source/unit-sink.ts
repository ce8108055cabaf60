import { promises as fs } from 'node:fs';
import { type Format, formatKey } from '../flow-log/format';
import type { Counts, Ignored } from './kind';
import type { LineSink, Reject } from './lines';
import { needsQuotes, quotedLine, type Spool } from './spool';
import { MAX_SAMPLES } from './unit-result';

export interface RecordSink extends LineSink {
  /** Something that is no record by design. */
  ignore(what: Ignored): void;
}

interface Account {
  readonly rejectedLines: number;
  readonly badValues: number;
  readonly samples: Reject[];
  readonly rejectsFile: string | undefined;
  readonly ignored: Counts<Ignored>;
}

/** Buffers record lines for the spools and writes rejects to a file. */
export class UnitSink implements RecordSink {
  private readonly pending = new Map<string, { format: Format; quoted: boolean; lines: string[] }>();
  private pendingRejects: string[] = [];
  private samples: Reject[] = [];
  private rejectedLines = 0;
  private badValues = 0;
  private readonly ignored: Partial<Record<Ignored, number>> = {};

  constructor(
    private readonly spoolOf: (format: Format, quoted: boolean) => Spool,
    private readonly rejectsPath: string,
  ) {}

  record(format: Format, line: string): void {
    const quoted = needsQuotes(line);
    const key = `${formatKey(format)}${quoted ? ' quoted' : ''}`;
    let entry = this.pending.get(key);
    if (entry === undefined) this.pending.set(key, (entry = { format, quoted, lines: [] }));
    entry.lines.push(quoted ? quotedLine(line) : line);
  }

  /** Lines that were rejected until now. */
  get lines(): number {
    return this.rejectedLines;
  }

  reject(reject: Reject): void {
    if (reject.kind === 'line') this.rejectedLines++;
    else this.badValues++;
    if (this.samples.length < MAX_SAMPLES) this.samples.push(reject);
    this.pendingRejects.push(`${JSON.stringify(reject)}\n`);
  }

  ignore(what: Ignored): void {
    this.ignored[what] = (this.ignored[what] ?? 0) + 1;
  }

  /** Hands on what has gathered; called between chunks. */
  async drain(): Promise<void> {
    for (const { format, quoted, lines } of this.pending.values()) await this.spoolOf(format, quoted).write(`${lines.join('\n')}\n`);
    this.pending.clear();
    if (this.pendingRejects.length > 0) await fs.appendFile(this.rejectsPath, this.pendingRejects.join(''));
    this.pendingRejects = [];
  }

  async end(): Promise<Account> {
    await this.drain();
    const any = this.rejectedLines + this.badValues > 0;
    return {
      rejectedLines: this.rejectedLines,
      badValues: this.badValues,
      samples: this.samples,
      rejectsFile: any ? this.rejectsPath : undefined,
      ignored: this.ignored,
    };
  }
}
