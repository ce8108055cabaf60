import * as fs from 'node:fs/promises';
import type { Column } from '../lib/analysis/schema';
import type { Row, Value } from '../lib/analysis/columns';
import type { ResultColumn } from '../lib/engine/engine';
import { labelled, namingOf } from '../lib/inventory/decorate';
import type { Names } from '../lib/inventory/names';
import { isTerminal, stdoutColour } from './colours';
import { type Draft, draftOf } from './draft';
import type { RowFormat } from './answer-options';
import { OutputClosed } from './interrupt';
import { COLUMN_UNITS, humanCount, humanValue, type Unit, visibleJson, withoutControls } from '../lib/analysis/human';
import { markdownText } from '../lib/analysis/markdown';
import { notice } from './say';
import { table } from './table';
import { rowShown, shownIn } from './time';

/** Columns with what tables use: the unit, and whether a value must stay whole. */
export type OutputColumn = ResultColumn & { readonly unit?: Unit | undefined; readonly whole?: boolean | undefined };

export const withUnits = (columns: readonly ResultColumn[], known: readonly Column[] = []): OutputColumn[] =>
  columns.map((column) => ({ ...column, unit: known.find(({ name }) => name === column.name)?.unit ?? COLUMN_UNITS[column.name] }));

/** What became of standard output. */
export const outputError = (error: Error): Error =>
  (error as NodeJS.ErrnoException).code === 'EPIPE'
    ? new OutputClosed('standard output is closed')
    : Object.assign(error, { path: 'standard output' });

/** Where the data goes: standard output, or a file that appears only when it is whole. */
export class Target {
  private opened: Promise<{ draft: Draft; file: fs.FileHandle }> | undefined;

  constructor(
    private readonly path: string | undefined,
    private readonly quiet: boolean | undefined,
  ) {}

  get isTerminal(): boolean {
    return this.path === undefined && isTerminal(process.stdout);
  }

  /** Settles once the text is where it goes, so that a reader who has gone or a full disk ends the work. */
  async write(text: string): Promise<void> {
    const { path } = this;
    if (path !== undefined) return this.whole(path, async () => (await this.open(path)).file.appendFile(text));
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(this.isTerminal ? visibleJson(text) : text, (error) => (error ? reject(outputError(error)) : resolve()));
    });
  }

  /** `what`: how much a file holds. */
  async end(what?: string): Promise<void> {
    const { path } = this;
    if (path === undefined) return;
    await this.whole(path, async () => {
      const { draft, file } = await this.open(path);
      await file.close();
      await draft.publish();
    });
    notice(`Wrote ${what === undefined ? '' : `${what} to `}${path}.`, this.quiet);
  }

  private open(path: string): Promise<{ draft: Draft; file: fs.FileHandle }> {
    return (this.opened ??= draftOf(path).then(async (draft) => ({ draft, file: await fs.open(draft.path, 'w') })));
  }

  /** If a step fails, the draft is removed. */
  private async whole(path: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const opened = await this.opened?.catch(() => undefined);
      await opened?.file.close().catch(() => undefined);
      await opened?.draft.discard();
      throw Object.assign(error as Error, { path });
    }
  }
}

/** Writes rows that come in chunks. `limit`: rows to print at most. */
export interface RowWriter {
  chunk(rows: readonly Row[]): Promise<void>;
  end(): Promise<void>;
}

const jsonText = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row));

class JsonWriter implements RowWriter {
  private first = true;
  constructor(private readonly target: Target) {}

  async chunk(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    await this.target.write(
      `${this.first ? '[\n' : ',\n'}${jsonText(rows)
        .map((line) => `  ${line}`)
        .join(',\n')}`,
    );
    this.first = false;
  }

  async end(): Promise<void> {
    await this.target.write(this.first ? '[]\n' : '\n]\n');
  }
}

class NdjsonWriter implements RowWriter {
  constructor(private readonly target: Target) {}

  async chunk(rows: readonly Row[]): Promise<void> {
    if (rows.length > 0) await this.target.write(`${jsonText(rows).join('\n')}\n`);
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}

class CsvWriter implements RowWriter {
  private header = true;
  constructor(
    private readonly target: Target,
    private readonly columns: readonly OutputColumn[],
    private readonly safe: boolean,
  ) {}

  async chunk(rows: readonly Row[]): Promise<void> {
    const { csvLines } = await import('../lib/analysis/csv.js');
    const names = this.columns.map(({ name }) => name);
    const shown = (value: Value) => (this.target.isTerminal && typeof value === 'string' ? withoutControls(value) : value);
    const lines = [...(this.header ? [names] : []), ...rows.map((row) => names.map((name) => row[name] ?? null))];
    await this.target.write(
      csvLines(
        lines.map((line) => line.map(shown)),
        { safe: this.safe },
      ),
    );
    this.header = false;
  }

