import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flowlogs } from '../support/cli';
import { temporaryFolder } from '../support/logs';

const GOLDEN = join(__dirname, 'golden');
const LOGS = 'queries/_fixtures/office.v5.log';
const DIRTY = 'test/fixtures/dirty.log';
const root = join(__dirname, '..', '..');
const cache = temporaryFolder();

/** Output that people and programs rely on. After an intended change: UPDATE_GOLDEN=1 npx jest test/cli/golden, and read the diff. */
const COMMANDS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['help', ['--help']],
  ['query-help', ['query', '--help']],
  ['query-table', ['query', 'top-talkers', LOGS, '--limit', '3']],
  ['query-json', ['query', 'top-talkers', LOGS, '--limit', '2', '-f', 'json']],
  ['query-json-empty', ['query', 'top-talkers', LOGS, '--from', '2020-01-01', '--to', '2020-01-02', '-f', 'json']],
  ['query-ndjson', ['query', 'traffic-over-time', LOGS, '-f', 'ndjson']],
  ['query-csv', ['query', 'busiest-hours', LOGS, '-f', 'csv']],
  ['query-markdown', ['query', 'traffic-by-path', LOGS, '-f', 'markdown']],
  ['query-names', ['query', 'pair-details-with-direction', LOGS, '--limit', '4']],
  ['query-dirty', ['query', 'rejected-by-port', DIRTY]],
  ['describe', ['describe', LOGS, DIRTY]],
  ['describe-json', ['describe', DIRTY, '-f', 'json']],
  [
    'sql',
    [
      'sql',
      "SELECT protocol, tcp_flags, traffic_path, dstport, bytes FROM flow_records WHERE flow_direction = 'egress' ORDER BY bytes DESC, dstport LIMIT 4",
      LOGS,
    ],
  ],
  ['insights', ['insights', 'stats count(*) as records, sum(bytes) as sent by srcAddr | sort records desc, srcAddr asc | limit 3', LOGS]],
  ['detect-none', ['detect', LOGS]],
  ['detect-findings', ['detect', 'queries/vertical-scan/fixtures/scan.log', '--fail-on', 'medium']],
  ['show', ['show', 'vertical-scan']],
  [
    'render-athena',
    [
      'render',
      'top-rejected-sources',
      '--from',
      '2026-11-20',
      '--to',
      '2026-11-21',
      '--scope',
      'cidr=10.0.0.0/8',
      '--table',
      'security.flow_records',
    ],
  ],
  ['render-relative', ['render', 'top-rejected-sources']],
  [
    'render-insights',
    [
      'render',
      'top-rejected-sources',
      '--engine',
      'insights',
      '--log-format',
      'version interface-id srcaddr dstaddr dstport action start',
      '--scope',
      'eni=eni-0a1',
    ],
  ],
  ['error-unknown-analysis', ['query', 'top-talker', LOGS]],
  ['error-missing-field', ['query', 'top-talking-subnets', DIRTY]],
  ['error-parameter', ['query', 'top-talkers', LOGS, '--param', 'limit=0']],
  ['error-sql', ['sql', 'SELECT nonsense FROM flow_records', LOGS]],
  ['error-strict', ['query', 'rejected-by-port', DIRTY, '--strict']],
  ['error-option', ['query', 'top-talkers', LOGS, '-f', 'xml']],
  ['help-options', ['help', 'options']],
  ['error-old-format', ['query', 'top-talkers', LOGS, '-o', 'csv']],
];

test.each(COMMANDS)('%s', async (name, args) => {
  const { code, stdout, stderr } = await flowlogs(args, { cwd: root, cache });
  const text = `$ flowlogs ${args.map((arg) => (/[\s*']/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}\n--- exit ${code}\n--- stdout\n${stdout}--- stderr\n${stderr}`;
  const path = join(GOLDEN, `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(path, text);
  }
  expect(existsSync(path)).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
});
