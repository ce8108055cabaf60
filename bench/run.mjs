// Measures speed and memory of the built CLI and prints ratios taken in one run.
//   node bench/run.mjs            5 million records, 3 rounds, the targets
//   node bench/run.mjs --large    the same, and 20 and 50 million records
//   node bench/run.mjs --smoke    a small run that shows that everything still works; no targets
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exploreRows } from './explore.mjs';
import { lakeRows } from './lake.mjs';
import { ownerRows } from './owners.mjs';

const smoke = process.argv.includes('--smoke');
const large = process.argv.includes('--large');
const RECORDS = smoke ? 100_000 : 5_000_000;
const ROUNDS = smoke ? 1 : 3;
const WORK = join('.box', 'bench');
const CACHE = join(WORK, 'cache');
const CLI = 'dist/bin/flowlogs.js';
const READER_VERSION = '5.0.1';
const QUESTION = 'top-rejected-sources';
const OTHER = 'top-talkers';

mkdirSync(WORK, { recursive: true });

function logs(records) {
  const folder = join(WORK, `logs-${records}`);
  if (!existsSync(join(folder, 'ground-truth.json'))) {
    console.log(`Generating ${records.toLocaleString('en-US')} records in 288 objects (once)`);
    rmSync(folder, { recursive: true, force: true });
    execFileSync(
      process.execPath,
      [CLI, 'generate', '-o', folder, '--records', String(records), '--layout', 'plain', '--hosts', '200', '-q'],
      {
        stdio: 'inherit',
      },
    );
  }
  return folder;
}

function measure(command, env = {}) {
  const { stdout } = spawnSync('python3', ['bench/measure.py', ...command], {
    encoding: 'utf8',
    env: { ...process.env, FLOWLOGS_CACHE: CACHE, ...env },
  });
  const result = JSON.parse(stdout);
  if (result.status !== 0) throw new Error(`${command.join(' ')}: exit ${result.status}`);
  return result;
}

const flowlogs = (...args) => measure([process.execPath, CLI, ...args, '--threads', '2']);
const files = (folder) =>
  readdirSync(join(folder, 'AWSLogs'), { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name))
    .sort();
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const best = (runs) => ({ seconds: median(runs.map((r) => r.seconds)), mib: Math.max(...runs.map((r) => r.mib)) });

/** Runs the contenders in turn, so that a slow minute of the machine hits all of them. */
function alternate(contenders, rounds) {
  const runs = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) for (const [name, run] of Object.entries(contenders)) runs[name].push(run());
  return Object.fromEntries(Object.entries(runs).map(([name, list]) => [name, best(list)]));
}

/** Lines a second of the current flowlogs-reader (PyPI): its S3 reader on one thread, local files for objects; a few of them, it is slow. */
function flowlogsReader(folder) {
  const venv = join(WORK, `venv-flowlogs-reader-${READER_VERSION}`);
  const python = join(venv, 'bin', 'python');
  if (!existsSync(join(venv, 'installed'))) {
    console.log(`Installing flowlogs-reader ${READER_VERSION} from PyPI into ${venv} (once)`);
    execFileSync('python3', ['-m', 'venv', venv]);
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `flowlogs-reader==${READER_VERSION}`]);
    writeFileSync(join(venv, 'installed'), '');
  }
  const program = `
import os, sys, time
from collections import Counter
from flowlogs_reader import FlowRecord, S3FlowLogsReader

class Client:
    def get_object(self, Bucket, Key):
        return {'Body': open(Key, 'rb'), 'ContentLength': os.path.getsize(Key)}

reader = S3FlowLogsReader('bucket', boto_client=Client())
start, n, rejected = time.perf_counter(), 0, Counter()
for path in sys.argv[1:]:
    for event in reader._read_file(path):
        record = FlowRecord(event)
        n += 1
        if record.action == 'REJECT':
            rejected[record.srcaddr] += 1
print(n / (time.perf_counter() - start))
`;
  return Number(execFileSync(python, ['-c', program, ...files(folder).slice(0, 12)], { encoding: 'utf8' }));
}

const folder = logs(RECORDS);
const objects = files(folder);
const clear = () => rmSync(CACHE, { recursive: true, force: true });

