import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Format, formatKey, parseFormat } from '../flow-log/format';
import type { ForeignSource } from '../flow-log/foreign';
import { readEventMessages } from './cloudwatch';
import { LineCutter } from './cut';
import { type Damage, damageText, decode, type Examined, examine, HEAD_BYTES, type Section } from './decode';
import type { Database } from './duckdb';
import { DamageError, IrregularError, SourceError } from './errors';
import { ForeignLines } from './foreign-lines';
import { looksLikeDefaultFormat, tokensOf } from './header';
import { IbmObjects, readIbmObjects } from './ibm';
import type { InputFile } from './input';
import { jcsReader } from './jcs';
import { JsonObjects } from './json-objects';
import { LineReader, type LineSink, LineSplitter, type Reject } from './lines';
import { SkydiveFlows } from './skydive';
import { type Hints, sniff, sniffExamined, sniffHead, type Sniffed } from './sniff';
import { hasSentinel, keptColumns, needsQuotes, type Part, quotedLine, Spool } from './spool';
import type { Unit } from './unit';

/** What one unit gave: records in Parquet parts and everything that is no record. Paths are absolute, as the cache may outlive a working folder. */
export interface UnitResult {
  readonly parts: readonly Part[];
  /** Lines that are no records. */
  readonly rejectedLines: number;
  /** Values read as NULL because they do not fit their field. */
  readonly badValues: number;
  /** The first few rejects; all are in `rejectsFile`. */
  readonly samples: readonly Reject[];
  /** One JSON object a line; undefined if there is none. */
  readonly rejectsFile: string | undefined;
  readonly emptyFiles: readonly string[];
  /** Files of a folder that are no flow logs. */
  readonly skippedFiles: readonly { readonly path: string; readonly why: string }[];
  /** Files of header-less events that were taken for the default format. */
  readonly assumedFiles: readonly string[];
}

export interface IngestOptions extends Hints {
  /** SQL names of the columns to keep; all if undefined. All are checked, whichever are kept. */
  readonly columns: ReadonlySet<string> | undefined;
  /** Folder for temporary text. */
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
}

export const MAX_SAMPLES = 20;

/**
 * Reads a unit into Parquet files in `out`. Regular text is checked and cut in one go; whatever is irregular in any way
 * makes the unit be read again line by line, where every case has one place.
 * @throws SourceError when a file that the user named is no flow log
 */
export async function ingest(db: Database, unit: Unit, out: string, options: IngestOptions): Promise<UnitResult> {
  const reader = new UnitReader(db, unit, out, options);
  try {
    return await reader.fast();
  } catch (error) {
    if (!(error instanceof IrregularError || error instanceof DamageError)) throw error;
    return await reader.lineByLine();
  }
}

/** A unit in which everything was a record. */
export const SOUND: UnitResult = {
  parts: [],
  rejectedLines: 0,
  badValues: 0,
  samples: [],
  rejectsFile: undefined,
  emptyFiles: [],
  skippedFiles: [],
  assumedFiles: [],
};

interface Opened {
  readonly file: InputFile;
  readonly examined: Examined;
}

const isIbm = (sniffed: Sniffed) => sniffed.kind === 'foreign' && sniffed.source === 'ibm';

class UnitReader {
  private spools = new Map<string, Spool>();

  constructor(
    private readonly db: Database,
    private readonly unit: Unit,
    private readonly out: string,
    private readonly options: IngestOptions,
  ) {}

  private spool(format: Format, kept: readonly string[], quoted = false): Spool {
    const key = `${formatKey(format)}${quoted ? ' quoted' : ''}`;
    let spool = this.spools.get(key);
    if (spool === undefined) {
      spool = new Spool(this.db, format, kept, { scratch: this.options.scratch, out: this.out, quoted });
      this.spools.set(key, spool);
    }
    return spool;
  }

  private async end(): Promise<Part[]> {
    const parts: Part[] = [];
    for (const spool of this.spools.values()) parts.push(...(await spool.end()));
    return parts;
  }

  private discard(): void {
    for (const spool of this.spools.values()) spool.discard();
    this.spools = new Map();
  }

