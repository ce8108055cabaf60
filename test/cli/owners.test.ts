/** Names of addresses at the edge: the same in every format and command, escaped as values of logs are, and looked up on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flowlogs } from '../support/cli';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const SAMPLE = join(__dirname, '..', '..', 'samples', 'aws-honeypot-marx', 'marx.2-hosts.v2.log.gz');
/** A right-to-left override, an escape sequence, a formula, markup, a table's bar: what a person may put into a tag. */
const HOSTILE = '=cmd|\u001b[31m<b>\u202e`x`';

let logs: string;
let own: string;
beforeAll(() => {
  logs = writeLog(
    folder,
    'traffic.log',
    `${HEADER}\n${line({ src: '8.8.8.8' })}\n${line({ src: '203.0.113.9' })}\n${line({ src: '10.0.0.52' })}\n`,
  );
  own = path('own.csv');
  writeFileSync(own, `network,name,owner,country\n10.0.0.52,payments-db,,\n203.0.113.0/24,,${HOSTILE},NL\n8.8.8.8,,Example Hosting,NL\n`);
});

const query = async (...args: string[]) => {
  const { code, stdout, stderr } = await flowlogs(['query', 'top-talkers', logs, '--no-cache', '-q', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};

describe('the same in every format', () => {
  test('tables show names next to addresses', async () => {
    const text = await query('--names', own);
    expect(text).toContain('8.8.8.8 · Example Hosting · NL');
    expect(text).toContain('10.0.0.52 payments-db');
  });

  test('JSON and CSV have columns of names after the address', async () => {
    const rows = JSON.parse(await query('-f', 'json', '--names', own)) as Record<string, unknown>[];
    expect(Object.keys(rows[0]!)).toEqual([
      'srcaddr',
      ...['name', 'owner', 'country', 'asn'].map((field) => `srcaddr_${field}`),
      'bytes',
      'packets',
      'records',
    ]);
    expect(rows.find(({ srcaddr }) => srcaddr === '8.8.8.8')).toMatchObject({ srcaddr_owner: 'Example Hosting', srcaddr_asn: 15169 });
    expect((await query('-f', 'csv')).split('\n')[0]).toBe('srcaddr,srcaddr_owner,srcaddr_country,srcaddr_asn,bytes,packets,records');
    expect(await query('-f', 'csv')).toContain('8.8.8.8,Google LLC,US,15169,');
    expect((await query('-f', 'csv', '--names', 'none')).split('\n')[0]).toBe('srcaddr,bytes,packets,records');
    expect(await query('--names', 'none')).not.toContain('Google');
  });

  test.each([
    ['an analysis', ['query', 'top-talkers']],
    [
      "a query of one's own",
      ['sql', 'SELECT srcaddr, dstaddr, bytes, count(*) AS n FROM flow_records GROUP BY ALL ORDER BY srcaddr DESC, bytes'],
    ],
  ])('Parquet of %s has the rows of JSON, in their order', async (_, args) => {
    const file = path(`${args[0]}.parquet`);
    const options = [logs, '--no-cache', '-q', '--names', own];
    expect((await flowlogs([...args, ...options, '-o', file])).code).toBe(0);
    const { stdout } = await flowlogs([...args, ...options, '-f', 'json']);
    const wanted = JSON.parse(stdout) as Record<string, unknown>[];
    const rows = await withLogs([logs], ({ db }) => db.rows(`SELECT * FROM read_parquet('${file}')`));
    // Integers of 64 bits are text there.
    const plain = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, /^\d+$/.test(String(value)) ? Number(value) : value])),
    );
    expect(plain.map((row) => Object.entries(row))).toEqual(wanted.map((row) => Object.entries(row)));
  });

  test('a column that is there is not replaced', async () => {
    const sql = 'SELECT srcaddr, 1 AS srcaddr_owner FROM flow_records ORDER BY srcaddr LIMIT 1';
    const { stdout } = await flowlogs(['sql', sql, logs, '--no-cache', '-q', '-f', 'ndjson', '--names', own]);
    expect(JSON.parse(stdout)).toMatchObject({ srcaddr: '10.0.0.52', srcaddr_name: 'payments-db', srcaddr_owner: 1 });
  });

  test('Logs Insights names its fields differently', async () => {
    const { stdout } = await flowlogs([
      'insights',
      'stats count(*) as n by srcAddr | sort srcAddr desc | limit 1',
      logs,
      '--no-cache',
      '-q',
    ]);
    expect(stdout).toContain('8.8.8.8 · Google LLC · US');
  });
});

