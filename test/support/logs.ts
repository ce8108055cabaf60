import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Format } from '../../lib/flow-log/format';
import { openRecords, type Records } from '../../lib/source/records';
import type { SourceFormat } from '../../lib/source/sniff';

export const HEADER = 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';

export interface LineParts {
  src?: string;
  dstport?: string | number;
  start?: string | number;
  action?: string;
  status?: string;
}

/** One default-format line. */
export const line = ({ src = '192.0.2.1', dstport = 22, start = 1790000000, action = 'REJECT', status = 'OK' }: LineParts = {}): string =>
  `2 123456789012 eni-0a1 ${src} 198.51.100.9 40000 ${dstport} 6 1 40 ${start} 1790000060 ${action} ${status}`;

/** A temporary folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowlogs-test-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export function writeLog(folder: string, name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export interface ReadOptions {
  columns?: ReadonlySet<string>;
  cache?: string;
  headless?: Format;
  source?: SourceFormat;
}

export const openLogs = (paths: readonly string[], options: ReadOptions = {}): Promise<Records> =>
  openRecords(paths, {
    columns: options.columns,
    cache: options.cache,
    headless: options.headless,
    source: options.source,
    threads: 2,
    memory: '300MB',
  });

export async function withLogs<T>(paths: readonly string[], use: (records: Records) => Promise<T>, options: ReadOptions = {}): Promise<T> {
  const records = await openLogs(paths, options);
  try {
    return await use(records);
  } finally {
    await records.close();
  }
}