  async fast(): Promise<UnitResult> {
    const emptyFiles: string[] = [];
    try {
      const [first] = this.unit.files;
      if (first !== undefined && isIbm(await sniff(first.path, this.options)))
        return { ...SOUND, parts: await readIbmObjects(this.db, this.unit.files, this.out) };
      for (const file of this.unit.files) {
        if (!(await this.copyText(file))) emptyFiles.push(resolve(file.path));
      }
      const parts = await this.end();
      return { ...SOUND, parts, emptyFiles };
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Copies the lines of a regular file to the spool of its format; false if there are none. */
  private async copyText(file: InputFile): Promise<boolean> {
    let to: { spool: Spool; cutter: LineCutter } | undefined;
    for await (const chunk of decode(file.path, this.options.signal)) {
      let bytes = chunk;
      if (to === undefined) {
        const { format, skip } = regularFormat(sniffHead(chunk.subarray(0, HEAD_BYTES), this.options));
        const spool = this.spool(format, keptColumns(format, this.options.columns));
        to = { spool, cutter: new LineCutter(format, spool.kept) };
        bytes = chunk.subarray(skip);
      }
      for (const lines of to.cutter.push(bytes)) await to.spool.write(lines);
    }
    if (to === undefined) return false;
    for (const lines of to.cutter.end()) await to.spool.write(lines);
    return true;
  }

  async lineByLine(): Promise<UnitResult> {
    for (const stale of await fs.readdir(this.out)) await fs.rm(join(this.out, stale));
    const sink = new UnitSink((format, quoted) => this.spool(format, format.names, quoted), join(this.out, 'rejects.ndjson'));
    const outcome = { emptyFiles: [] as string[], skippedFiles: [] as { path: string; why: string }[], assumedFiles: [] as string[] };
    const foreign = new ForeignUnit(this.db, this.options.scratch, this.out);
    try {
      for (const file of this.unit.files) {
        const examined = await examine(file.path, this.options.signal);
        const sniffed = sniffExamined(examined, this.options);
        if (sniffed.kind === 'foreign') await this.readForeign({ file, examined }, sniffed, foreign, sink);
        else if (sniffed.kind === 'empty') outcome.emptyFiles.push(resolve(file.path));
        else if (sniffed.kind === 'unknown') outcome.skippedFiles.push(refuse(file, sniffed.why));
        else if (sniffed.kind === 'json') await this.readEvents(file, sink, outcome);
        else {
          if (sniffed.kind === 'cloudwatch-export' && sniffed.assumed) outcome.assumedFiles.push(resolve(file.path));
          // A header line that stands in what is damaged says nothing: then the user's word holds.
          const told = sniffed.kind === 'cloudwatch-export' ? sniffed.format : this.options.headless;
          const reader = new LineReader(resolve(file.path), told, sink, { ledByTime: sniffed.kind === 'cloudwatch-export' });
          await this.readLines({ file, examined }, reader, sink);
        }
      }
      const flat = await foreign.end();
      const { rejectedLines, badValues, samples, rejectsFile } = await sink.end();
      return { parts: [...(await this.end()), ...flat], rejectedLines, badValues, samples, rejectsFile, ...outcome };
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  private async readEvents(
    file: InputFile,
    sink: UnitSink,
    outcome: { skippedFiles: { path: string; why: string }[]; assumedFiles: string[] },
  ): Promise<void> {
    let messages: readonly string[];
    let damage: Damage | undefined;
    try {
      ({ messages, damage } = await readEventMessages(file.path));
    } catch (error) {
      if (!(error instanceof SourceError) || file.explicit) throw error;
      outcome.skippedFiles.push({ path: resolve(file.path), why: error.message.slice(file.path.length + 2) });
      return;
    }
    const format = this.options.headless ?? assumedFormat(messages);
    if (format === undefined) {
      outcome.skippedFiles.push(
        refuse(file, "events of a custom format carry no header: say --log-format '<the ${…} string of the flow log>'"),
      );
      return;
    }
    if (this.options.headless === undefined) outcome.assumedFiles.push(resolve(file.path));
    if (damage !== undefined) sink.reject({ file: resolve(file.path), line: 1, kind: 'line', reason: damageText(damage), text: '' });
    const reader = new LineReader(resolve(file.path), format, sink);
    for (const message of messages) reader.read(Buffer.from(message.replaceAll('\n', ' '), 'utf8').toString('latin1'));
    await sink.drain();
  }

  private async readForeign(
    { file, examined }: Opened,
    { source, array }: { source: ForeignSource; array: boolean },
    unit: ForeignUnit,
    sink: UnitSink,
  ): Promise<void> {
    const lines = new ForeignLines(source, resolve(file.path), sink);
    if (source === 'ibm') {
      await unit.ibm.read(file, lines);
    } else {
      const { push, end } = source === 'jcs' ? textOf(jcsReader(lines)) : unit.skydiveReader(lines, array);
      for await (const { damage, chunks } of examined.sections()) {
        if (damage !== undefined) {
          lines.badLine(1, '', damageText(damage));
          // Whatever was cut there does not go on behind it.
          push(LINE_FEED);
        } else {
          for await (const chunk of chunks) {
            push(chunk);
            await sink.drain();
          }
        }
      }
      end();
    }
    await sink.drain();
  }

  private async readLines({ file, examined }: Opened, reader: LineReader, sink: UnitSink): Promise<void> {
    const lines = new DamagedLines(resolve(file.path), reader, sink);
    for await (const section of examined.sections()) {
      lines.begin(section);
      for await (const chunk of section.chunks) {
        this.options.signal?.throwIfAborted();
        lines.push(chunk);
        await sink.drain();
      }
    }
    lines.close();
    await sink.drain();
  }
}

const LINE_FEED = Buffer.from('\n');

/** Lines of a file in sections: what is damaged is rejected, and so is a line of which a part is. */
class DamagedLines {
  private readonly splitter: LineSplitter;
  private damage: Damage | undefined;
  /** Trusted text broke off within a line: the line that follows the damage may be the rest of another. */
  private cut = false;
  private counted = 0;

  constructor(
    private readonly file: string,
    private readonly reader: LineReader,
    private readonly sink: UnitSink,
  ) {
    this.splitter = new LineSplitter((line) => {
      if (this.damage !== undefined) return this.reader.read(line, `${this.damage.reason} at byte ${this.damage.offset} of the file`);
      this.reader.read(line, this.cut ? 'may be the rest of a line that began in damaged bytes' : undefined);
      this.cut = false;
    });
  }

  begin({ damage }: Section): void {
    this.end();
    if (damage?.trailing === true) this.splitter.end();
    this.damage = damage;
    this.counted = this.sink.lines;
    if (damage !== undefined && this.splitter.end()) this.cut = true;
  }

  push(chunk: Buffer): void {
    this.splitter.push(chunk);
  }

  /** Ends a damaged section: it counts for one line at least. */
  end(): void {
    if (this.damage === undefined) return;
    this.splitter.end();
    if (this.sink.lines === this.counted)
      this.sink.reject({
        file: this.file,
        line: Math.max(1, this.reader.lineNumber),
        kind: 'line',
        reason: damageText(this.damage),
        text: '',
      });
    this.damage = undefined;
  }

  /** Ends the file. */
  close(): void {
    this.end();
    this.splitter.end();
  }
}

const textOf = (objects: JsonObjects) => ({
  push: (chunk: Buffer) => objects.push(chunk.toString('latin1')),
  end: () => objects.end(),
});

/** What flow logs of other clouds share within a unit. */
class ForeignUnit {
  private ibmObjects: IbmObjects | undefined;
  private readonly skydive = new SkydiveFlows();

  constructor(
    private readonly db: Database,
    private readonly scratch: string,
    private readonly out: string,
  ) {}

  get ibm(): IbmObjects {
    return (this.ibmObjects ??= new IbmObjects(this.db, this.scratch, this.out));
  }

  skydiveReader(lines: ForeignLines, array: boolean): { push: (chunk: Buffer) => void; end: () => void } {
    const utf8 = (latin1: string) => Buffer.from(latin1, 'latin1').toString('utf8');
    if (array)
      return textOf(
        new JsonObjects(
          ({ text, line }) => this.skydive.read(lines, line, utf8(text)),
          ({ text, line }, reason) => lines.badLine(line, utf8(text), `not valid JSON: ${reason}`),
        ),
      );
    let line = 0;
    const splitter = new LineSplitter((text) => {
      line++;
      if (text.trim() !== '') this.skydive.read(lines, line, utf8(text));
    });
    return { push: (chunk) => splitter.push(chunk), end: () => splitter.end() };
  }

  async end(): Promise<Part[]> {
    this.skydive.end();
    return (await this.ibmObjects?.end()) ?? [];
  }
}

/** Format of regular text and the length of its header line. @throws IrregularError for anything else */
function regularFormat(sniffed: Sniffed): { format: Format; skip: number } {
  if (sniffed.kind !== 'text' || !sniffed.regular || !hasSentinel(sniffed.format)) throw new IrregularError(sniffed.kind);
  return { format: sniffed.format, skip: sniffed.header === undefined ? 0 : sniffed.header.length + 1 };
}

function assumedFormat(messages: readonly string[]): Format | undefined {
  return messages.every((message) => looksLikeDefaultFormat(tokensOf(message))) ? parseFormat('default') : undefined;
}

function refuse(file: InputFile, why: string): { path: string; why: string } {
  if (file.explicit) throw new SourceError(`${file.path}: ${why}`);
  return { path: resolve(file.path), why };
}

/** Buffers record lines for the spools and writes rejects to a file. */
class UnitSink implements LineSink {
  private pending = new Map<string, { format: Format; quoted: boolean; lines: string[] }>();
  private pendingRejects: string[] = [];
  private samples: Reject[] = [];
  private rejectedLines = 0;
  private badValues = 0;

  /** Rejected until now. */
  get lines(): number {
    return this.rejectedLines;
  }

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

  reject(reject: Reject): void {
    if (reject.kind === 'line') this.rejectedLines++;
    else this.badValues++;
    if (this.samples.length < MAX_SAMPLES) this.samples.push(reject);
    this.pendingRejects.push(`${JSON.stringify(reject)}\n`);
  }

  /** Hands on what has gathered; called between chunks. */
  async drain(): Promise<void> {
    for (const { format, quoted, lines } of this.pending.values()) {
      await this.spoolOf(format, quoted).write(`${lines.join('\n')}\n`);
    }
    this.pending.clear();
    if (this.pendingRejects.length > 0) await fs.appendFile(this.rejectsPath, this.pendingRejects.join(''));
    this.pendingRejects = [];
  }

  async end(): Promise<{ rejectedLines: number; badValues: number; samples: Reject[]; rejectsFile: string | undefined }> {
    await this.drain();
    const any = this.rejectedLines + this.badValues > 0;
    return {
      rejectedLines: this.rejectedLines,
      badValues: this.badValues,
      samples: this.samples,
      rejectsFile: any ? this.rejectsPath : undefined,
    };
  }
}
