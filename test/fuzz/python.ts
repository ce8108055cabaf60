import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A script of this folder that answers a line of JSON with a line. */
export class Python {
  private readonly process: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;

  /** @throws Error that names what the machine lacks */
  constructor(private readonly script: string) {
    const installed = spawnSync(process.execPath, [join(__dirname, 'install-python.mjs')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (installed.status !== 0) throw new Error(`The fuzzer cannot run: ${installed.stdout}`);
    this.process = spawn(installed.stdout, [join(__dirname, script)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error where the script ended */
  async ask(request: unknown): Promise<string> {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = await this.answers.next();
    if (answer.done === true) throw new Error(`${this.script} ended at ${JSON.stringify(request).slice(0, 2000)}`);
    return answer.value;
  }

  end(): void {
    this.process.kill();
  }
}
