import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { type Format, formatKey } from '../flow-log/format';
import type { ForeignSource } from '../flow-log/foreign';
import { LineCutter } from './cut';
import { type Damage, damageText, decode, type Examined, examine, HEAD_BYTES, type Section } from './decode';
import type { Database } from './duckdb';
import { DamageError, IrregularError, SourceError } from './errors';
import { csvEvents } from './events/csv';
import { Events, NoFlowLogsError } from './events/events';
import { jsonEvents } from './events/json';
import { textEvents } from './events/text';
import { ForeignLines } from './foreign/lines';
import type { FileReader, UnitReading } from './foreign/reader';
import { textSource } from './foreign/registry';
import { type InputFile, nameOf } from './input';
import type { Kind } from './kind';
import { LineReader, LineSplitter } from './lines';
import { type Hints, sniff, sniffExamined, sniffHead, type Sniffed } from './sniff';
import { hasSentinel, keptColumns, type Part, Spool } from './spool';
import type { Unit } from './unit';
import { type Elsewhere, SOUND, type UnitResult } from './unit-result';
import { UnitSink } from './unit-sink';

export interface IngestOptions extends Hints {
  /** SQL names of the columns to keep; all if undefined. All are checked, whichever are kept. */
  readonly columns: ReadonlySet<string> | undefined;
  /** Folder for temporary text. */
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
}

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

/** Properties of the files of a unit, in addition to records. */
class Outcome {
  readonly found = {
    emptyFiles: [] as string[],
    skippedFiles: [] as { path: string; why: string }[],
    assumedFiles: [] as string[],
    elsewhere: [] as Elsewhere[],
    kinds: {} as Partial<Record<Kind, number>>,
  };

  is(file: InputFile, kind: Kind, assumed = false): void {
    this.found.kinds[kind] = (this.found.kinds[kind] ?? 0) + 1;
    if (assumed) this.found.assumedFiles.push(nameOf(file));
  }

  isEmpty(file: InputFile): void {
    this.found.emptyFiles.push(nameOf(file));
  }

  isElsewhere(file: InputFile, as: Elsewhere['as']): void {
    this.found.elsewhere.push({ name: nameOf(file), as });
  }