const cold = alternate(
  {
    zcat: () => measure(['zcat', ...objects]),
    bare: () => measure([process.execPath, 'bench/bare.mjs', folder]),
    noCache: () => flowlogs('query', QUESTION, folder + '/AWSLogs', '--no-cache', '-q'),
    fill: () => (clear(), flowlogs('query', QUESTION, folder + '/AWSLogs', '-q')),
  },
  ROUNDS,
);
const warm = alternate(
  {
    same: () => flowlogs('query', QUESTION, folder + '/AWSLogs', '-q'),
    unnamed: () => flowlogs('query', QUESTION, folder + '/AWSLogs', '-q', '--names', 'none'),
    other: () => flowlogs('query', OTHER, folder + '/AWSLogs', '-q'),
    list: () => measure([process.execPath, CLI, 'list']),
  },
  ROUNDS * 3,
);
const readerSpeed = flowlogsReader(folder);
const speed = RECORDS / cold.noCache.seconds;

const rows = [
  ['query --no-cache / zcat', cold.noCache.seconds / cold.zcat.seconds, '<=', 0.95],
  ['query --no-cache / bare DuckDB', cold.noCache.seconds / cold.bare.seconds, '<=', 1.3],
  ['query --no-cache, speed / flowlogs-reader', speed / readerSpeed, '>=', 25],
  ['query --no-cache, MiB', cold.noCache.mib, '<=', 512],
  ['first query with cache / zcat', cold.fill.seconds / cold.zcat.seconds, '<=', 2.2],
  ['first query with cache, MiB', cold.fill.mib, '<=', 512],
  ['cached, same question / uncached', warm.same.seconds / cold.noCache.seconds, '<=', 0.2],
  ['cached, with names / without', warm.same.seconds / warm.unnamed.seconds, '<=', 1.1],
  ['cached, another question / uncached', warm.other.seconds / cold.noCache.seconds, '<=', 0.2],
  ['list, ms', warm.list.seconds * 1000, '<=', 250],
];

rows.push(...(await lakeRows({ smoke, work: WORK, cli: CLI, flowlogs, aws: join(folder, 'AWSLogs'), awsRecords: RECORDS })));

const exploring = { ...process.env, FLOWLOGS_CACHE: CACHE };
rows.push(...(await exploreRows({ folder: join(folder, 'AWSLogs'), env: exploring, smoke })));

rows.push(...ownerRows({ smoke }));

if (large) {
  rows.push(...(await exploreRows({ folder: join(logs(50_000_000), 'AWSLogs'), env: exploring, large })));
  const big = logs(20_000_000);
  const run = flowlogs('query', QUESTION, big + '/AWSLogs', '--no-cache', '-q');
  const fill = (clear(), flowlogs('query', QUESTION, big + '/AWSLogs', '-q'));
  rows.push(
    ['20 M / 5 M, memory (no cache)', run.mib / cold.noCache.mib, '<=', 1.5],
    ['20 M / 5 M, time (no cache)', run.seconds / cold.noCache.seconds, '<=', 4.4],
    ['20 M / 5 M, memory (filling the cache)', fill.mib / cold.fill.mib, '<=', 1.5],
  );
}
clear();

console.log(`\n${RECORDS.toLocaleString('en-US')} records, ${objects.length} objects, median of ${ROUNDS} alternating rounds, 2 threads`);
for (const [name, { seconds, mib }] of Object.entries({ ...cold, ...warm }))
  console.log(`  ${name.padEnd(10)} ${seconds.toFixed(2).padStart(6)} s  ${mib.toFixed(0).padStart(5)} MiB`);
console.log(
  `  flowlogs-reader ${Math.round(readerSpeed).toLocaleString('en-US')} lines/s, flowlogs ${Math.round(speed).toLocaleString('en-US')} lines/s\n`,
);
let missed = 0;
for (const [name, value, sign, target] of rows) {
  const met = sign === '<=' ? value <= target : value >= target;
  if (!met) missed++;
  console.log(
    `  ${smoke ? '' : met ? 'met    ' : 'MISSED '} ${name.padEnd(44)} ${value.toFixed(2).padStart(8)}  (target ${sign} ${target})`,
  );
}
if (!smoke && missed > 0) process.exitCode = 1;
