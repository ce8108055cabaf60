import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { athenaTypeOf, type Format } from '../flow-log/format';
import { packageRoot } from '../package-root';
import { IrregularError } from './errors';
import { MAX_LINE } from './lines';

/** See wasm/cut.ts. */
type CutFunction = (columns: number, count: number, input: number, length: number, maxLine: number, output: number) => number;

/** Small enough for a core's own cache, large enough that calls cost nothing. */
const PIECE_BYTES = 256 * 1024;
const PAGE_BYTES = 64 * 1024;

const COLUMNS_AT = 0;
const INPUT_AT = PAGE_BYTES;
const OUTPUT_AT = INPUT_AT + PIECE_BYTES;
/** What may be read or written beyond the end of a text. */
const MARGIN_BYTES = PAGE_BYTES;

const LINE_FEED = 10;

/** Digits that the type holds whatever they are, and that the check can look at in one go. Longer ones are for the line reader. */
const DIGITS = { int: 9, bigint: 16, string: 0 } as const;

let loaded: { memory: Uint8Array; cut: CutFunction } | undefined;

function load(): { memory: Uint8Array; cut: CutFunction } {
  const memory = new WebAssembly.Memory({ initial: (OUTPUT_AT + PIECE_BYTES + MARGIN_BYTES) / PAGE_BYTES });
  const module = new WebAssembly.Module(readFileSync(join(packageRoot(), 'dist', 'cut.wasm')));
  const { cut } = new WebAssembly.Instance(module, { env: { memory } }).exports as { cut: CutFunction };
  return { memory: new Uint8Array(memory.buffer), cut };
}

/**
 * Checks regular lines of a format and cuts them down to some of its columns, in WebAssembly (2 GB of text a second). What it lets
 * pass, {@link LineReader} would read as records without invalid values; lines that it refuses are left to that reader.
 */
export class LineCutter {
  private readonly columns: Uint8Array;
  /** A line that has only begun. */
  private rest: Uint8Array = new Uint8Array(0);

  /** @param kept names of the format, in its order, at least one */
  constructor(format: Format, kept: readonly string[]) {
    this.columns = Uint8Array.from(format.names, (name) => (DIGITS[athenaTypeOf(name)] << 1) | (kept.includes(name) ? 1 : 0));
  }

  /**
   * The lines that end in a chunk of text, cut; a piece is valid until the next one is requested, or another reader cuts.
   * @throws IrregularError
   */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    if (this.rest.length > 0) {
      at = chunk.indexOf(LINE_FEED) + 1;
      this.keep(at === 0 ? chunk : chunk.subarray(0, at));
      if (at === 0) return;
      yield this.cut(this.rest);
      this.rest = new Uint8Array(0);
    }
    while (at < chunk.length) {
      const piece = chunk.subarray(at, at + PIECE_BYTES);
      const length = piece.lastIndexOf(LINE_FEED) + 1;
      if (length === 0) return this.keep(piece);
      yield this.cut(piece.subarray(0, length));
      at += length;
    }
  }

  /** A last line without line feed. @throws IrregularError */
  *end(): Generator<Uint8Array> {
    if (this.rest.length > 0) yield this.cut(Buffer.concat([this.rest, Uint8Array.of(LINE_FEED)]));
  }

  private keep(part: Uint8Array): void {
    if (this.rest.length + part.length > MAX_LINE) throw new IrregularError('a long line');
    this.rest = Buffer.concat([this.rest, part]);
  }

  private cut(lines: Uint8Array): Uint8Array {
    const { memory, cut } = (loaded ??= load());
    memory.set(this.columns, COLUMNS_AT);
    memory.set(lines, INPUT_AT);
    const size = cut(COLUMNS_AT, this.columns.length, INPUT_AT, lines.length, MAX_LINE, OUTPUT_AT);
    if (size < 0) throw new IrregularError('not regular text');
    return memory.subarray(OUTPUT_AT, OUTPUT_AT + size);
  }
}