  async end(): Promise<void> {
    if (this.header) await this.chunk([]);
  }
}

/** Tables need all their rows for the widths: only what is printed is kept. */
class TableWriter implements RowWriter {
  private readonly rows: Row[] = [];
  constructor(
    private readonly target: Target,
    private readonly columns: readonly OutputColumn[],
    private readonly bar: string | undefined,
    private readonly markdown: boolean,
    private readonly timeZone: string,
    private readonly names: Names | undefined,
  ) {}

  chunk(rows: readonly Row[]): Promise<void> {
    const { columns, names, timeZone } = this;
    const shown = shownIn(timeZone);
    const there = names === undefined ? rows : rows.map((row) => labelled(row, columns, names));
    this.rows.push(...(timeZone === 'UTC' ? there : there.map((row) => rowShown(shown, row))));
    return Promise.resolve();
  }

  async end(): Promise<void> {
    if (this.markdown) await this.target.write(markdownTable(this.columns, this.rows));
    else if (this.rows.length === 0)
      await this.target.write(`${this.columns.map(({ name }) => withoutControls(name)).join('  ')}\n(no rows)\n`);
    else {
      const columns = this.columns.map(({ name, type, unit, whole }) => ({
        name,
        unit,
        whole: whole ?? type === 'timestamp',
        numeric: type === 'integer' || type === 'number',
        address: type === 'address',
      }));
      await this.target.write(
        `${table(columns, this.rows, { width: this.target.isTerminal ? process.stdout.columns : undefined, bar: this.bar, colour: this.target.isTerminal && stdoutColour() })}\n`,
      );
    }
  }
}

export function markdownTable(columns: readonly OutputColumn[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map(({ type }) => (type === 'integer' || type === 'number' ? '---:' : '---'));
  return `${[line(columns.map(({ name }) => markdownText(name))), line(rule), ...rows.map((row) => line(columns.map(({ name, unit }) => markdownText(humanValue(row[name] ?? null, unit)))))].join('\n')}\n`;
}

/** How and where rows are written. */
export interface Writing {
  readonly format: RowFormat;
  readonly output?: string | undefined;
  readonly csvSafe?: boolean | undefined;
  /** What is known of addresses: in tables next to them, elsewhere in columns of its own. @default - addresses alone */
  readonly names?: Names | undefined;
  /** Of times in text that people read. @default UTC */
  readonly timeZone?: string | undefined;
  readonly quiet?: boolean | undefined;
}

/** Writes rows in a format, and says which file holds how many. */
export function rowWriter(writing: Writing, columns: readonly OutputColumn[], bar?: string): RowWriter {
  const { names, format } = writing;
  const target = new Target(writing.output, writing.quiet);
  const naming = names === undefined || format === 'table' || format === 'markdown' ? undefined : namingOf(columns, names);
  const writer = writerOf(target, writing, naming?.columns ?? columns, bar);
  let written = 0;
  return {
    chunk: (rows) => {
      written += rows.length;
      return writer.chunk(naming === undefined ? rows : rows.map(naming.row));
    },
    end: async () => {
      await writer.end();
      await target.end(humanCount(written, 'row'));
      tellAttribution(names, writing.quiet);
    },
  };
}

/** The licence of the owners requires it where they are shown. */
export function tellAttribution(names: Names | undefined, quiet: boolean | undefined): void {
  const attribution = names?.attribution();
  if (attribution !== undefined) notice(`${attribution}.`, quiet);
}

function writerOf(
  target: Target,
  { format, output, csvSafe, names, timeZone = 'UTC' }: Writing,
  columns: readonly OutputColumn[],
  bar: string | undefined,
): RowWriter {
  switch (format) {
    case 'json':
      return new JsonWriter(target);
    case 'ndjson':
      return new NdjsonWriter(target);
    case 'csv':
      // What leaves as a file is opened by people; what goes into a pipe is read by programs: docs/adr/0031-csv-for-spreadsheets.md
      return new CsvWriter(target, columns, csvSafe ?? output !== undefined);
    case 'table':
      return new TableWriter(target, columns, bar, false, timeZone, names);
    case 'markdown':
      return new TableWriter(target, columns, undefined, true, timeZone, names);
  }
}

/** Writes rows that are all in memory. */
export async function writeRows(writing: Writing, columns: readonly OutputColumn[], rows: readonly Row[], bar?: string): Promise<void> {
  const writer = rowWriter(writing, columns, bar);
  await writer.chunk(rows);
  await writer.end();
}
