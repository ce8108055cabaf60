/** Writes files that Node cannot, by a process of Python. */
import { Python } from './python';
import type { Table } from './random-parquet';

interface Frames {
  readonly checksum: boolean;
  /** Whether a frame's head says how long its text is. */
  readonly size: boolean;
  readonly level: number;
}

export class Writer {
  private readonly python = new Python('writer.py');

  /** A frame for each text. */
  async zstd(texts: readonly Buffer[], frames: Frames): Promise<Buffer> {
    return this.written({ zstd: texts.map((text) => text.toString('base64')), ...frames });
  }

  async parquet({ columns, ...how }: Table): Promise<Buffer> {
    return this.written({ parquet: columns, ...how });
  }

  end(): void {
    this.python.end();
  }

  private async written(request: unknown): Promise<Buffer> {
    return Buffer.from(await this.python.ask(request), 'base64');
  }
}
