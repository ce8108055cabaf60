import { createWriteStream, promises as fs } from 'node:fs';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Column } from '../lib/analysis/schema';
import type { Row, Value } from '../lib/analysis/columns';
import type { ResultColumn } from '../lib/engine/engine';
import { isTerminal, stdoutColour } from './colours';
import { UsageError } from './errors';
import { COLUMN_UNITS, humanValue, type Unit } from '../lib/analysis/human';
import { table } from './table';

export const OUTPUT_FORMATS = ['table', 'json', 'ndjson', 'csv', 'parquet', 'markdown'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Columns with what tables use: the unit, and whether a value must stay whole. */
export type OutputColumn = ResultColumn & { readonly unit?: Unit | undefined; readonly whole?: boolean | undefined };

export const withUnits = (columns: readonly ResultColumn[], known: readonly Column[] = []): OutputColumn[] =>
  columns.map((column) => ({ ...column, unit: known.find(({ name }) => name === column.name)?.unit ?? COLUMN_UNITS[column.name] }));

/** Where the data goes: standard output, or a file that appears only when it is whole. */
export class Target {
  private readonly draft: string | undefined;
  private readonly stream: Writable;

  constructor(private readonly path: string | undefined) {
    this.draft = path === undefined ? undefined : `${path}.partial`;
    this.stream = this.draft === undefined ? process.stdout : createWriteStream(this.draft);
  }

  get isTerminal(): boolean {
    return this.path === undefined && isTerminal(process.stdout);
  }

  async write(text: string): Promise<void> {
    if (!this.stream.write(text)) await once(this.stream, 'drain');
  }

  async end(): Promise<void> {
    if (this.path === undefined || this.draft === undefined) return;
    this.stream.end();
    await once(this.stream, 'finish');
    await fs.rename(this.draft, this.path);
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
    await this.target.end();
  }
}

class NdjsonWriter implements RowWriter {
  constructor(private readonly target: Target) {}

  async chunk(rows: readonly Row[]): Promise<void> {
    if (rows.length > 0) await this.target.write(`${jsonText(rows).join('\n')}\n`);
  }

  end(): Promise<void> {
    return this.target.end();
  }
}

class CsvWriter implements RowWriter {
  private header = true;
  constructor(
    private readonly target: Target,
    private readonly columns: readonly OutputColumn[],
  ) {}

  async chunk(rows: readonly Row[]): Promise<void> {
    const { stringify } = await import('csv-stringify/sync');
    const names = this.columns.map(({ name }) => name);
    const cast = { boolean: (value: boolean) => String(value) };
    await this.target.write(
      stringify(
        rows.map((row) => names.map((name) => row[name])),
        { header: this.header, columns: names, cast },
      ),
    );
    this.header = false;
  }

  async end(): Promise<void> {
    if (this.header) await this.chunk([]);
    await this.target.end();
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
  ) {}

  chunk(rows: readonly Row[]): Promise<void> {
    this.rows.push(...rows);
    return Promise.resolve();
  }

  async end(): Promise<void> {
    if (this.markdown) await this.target.write(markdownTable(this.columns, this.rows));
    else if (this.rows.length === 0) await this.target.write(`${this.columns.map(({ name }) => name).join('  ')}\n(no rows)\n`);
    else {
      const columns = this.columns.map(({ name, type, unit, whole }) => ({
        name,
        unit,
        whole,
        numeric: type === 'integer' || type === 'number',
      }));
      await this.target.write(
        `${table(columns, this.rows, { width: this.target.isTerminal ? process.stdout.columns : undefined, bar: this.bar, colour: this.target.isTerminal && stdoutColour() })}\n`,
      );
    }
    await this.target.end();
  }
}

const cell = (value: Value, unit: Unit | undefined) =>
  humanValue(value, unit).replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;');

export function markdownTable(columns: readonly OutputColumn[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map(({ type }) => (type === 'integer' || type === 'number' ? '---:' : '---'));
  return `${[line(columns.map(({ name }) => name)), line(rule), ...rows.map((row) => line(columns.map(({ name, unit }) => cell(row[name] ?? null, unit))))].join('\n')}\n`;
}

export function rowWriter(format: OutputFormat, target: Target, columns: readonly OutputColumn[], bar?: string): RowWriter {
  switch (format) {
    case 'json':
      return new JsonWriter(target);
    case 'ndjson':
      return new NdjsonWriter(target);
    case 'csv':
      return new CsvWriter(target, columns);
    case 'table':
      return new TableWriter(target, columns, bar, false);
    case 'markdown':
      return new TableWriter(target, columns, undefined, true);
    case 'parquet':
      throw new UsageError('--output parquet is for `query` and `sql`, and needs --out FILE');
  }
}

/** Writes rows that are all at hand. */
export async function writeRows(
  format: OutputFormat,
  out: string | undefined,
  columns: readonly OutputColumn[],
  rows: readonly Row[],
  bar?: string,
): Promise<void> {
  const writer = rowWriter(format, new Target(out), columns, bar);
  await writer.chunk(rows);
  await writer.end();
}

/** Everything that is not data. */
export function notice(text: string, quiet = false): void {
  if (!quiet) process.stderr.write(`${text}\n`);
}
