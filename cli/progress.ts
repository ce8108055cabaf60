import type { Progress } from '../lib/source/records';
import { humanBytes, humanNumber } from '../lib/analysis/human';

const REFRESH_MS = 100;
const PATIENCE_MS = 700;

/** Shows progress on a terminal once the work takes noticeable time; silent otherwise. */
export class ProgressLine {
  private readonly started = performance.now();
  private drawn = 0;

  constructor(private readonly enabled: boolean = process.stderr.isTTY) {}

  update(verb: string, progress: Progress): void {
    const now = performance.now();
    if (!this.enabled || now - this.started < PATIENCE_MS || now - this.drawn < REFRESH_MS) return;
    this.drawn = now;
    const share = progress.bytes === 0 ? 1 : progress.bytesDone / progress.bytes;
    const left = share > 0.02 ? `, ${Math.ceil(((now - this.started) / share - (now - this.started)) / 1000)} s left` : '';
    process.stderr.write(
      `\r\x1b[K${verb} ${humanNumber(progress.filesDone)}/${humanNumber(progress.files)} files, ${humanBytes(progress.bytesDone)} of ${humanBytes(progress.bytes)} (${Math.floor(share * 100)}%${left})`,
    );
  }

  clear(): void {
    if (this.drawn > 0) process.stderr.write('\r\x1b[K');
    this.drawn = 0;
  }
}
