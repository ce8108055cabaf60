import type { Records } from '../../lib/source/records';
import { type ReadOptions, withLogs } from './logs';

/** Rows of all records and what became of the rest. */
export const rowsOf = (paths: readonly string[], columns = '*', options: ReadOptions = {}) =>
  withLogs(
    paths,
    async (records) => ({
      rows: await records.db.rows(`SELECT ${columns} FROM flow_records ORDER BY ALL`),
      ...accountOf(records),
    }),
    options,
  );

export const accountOf = ({ totals, samples, kinds, ignored, skippedFiles, assumedFiles }: Records) => ({
  totals,
  reasons: samples.map(({ line, reason }) => `${line} ${reason}`),
  kinds,
  ignored,
  skipped: skippedFiles.map(({ path, why }) => `${path.slice(path.lastIndexOf('/') + 1)}: ${why}`),
  assumed: assumedFiles.length,
});

/** Sums per connection and direction, as a map to compare. */
export async function sumsOf(paths: readonly string[], options: ReadOptions = {}): Promise<Map<string, string>> {
  const sum = 'SELECT srcaddr, dstaddr, srcport, dstport, coalesce(sum(bytes), 0)::VARCHAR AS b, coalesce(sum(packets), 0)::VARCHAR AS p';
  const rows = await withLogs(paths, ({ db }) => db.rows(`${sum} FROM flow_records GROUP BY ALL`), options);
  return new Map(
    rows.map((row) => [
      `${row['srcaddr'] as string}:${row['srcport'] as number} ${row['dstaddr'] as string}:${row['dstport'] as number}`,
      `${row['b'] as string}/${row['p'] as string}`,
    ]),
  );
}
