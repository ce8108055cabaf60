// What a lake is worth, how fast logs are converted, and how fast a range is fetched. Ratios of one run; called by run.mjs.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';

const compress = promisify(gzip);
const DAYS = 7;
const FLOWS_PER_OBJECT = 2000;
const START = Date.UTC(2026, 10, 14);

/** Deterministic and fast: good enough for made-up traffic. */
function randomOf(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * n);
  };
}

const PORTS = [443, 443, 443, 80, 53, 22, 3306, 8080, 5432, 123];

function objectOf(vnic, at, random) {
  const iso = (ms) => new Date(ms).toISOString().replace('.000', '');
  const flows = [];
  for (let i = 0; i < FLOWS_PER_OBJECT; i++) {
    const begin = at + random(240_000);
    const port = PORTS[random(PORTS.length)];
    const packets = 1 + random(60);
    const back = random(10) === 0 ? 0 : 1 + random(90);
    const rejected = random(12) === 0;
    flows.push(
      `{"start_time":"${iso(begin - (begin % 1000))}","end_time":"${iso(begin - (begin % 1000) + 60_000)}","connection_start_time":"${iso(begin - (begin % 1000))}","direction":"I","action":"${rejected ? 'rejected' : 'accepted'}",` +
        `"initiator_ip":"10.${random(4)}.${random(250)}.${1 + random(250)}","target_ip":"192.168.${vnic}.${1 + random(100)}","initiator_port":${32768 + random(28000)},"target_port":${port},"transport_protocol":${port === 53 || port === 123 ? 17 : 6},` +
        `"ether_type":"IPv4","was_initiated":true,"was_terminated":${random(2) === 0},"bytes_from_initiator":${packets * (40 + random(1400))},"packets_from_initiator":${packets},"bytes_from_target":${rejected ? 0 : back * (40 + random(1400))},"packets_from_target":${rejected ? 0 : back},` +
        `"cumulative_bytes_from_initiator":${packets * 900},"cumulative_packets_from_initiator":${packets},"cumulative_bytes_from_target":${back * 900},"cumulative_packets_from_target":${back}}`,
    );
  }
  return (
    `{"version":"0.0.1","collector_crn":"crn:v1:bluemix:public:is:us-south:a/123456789012::flow-log-collector:r006-1","attached_endpoint_type":"vnic","network_interface_id":"0717-${vnic}",` +
    `"instance_crn":"crn:v1:bluemix:public:is:us-south-1:a/123456789012::instance:0717-vm${vnic}","vpc_crn":"crn:v1:bluemix:public:is:us-south:a/123456789012::vpc:r006-1",` +
    `"capture_start_time":"${iso(at)}","capture_end_time":"${iso(at + 300_000)}","state":"ok","number_of_flow_logs":${FLOWS_PER_OBJECT},"flow_logs":[${flows.join(',')}]}`
  );
}

/** Objects of five vNICs over seven days, keyed as IBM does. */
async function ibmLogs(work, flows) {
  const folder = join(work, `ibm-${flows}`);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const objects = Math.ceil(flows / FLOWS_PER_OBJECT);
  console.log(`Generating ${flows.toLocaleString('en-US')} IBM flow logs in ${objects.toLocaleString('en-US')} objects (once)`);
  const pad = (n) => String(n).padStart(2, '0');
  const pending = [];
  for (let i = 0; i < objects; i++) {
    const vnic = i % 5;
    const at = START + Math.floor((Math.floor(i / 5) / Math.ceil(objects / 5)) * DAYS * 288) * 300_000;
    const when = new Date(at);
    const place = join(
      draft,
      `ibm_vpc_flowlogs_v1/account=123456789012/region=us-south/vpc-id=r006-1/subnet-id=0717-s/endpoint-type=vnics/instance-id=0717-vm${vnic}/vnic-id=0717-${vnic}/record-type=all`,
      `year=${when.getUTCFullYear()}/month=${pad(when.getUTCMonth() + 1)}/day=${pad(when.getUTCDate())}/hour=${pad(when.getUTCHours())}/stream-id=${when.toISOString().slice(0, 13).replaceAll('-', '')}0000Z`,
    );
    const text = objectOf(vnic, at, randomOf(i + 1));
    pending.push(
      compress(text, { level: 6 }).then((bytes) => {
        mkdirSync(place, { recursive: true });
        writeFileSync(join(place, `${String(i).padStart(8, '0')}.gz`), bytes);
      }),
    );
    if (pending.length >= 8) await Promise.all(pending.splice(0));
  }
  await Promise.all(pending);
  renameSync(draft, folder);
  return folder;
}

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const bytesBelow = (folder) => filesBelow(folder).reduce((sum, path) => sum + statSync(path).size, 0);

