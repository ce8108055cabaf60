import { spawn } from 'node:child_process';
import { CLI } from './build-cli';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cache?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; nothing if absent. */
  readonly input?: string | Buffer;
  /** Called with the running process, to interrupt it or to close its pipes. */
  readonly onStart?: (child: ReturnType<typeof spawn>) => void;
}

/** Runs the bundled CLI as a process of its own. */
export function flowlogs(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', FLOWLOGS_CACHE: options.cache ?? '', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
    options.onStart?.(child);
  });
}