describe('an inventory', () => {
  const inventory = join(__dirname, '..', 'fixtures', 'aws-inventory');

  test('names things in tables and columns', async () => {
    expect(await query('--names', inventory)).toContain('10.0.0.52 payments-db');
    const rows = JSON.parse(await query('--names', inventory, '-f', 'json')) as object[];
    expect(rows).toContainEqual(
      expect.objectContaining({
        srcaddr: '10.0.0.52',
        srcaddr_name: 'payments-db',
        srcaddr_kind: 'database',
        srcaddr_workload: 'payments-db',
      }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ srcaddr: '8.8.8.8', srcaddr_name: null, srcaddr_owner: 'Google LLC' }));
  });

  test('names things in titles, with their ports', async () => {
    const named = path('targets.csv');
    writeFileSync(named, 'network,name,owner,country\n10.0.0.0/8,payments-db,,\n203.0.113.0/24,,Example Hosting,NL\n');
    const found = join(__dirname, '..', '..', 'queries', 'vertical-scan', 'fixtures', 'scan.log');
    const { stdout } = await flowlogs(['detect', found, '--no-cache', '-q', '--names', named]);
    expect(stdout).toMatch(/203\.0\.113\.\d+ \(Example Hosting, NL\) .* payments-db \(10\.0\.\d+\.\d+\)/);
  });
});

describe('names are values of others', () => {
  test('no control character reaches text, no formula a spreadsheet, no markup a ticket', async () => {
    const table = await query('--names', own);
    expect(table).toContain('203.0.113.9 · =cmd|\ufffd[31m<b>\ufffd`x` · NL');
    const markdown = await query('-f', 'markdown', '--names', own);
    for (const sign of ['\u001b', '\u202e', '<b>']) expect(markdown).not.toContain(sign);
    expect(markdown).toContain('\\|');
    const csv = path('safe.csv');
    await query('-o', csv, '--names', own);
    expect(readFileSync(csv, 'utf8')).toContain("203.0.113.9,,'=cmd|");
    expect(JSON.parse(await query('-f', 'json', '--names', own))).toContainEqual(expect.objectContaining({ srcaddr_owner: HOSTILE }));
  });

  test('titles of findings, and a report', async () => {
    const scan = join(__dirname, '..', '..', 'queries', 'vertical-scan', 'fixtures', 'scan.log');
    const named = path('scan.csv');
    writeFileSync(named, `network,owner,country\n0.0.0.0/0,${HOSTILE},NL\n`);
    const { stdout } = await flowlogs(['detect', scan, '--no-cache', '-q', '--names', named]);
    expect(stdout).toMatch(/\d (\(=cmd\|\ufffd\[31m<b>\ufffd`x`, NL\)) /);
    const { stdout: json } = await flowlogs(['detect', scan, '--no-cache', '-q', '-f', 'ndjson', '--names', named]);
    const finding = JSON.parse(json.split('\n')[0]!) as { title: string; key: string; evidence: object };
    expect(finding.title).toContain(`(${HOSTILE}, NL)`);
    expect(finding.evidence).toMatchObject({ srcaddr_owner: HOSTILE, srcaddr_country: 'NL' });
    const { stdout: bare } = await flowlogs(['detect', scan, '--no-cache', '-q', '-f', 'ndjson', '--names', 'none']);
    expect((JSON.parse(bare.split('\n')[0]!) as { key: string }).key).toBe(finding.key);
    const html = path('report.html');
    expect((await flowlogs(['report', scan, '--no-cache', '-q', '--names', named, '-o', html])).code).toBe(0);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('=cmd|');
    for (const sign of ['\u001b', '\u202e', '[31m<b>']) expect(page).not.toContain(sign);
  });
});

describe('what cannot be is said', () => {
  test.each([
    [['--names', 'nowhere.csv'], '--names nowhere.csv: no such file; expected auto, none, or'],
    [['--names', 'none', '--names', 'auto'], '--names none excludes others; got none, auto'],
  ])('%j', async (args, message) => {
    const { code, stderr } = await flowlogs(['query', 'top-talkers', logs, '--no-cache', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test('a broken file by name, line and reason', async () => {
    const broken = path('broken.csv');
    writeFileSync(broken, 'network,name\n10.0.0.0/8,ours\n10.0.0.300,x\n');
    const { code, stderr } = await flowlogs(['query', 'top-talkers', logs, '--no-cache', '--names', broken]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${broken}, line 3: "10.0.0.300" is no address or network`);
  });
});

describe('no address leaves the machine', () => {
  const guard = join(__dirname, '..', 'support', 'no-network.cjs');
  const log = path('network.log');
  const env = { NODE_OPTIONS: `--require ${guard}`, NO_NETWORK_LOG: log };

  test.each([
    ['query', ['query', 'top-talkers', SAMPLE]],
    ['sql', ['sql', 'SELECT srcaddr, count(*) AS n FROM flow_records GROUP BY 1', SAMPLE]],
    ['detect', ['detect', SAMPLE]],
    ['report', ['report', SAMPLE, '-o', path('sample.html')]],
    ['demo', ['demo']],
  ])('%s', async (_, args) => {
    const { code, stderr } = await flowlogs(args, { env, cache: path('cache') });
    expect([code, existsSync(log)]).toEqual([0, false]);
    if (args[0] !== 'report') expect(stderr).toContain('IP Geolocation by DB-IP (https://db-ip.com)');
  });

  test('the guard notices one', () => {
    const { status } = spawnSync(process.execPath, ['-e', "fetch('http://192.0.2.1').catch(() => process.exit(9))"], {
      env: { ...process.env, ...env },
    });
    expect([status, readFileSync(log, 'utf8')]).toEqual([9, expect.stringContaining('connect')]);
  });
});