/** Bytes of the column chunks that a question reads: those of its columns, in row groups that can hold the value asked for. */
async function lakeBytes(folder, columns, column, value) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const meta = `parquet_metadata('${folder}/**/*.parquet')`;
  const reader = await connection.runAndReadAll(
    `SELECT sum(total_compressed_size)::DOUBLE AS bytes FROM ${meta} WHERE path_in_schema IN (${columns.map((name) => `'${name}'`).join(', ')}) ` +
      `AND (file_name, row_group_id) IN (SELECT (file_name, row_group_id) FROM ${meta} WHERE path_in_schema = '${column}' AND ${value} BETWEEN TRY_CAST(stats_min_value AS BIGINT) AND TRY_CAST(stats_max_value AS BIGINT))`,
  );
  return Number(reader.getRowObjectsJson()[0]?.bytes ?? 0);
}

/** Between a call and its answer: less than a query takes. */
const LATENCY_MS = 200;
const PAGE_ITEMS = 5000;

/** A service with so many bytes a second of traffic. By /pages it answers in pages, else all at once. */
function service(bytesPerSecond) {
  const item = JSON.stringify({
    action: 'pass',
    'agg-bytes': '842',
    'agg-packets': '4',
    destip: '10.140.216.121',
    destvn: 'default-domain:services:public',
    directionIng: '1',
    dport: '443',
    nwAceUuid: '00000000-0000-0000-0000-000000000001',
    protocol: '6',
    setupTime: '1478172458000000',
    sgRuleUuid: 'bc5b4e1a-6403-4cf7-9b8a-c3e7d105dcf2',
    sourceip: '10.140.213.62',
    sourcevn: 'default-domain:services:public',
    sport: '44568',
    teardownTime: '1478172644373505',
    underlayProto: '1',
    underlaySourcePort: '0',
    uuidKey: '00025d0b-60d6-4d6b-b3dd-5878d6af8b18',
  });
  const perSecond = Math.max(1, Math.round(bytesPerSecond / item.length));
  // The original client writes DD-MM-YYYY hh:mm:ss, ours instants.
  const parse = (text) => {
    const [, d, m, y, time] = /^(\d\d)-(\d\d)-(\d{4}) (.*)$/.exec(text) ?? [];
    return Date.parse(time === undefined ? text : `${y}-${m}-${d}T${time}Z`) / 1000;
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const query = url.searchParams;
    const token = query.get('nextToken');
    const [from, left] =
      token === null
        ? [parse(query.get('start_time')), (parse(query.get('end_time')) - parse(query.get('start_time'))) * perSecond]
        : token.split('-').map(Number);
    const count = url.pathname === '/pages' ? Math.min(left, PAGE_ITEMS) : left;
    // Each has its own start, within the window that was asked for.
    const own = item.replace('1478172458', String(from));
    const more = left > count ? `,"nextToken":"${from}-${left - count}"` : '';
    const body = `{"DescribeFlowLogResponse":{"requestId":"req-1","value":{"item":[${`${own},`.repeat(count).slice(0, -1)}]}${more}}}`;
    setTimeout(() => response.end(body), LATENCY_MS);
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve({ server, url: `http://127.0.0.1:${server.address().port}`, bytes: (seconds) => seconds * perSecond * item.length }),
    ),
  );
}

const run = (command) =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    spawn(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] }).once('exit', (code) =>
      code === 0 ? resolve((performance.now() - started) / 1000) : reject(new Error(`${command.join(' ')}: exit ${code}`)),
    );
  });

/** The original client: calls of 30 seconds, one after the other. A remainder is lost, as it was. */
async function originalClient(url, from, to) {
  const print = (t) => {
    const iso = new Date(t * 1000).toISOString();
    return `${iso.slice(8, 10)}-${iso.slice(5, 7)}-${iso.slice(0, 4)} ${iso.slice(11, 19)}`;
  };
  const started = performance.now();
  const file = join('.box', 'bench', 'original.json');
  writeFileSync(file, '');
  for (let t = from; t + 30 <= to; t += 30) {
    const target = new URL(url);
    target.searchParams.set('start_time', print(t));
    target.searchParams.set('end_time', print(t + 30));
    appendFileSync(file, await (await fetch(target)).text());
  }
  return (performance.now() - started) / 1000;
}

