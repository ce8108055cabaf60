import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../lib/source/duckdb';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();

/** Writes Parquet as AWS's delivery and other producers do: the columns of `select`. */
async function parquet(path: string, select: string): Promise<string> {
  mkdirSync(join(path, '..'), { recursive: true });
  const db = await openDatabase({ threads: 1, memory: '200MB', temporaryFolder: tmpdir() });
  await db.rows(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  await db.close();
  return path;
}

const record = (protocolType: string, src: string, extra = '') =>
  `SELECT 5::INTEGER AS version, '123456789012' AS account_id, 'eni-0a1' AS interface_id, ${src} AS srcaddr, 22::INTEGER AS dstport, 6::${protocolType} AS protocol, 40::BIGINT AS bytes, 1790000000::BIGINT AS start, 1790000060::BIGINT AS "end", 'REJECT' AS action, 'OK' AS log_status${extra}`;

test('both protocol types, plain and Hive folders, and text are one table', async () => {
  const dir = join(folder, 'both');
  await parquet(join(dir, 'AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/20/a.log.parquet'), record('INTEGER', "'192.0.2.1'"));
  await parquet(
    join(dir, 'AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=11/day=20/b.log.parquet'),
    record('BIGINT', "'192.0.2.2'"),
  );
  writeLog(dir, 'c.log', `${HEADER}\n${line({ src: '192.0.2.3' })}\n`);
  await withLogs([dir], async (records) => {
    expect(records.totals).toMatchObject({ files: 3, records: 3, rejectedLines: 0, badValues: 0 });
    expect(records.columns.find(({ name }) => name === 'protocol')?.type).toBe('INTEGER');
    expect(records.columns.map(({ name }) => name)).not.toContain('year');
    expect(await records.db.rows('SELECT srcaddr, protocol, "end" FROM flow_records ORDER BY srcaddr')).toEqual(
      ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((srcaddr) => ({ srcaddr, protocol: 6, end: '1790000060' })),
    );
    expect(await records.range()).toEqual({ from: 1790000000, to: 1790000001 });
  });
});

test('hyphened column names, `-`, unknown columns and numbers as text', async () => {
  const path = await parquet(
    join(folder, 'odd.parquet'),
    `SELECT '3' AS "tcp-flags", '-' AS "pkt-srcaddr", 'up' AS quantum, '1790000000' AS start, 'x' AS dstport UNION ALL SELECT '-', '192.0.2.1', 'down', '1790000001', '22'`,
  );
  await withLogs([path], async (records) => {
    expect(await records.db.rows('SELECT tcp_flags, pkt_srcaddr, quantum, dstport FROM flow_records ORDER BY "start"')).toEqual([
      { tcp_flags: 3, pkt_srcaddr: null, quantum: 'up', dstport: null },
      { tcp_flags: null, pkt_srcaddr: '192.0.2.1', quantum: 'down', dstport: 22 },
    ]);
    expect(records.totals.badValues).toBe(1);
    expect(records.formats[0]?.unknownFields).toEqual(['quantum']);
  });
});

test.each([
  [
    'not Parquet',
    () => {
      writeFileSync(join(folder, 'fake.parquet'), 'hello');
      return Promise.resolve(join(folder, 'fake.parquet'));
    },
    /fake\.parquet: not readable as Parquet/,
  ],
  [
    'no flow-log column',
    () => parquet(join(folder, 'other.parquet'), 'SELECT 1 AS a, 2 AS b'),
    /other\.parquet: a Parquet file without any flow-log column; got a, b/,
  ],
])('%s is a clear error', async (_, make, message) => {
  await expect(withLogs([await make()], async () => undefined)).rejects.toThrow(message);
});