  /** @throws SourceError for a file that the user named */
  refuse(file: InputFile, why: string): void {
    if (file.explicit) throw new SourceError(`${file.shown ?? file.path}: ${why}`);
    this.found.skippedFiles.push({ path: nameOf(file), why });
  }
}

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
    const outcome = new Outcome();
    try {
      const whole = await this.wholeUnit();
      if (whole !== undefined) return whole;
      for (const file of this.unit.files) await this.copyText(file, outcome);
      return { ...SOUND, parts: await this.end(), ...outcome.found };
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** A unit of a source that is read all at once, if its first file is of one. */
  private async wholeUnit(): Promise<UnitResult | undefined> {
    const [first] = this.unit.files;
    if (first === undefined) return undefined;
    const sniffed = await sniff(first.path, this.options);
    const whole = sniffed.kind === 'foreign' ? textSource(sniffed.source)?.whole : undefined;
    if (sniffed.kind !== 'foreign' || whole === undefined) return undefined;
    const parts = await whole(this.db, this.unit.files, this.out);
    return { ...SOUND, parts, kinds: { [sniffed.source]: this.unit.files.length } };
  }

  /** Copies the lines of a regular file to the spool of its format. */
  private async copyText(file: InputFile, outcome: Outcome): Promise<void> {
    let to: { spool: Spool; cutter: LineCutter } | undefined;
    for await (const chunk of decode(file.path, this.options.signal)) {
      let bytes = chunk;
      if (to === undefined) {
        const sniffed = sniffHead(chunk.subarray(0, HEAD_BYTES), this.options);
        if (sniffed.kind === 'elsewhere') {
          return outcome.isElsewhere(file, sniffed.as);
        }
        const { format, skip } = regularFormat(sniffed);
        const spool = this.spool(format, keptColumns(format, this.options.columns));
        to = { spool, cutter: new LineCutter(format, spool.kept) };
        bytes = chunk.subarray(skip);
      }
      for (const lines of to.cutter.push(bytes)) await to.spool.write(lines);
    }
    if (to === undefined) return outcome.isEmpty(file);
    for (const lines of to.cutter.end()) await to.spool.write(lines);
    outcome.is(file, 'aws');
  }

  async lineByLine(): Promise<UnitResult> {
    for (const stale of await fs.readdir(this.out)) await fs.rm(join(this.out, stale));
    const sink = new UnitSink((format, quoted) => this.spool(format, format.names, quoted), join(this.out, 'rejects.ndjson'));
    const outcome = new Outcome();
    const foreign = new Map<ForeignSource, UnitReading>();
    try {
      for (const file of this.unit.files) await this.readFile(file, { sink, outcome, foreign });
      const more: Part[] = [];
      for (const reading of foreign.values()) more.push(...(await reading.end()));
      const account = await sink.end();
      return { ...SOUND, ...account, ...outcome.found, parts: [...(await this.end()), ...more] };
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  private async readFile(
    file: InputFile,
    { sink, outcome, foreign }: { sink: UnitSink; outcome: Outcome; foreign: Map<ForeignSource, UnitReading> },
  ): Promise<void> {
    const quick = await sniff(file.path, this.options);
    // The reader that unwraps the file verifies its checksums.
    if (quick.kind === 'elsewhere') return outcome.isElsewhere(file, quick.as);
    const examined = await examine(file.path, this.options.signal);
    const sniffed = sniffExamined(examined, this.options);
    switch (sniffed.kind) {
      case 'empty':
        return outcome.isEmpty(file);
      case 'unknown':
        return outcome.refuse(file, sniffed.why);
      case 'elsewhere':
        return outcome.isElsewhere(file, sniffed.as);
      case 'foreign': {
        outcome.is(file, sniffed.source);
        const lines = new ForeignLines(sniffed.source, nameOf(file), sink);
        return this.readText(examined, this.reading(sniffed.source, foreign).file(file, lines), sink);
      }
      case 'events':
        return this.readEvents({ file, examined, form: sniffed.form }, sink, outcome);
      case 'text':
      case 'beheaded':
        outcome.is(file, 'aws');
        // A header line in damaged data is ignored: then the format of the user applies.
        return this.readLines(file, examined, new LineReader(nameOf(file), this.options.headless, sink), sink);
      case 'cloudwatch-export':
        outcome.is(file, 'cloudwatch-export', sniffed.assumed);
        return this.readLines(file, examined, new LineReader(nameOf(file), sniffed.format, sink, { ledByTime: true }), sink);
    }
  }

  private reading(source: ForeignSource, foreign: Map<ForeignSource, UnitReading>): UnitReading {
    const reading = foreign.get(source) ?? textSource(source)?.open({ db: this.db, scratch: this.options.scratch, out: this.out });
    if (reading === undefined) throw new Error(`${source} is not text`);
    foreign.set(source, reading);
    return reading;
  }

  private async readEvents(
    { file, examined, form }: { file: InputFile; examined: Examined; form: Extract<Sniffed, { kind: 'events' }>['form'] },
    sink: UnitSink,
    outcome: Outcome,
  ): Promise<void> {
    const { headless } = this.options;
    const events = new Events(nameOf(file), sink, headless);
    const readers = {
      json: () => jsonEvents(events),
      messages: () => csvEvents(events),
      rows: () => csvEvents(events),
      text: () => textEvents(events, headless),
    };
    try {
      await this.readText(examined, readers[form](), sink);
    } catch (error) {
      if (!(error instanceof NoFlowLogsError)) throw error;
      return outcome.refuse(file, error.message);
    }
    outcome.is(file, form === 'rows' ? 'csv' : 'events', events.assumed);
  }

  /** Hands the text of a file on, as far as it can be trusted. */
  private async readText(examined: Examined, reader: FileReader, sink: UnitSink): Promise<void> {
    for await (const { damage, chunks } of examined.sections()) {
      if (damage !== undefined) {
        reader.damaged(damage);
        continue;
      }
      for await (const chunk of chunks) {
        this.options.signal?.throwIfAborted();
        reader.push(chunk);
        await sink.drain();
      }
    }
    await reader.end();
    await sink.drain();
  }

  private async readLines(file: InputFile, examined: Examined, reader: LineReader, sink: UnitSink): Promise<void> {
    const lines = new DamagedLines(nameOf(file), reader, sink);
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

/** Format of regular text and the length of its header line. @throws IrregularError for anything else */
function regularFormat(sniffed: Sniffed): { format: Format; skip: number } {
  if (sniffed.kind !== 'text' || !sniffed.regular || !hasSentinel(sniffed.format)) throw new IrregularError(sniffed.kind);
  return { format: sniffed.format, skip: sniffed.header === undefined ? 0 : sniffed.header.length + 1 };
}