/** Rows of the bench: name, value, sign, target. */
export async function lakeRows({ smoke, work, cli, flowlogs, aws, awsRecords }) {
  const flows = smoke ? 60_000 : 20_000_000;
  const raw = await ibmLogs(work, flows);
  const ibm = join(raw, 'ibm_vpc_flowlogs_v1');
  const [text, lake, textLake] = ['converted', 'flat-lake', 'lake'].map((name) => join(work, `${name}-${flows}`));
  for (const folder of [text, lake, textLake]) rmSync(folder, { recursive: true, force: true });
  const converted = flowlogs('convert', ibm, '-f', 'aws-v2', '-o', text, '--no-cache', '-q');
  const records = await countOf(join(text, 'AWSLogs'));
  const rewritten = join(work, 'rewritten');
  rmSync(rewritten, { recursive: true, force: true });
  const again = flowlogs('convert', aws, '-f', 'aws-v2', '-o', rewritten, '--no-cache', '-q');
  rmSync(rewritten, { recursive: true, force: true });
  const compacted = flowlogs('compact', ibm, '-o', lake, '--no-cache', '-q');
  flowlogs('compact', join(text, 'AWSLogs'), '-o', textLake, '--no-cache', '-q');
  const ask = (id, source) => flowlogs('query', id, source, '--from', '2026-11-14', '--to', '2026-11-21', '--no-cache', '-q');
  const [onJson, onText] = [ask('ibm-https-top-receivers', ibm), ask('https-top-receivers', join(text, 'AWSLogs'))];
  const best = (times) => Math.min(...times.map(({ seconds }) => seconds));
  const onLake = best([1, 2, 3].map(() => ask('ibm-https-top-receivers', lake)));
  const onTextLake = best([1, 2, 3].map(() => ask('https-top-receivers', textLake)));
  const scanned = await lakeBytes(
    lake,
    ['start', 'target_port', 'target_ip', 'packets_from_initiator', 'packets_from_target'],
    'target_port',
    443,
  );
  const seconds = smoke ? 60 : 600;
  const api = await service(smoke ? 100_000 : 1_000_000);
  const [from, to] = ['08-11-2026 16:30:00', seconds === 60 ? '08-11-2026 16:31:00' : '08-11-2026 16:40:00'];
  const fetched = await run([
    process.execPath,
    cli,
    'fetch',
    '--from',
    from,
    '--to',
    to,
    '--time-zone',
    'UTC',
    '--endpoint',
    api.url,
    '--no-sign',
    '-o',
    join(work, 'fetched.json'),
    '-q',
  ]);
  const original = await originalClient(
    `${api.url}/whole`,
    Date.UTC(2026, 10, 8, 16, 30) / 1000,
    Date.UTC(2026, 10, 8, 16, 30) / 1000 + seconds,
  );
  api.server.close();
  const bytes = api.bytes(seconds);
  console.log(
    `\n${flows.toLocaleString('en-US')} IBM flow logs (${(bytesBelow(ibm) / 1e6).toFixed(0)} MB of objects), ${records.toLocaleString('en-US')} records, ${(bytesBelow(lake) / 1e6).toFixed(0)} MB of lake; ` +
      `convert ${converted.seconds.toFixed(1)} s and ${converted.mib.toFixed(0)} MiB, compact ${compacted.seconds.toFixed(1)} s and ${compacted.mib.toFixed(0)} MiB; ` +
      `"top receivers of HTTPS": JSON ${onJson.seconds.toFixed(2)} s, text ${onText.seconds.toFixed(2)} s, lakes ${onLake.toFixed(2)} and ${onTextLake.toFixed(2)} s\n` +
      `fetch ${fetched.toFixed(2)} s, the original's calls of 30 seconds in a row ${original.toFixed(2)} s (${(original / fetched).toFixed(2)} of our speed), for ${(bytes / 1e6).toFixed(0)} MB`,
  );
  return [
    ['lake / IBM JSON, speed', onJson.seconds / onLake, '>=', 15],
    ['IBM JSON / lake, bytes read', bytesBelow(ibm) / scanned, '>=', 10],
    ['lake / raw AWS text, speed', onText.seconds / onTextLake, '>=', 8],
    ['convert IBM, thousand records a second', records / converted.seconds / 1000, '>=', 400],
    ['convert IBM, MiB', converted.mib, '<=', 512],
    ['convert AWS text, thousand records a second', awsRecords / again.seconds / 1000, '>=', 400],
    ['convert AWS text, MiB', again.mib, '<=', 512],
    ['fetch, MB a second', bytes / 1e6 / fetched, '>=', 5],
  ];
}

async function countOf(folder) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::DOUBLE AS n FROM read_csv('${folder}/**/*.gz', columns = {'line': 'VARCHAR'}, delim = '\\t', header = true, quote = '', escape = '', auto_detect = false)`,
  );
  return Number(reader.getRowObjectsJson()[0]?.n);
}
