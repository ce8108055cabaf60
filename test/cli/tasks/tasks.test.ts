/**
 * Tasks that people have, with the commands that they need: two at most, none of them with SQL. Each command is run as a shell would, in a
 * folder with logs, and the answer is compared with what is known of them.
 */
import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { CLI } from '../../support/build-cli';
import { temporaryFolder } from '../../support/logs';

const root = join(__dirname, '..', '..', '..');
const folder = temporaryFolder();
const run = promisify(execFile);

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function shell(command: string): Promise<Answer> {
  const bin = join(folder, 'bin');
  if (!existsSync(bin)) {
    mkdirSync(bin);
    writeFileSync(join(bin, 'flowlogs'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o755 });
  }
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1', FLOWLOGS_CACHE: join(folder, 'cache') };
  try {
    return { code: 0, ...(await run('sh', ['-c', command], { cwd: folder, env, maxBuffer: 1 << 26 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as Answer;
    return { code, stdout, stderr };
  }
}

const HEADER =
  'version account-id vpc-id subnet-id interface-id region az-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol packets bytes start end action flow-direction log-status';
const DAY = 86400;
const MIDNIGHT = Math.floor(Date.now() / 1000 / DAY) * DAY;
const WEB = '10.0.1.10';
const NAT = '10.0.0.220';
const CLIENT = '10.0.2.20';
const SCANNER = '198.51.100.7';

interface Flow {
  readonly at: number;
  readonly src: string;
  readonly dst: string;
  readonly port: number;
  readonly from?: number;
  readonly action?: string;
  readonly bytes?: number;
  readonly packets?: number;
  readonly az?: string;
  readonly eni?: string;
  readonly subnet?: string;
  readonly real?: readonly [string, string];
}

const lineOf = ({ at, src, dst, port, from = 40000, action = 'ACCEPT', bytes = 600, packets = 10, ...rest }: Flow): string => {
  const { az = 'use1-az1', eni = 'eni-web', subnet = 'subnet-web', real = [src, dst] } = rest;
  const direction = (eni === 'eni-web' && dst === WEB) || (eni === 'eni-nat' && dst === NAT) ? 'ingress' : 'egress';
  return `5 123456789012 vpc-1 ${subnet} ${eni} us-east-1 ${az} ${src} ${dst} ${real[0]} ${real[1]} ${from} ${port} 6 ${packets} ${bytes} ${at} ${at + 30} ${action} ${direction} OK`;
};

/** A small network of nine days up to this midnight and two hours after it. */
function network(): Flow[] {
  const flows: Flow[] = [];
  for (let day = -8; day <= 0; day++)
    for (let hour = 0; hour < (day === 0 ? 2 : 24); hour++) {
      const at = MIDNIGHT + day * DAY + hour * 3600 + 60;
      // Today has twice the traffic of a week ago.
      const times = day === 0 ? 2 : 1;
      for (let i = 0; i < times; i++) flows.push({ at: at + i, src: '203.0.113.50', dst: WEB, port: 443, from: 50000 + i, bytes: 9000 });
      // Through NAT: the client, then the gateway in its place.
      flows.push({
        at,
        src: CLIENT,
        dst: '192.0.2.80',
        port: 443,
        bytes: 70_000,
        eni: 'eni-client',
        subnet: 'subnet-client',
        az: 'use1-az2',
      });
      flows.push({
        at,
        src: CLIENT,
        dst: NAT,
        port: 443,
        bytes: 70_000,
        eni: 'eni-nat',
        subnet: 'subnet-nat',
        real: [CLIENT, '192.0.2.80'],
      });
      flows.push({ at, src: NAT, dst: '192.0.2.80', port: 443, bytes: 70_000, eni: 'eni-nat', subnet: 'subnet-nat' });
    }
  // Yesterday: one address tried many ports of the web server, another few; SSH was refused from inside as well.
  for (let i = 0; i < 40; i++)
    flows.push({
      at: MIDNIGHT - DAY + 3600 + i,
      src: SCANNER,
      dst: WEB,
      port: 20 + i,
      from: 41000,
      action: 'REJECT',
      packets: 1,
      bytes: 40,
    });
  flows.push({ at: MIDNIGHT - DAY + 7200, src: '198.51.100.8', dst: WEB, port: 22, action: 'REJECT', packets: 1, bytes: 40 });
  flows.push({ at: MIDNIGHT - DAY + 7300, src: '10.9.9.9', dst: WEB, port: 22, action: 'REJECT', packets: 1, bytes: 40 });
  // The day before yesterday another address was refused more often than anyone yesterday.
  for (let i = 0; i < 90; i++)
    flows.push({ at: MIDNIGHT - 2 * DAY + 3600 + i, src: '198.51.100.99', dst: WEB, port: 23, action: 'REJECT', packets: 1, bytes: 40 });
  // To the other zone.
  flows.push({
    at: MIDNIGHT - DAY + 60,
    src: CLIENT,
    dst: WEB,
    port: 443,
    bytes: 5000,
    eni: 'eni-client',
    subnet: 'subnet-client',
    az: 'use1-az2',
  });
  // SSH from the internet got in.
  const at = MIDNIGHT - DAY + 8000;
  flows.push({ at, src: '203.0.113.77', dst: WEB, port: 22, packets: 60, bytes: 9000 });
  flows.push({ at, src: WEB, dst: '203.0.113.77', port: 40000, from: 22, packets: 60, bytes: 9000 });
  return flows;
}

beforeAll(() => {
  const sorted = network().sort((a, b) => a.at - b.at);
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'logs', 'network.log'), `${HEADER}\n${sorted.map(lineOf).join('\n')}\n`);
  copyFileSync(join(root, 'samples', 'aws-honeypot-marx', 'marx.2-hosts.v2.log.gz'), join(folder, 'sample.log.gz'));
  const few = sorted.slice(0, 5);
  // A format of one's own, without its header line; and what CloudWatch exports: each line after its time.
  writeFileSync(join(folder, 'own.log'), `${few.map(({ at, src, dst, bytes = 600 }) => `${bytes} ${dst} ${src} ${at}`).join('\n')}\n`);
  mkdirSync(join(folder, 'export', 'eni-0a1-all'), { recursive: true });
  const exported = few.map(
    ({ at, src, dst, port }) =>
      `${new Date(at * 1000).toISOString()} 2 123456789012 eni-0a1 ${src} ${dst} 40000 ${port} 6 10 600 ${at} ${at + 30} ACCEPT OK`,
  );
  writeFileSync(join(folder, 'export', 'eni-0a1-all', '000000.gz'), gzipSync(`${exported.join('\n')}\n`));
});

const json = ({ stdout }: Answer) => JSON.parse(stdout) as Record<string, unknown>[];

interface Task {
  readonly commands: readonly string[];
  readonly check: (answers: readonly Answer[]) => void;
}

const first = ([answer]: readonly Answer[]): Answer => answer!;

const TASKS: Readonly<Record<string, Task>> = {
  'Who was refused most yesterday?': {
    commands: ['flowlogs query top-rejected-sources logs/ --from yesterday --to today -f json'],
    check: (answers) => {
      expect(json(first(answers))[0]).toMatchObject({ srcaddr: SCANNER, records: 40 });
      expect(first(answers).stdout).not.toContain('198.51.100.99');
    },
  },
  'Which ports of a host were tried?': {
    commands: [`flowlogs query rejected-by-port logs/ --scope dst=${WEB} --from yesterday --to today -f json`],
    check: (answers) => {
      const ports = json(first(answers)).map(({ dstport }) => dstport);
      expect(ports).toEqual(expect.arrayContaining([20, 22, 59]));
      expect(ports).not.toContain(443);
    },
  },
  'What did an address do?': {
    commands: [`flowlogs query traffic-from-address logs/ --param address=${SCANNER} -f json`],
    check: (answers) => {
      const rows = json(first(answers));
      expect(rows).toHaveLength(40);
      expect(new Set(rows.map(({ dstaddr }) => dstaddr))).toEqual(new Set([WEB]));
    },
  },
  'Is SSH open to the world?': {
    commands: [
      `flowlogs query accepted-tcp-connections logs/ --scope dstport=ssh --scope '!src=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16' -f json`,
    ],
    check: (answers) => expect(json(first(answers))).toMatchObject([{ srcaddr: '203.0.113.77', dstaddr: WEB }]),
  },
  'How does today compare with last week?': {
    commands: ['flowlogs query traffic-compared logs/ --from today -f json'],
    check: (answers) => expect(json(first(answers))[0]).toMatchObject({ accepted: 5, accepted_week_before: 4 }),
  },
  'Who sends most through the NAT gateway?': {
    commands: [`flowlogs query nat-gateway-top-contributors logs/ --param nat_addresses=${NAT} -f json`],
    check: (answers) => expect(json(first(answers)).map(({ address }) => address)).toContain(CLIENT),
  },
  'How much traffic crosses zones?': {
    commands: ['flowlogs query traffic-by-az-pair logs/ -f json'],
    check: (answers) =>
      expect(json(first(answers))).toContainEqual(
        expect.objectContaining({ source_az: 'use1-az2', destination_az: 'use1-az1', bytes: 5000, records: 1 }),
      ),
  },
  'A table for a spreadsheet, and one for pandas': {
    commands: ['flowlogs query top-talkers logs/ -o talkers.csv', 'flowlogs query top-talkers logs/ -o talkers.parquet'],
    check: () => {
      expect(readFileSync(join(folder, 'talkers.csv'), 'utf8')).toMatch(
        /^srcaddr,srcaddr_owner,srcaddr_country,srcaddr_asn,bytes,packets,records\r?\n/,
      );
      expect(readFileSync(join(folder, 'talkers.parquet')).subarray(0, 4).toString()).toBe('PAR1');
    },
  },
  'Refused addresses, for a program': {
    commands: ['flowlogs query top-rejected-sources logs/ --from yesterday --to today -f ndjson -q | jq -r .srcaddr'],
    check: (answers) => expect(first(answers).stdout.split('\n')).toEqual(expect.arrayContaining([SCANNER, '10.9.9.9'])),
  },
  'Who from outside RFC 1918 was refused on port 22?': {
    commands: [
      `flowlogs query top-rejected-sources logs/ --scope dstport=22 --scope '!src=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16' -f json`,
    ],
    check: (answers) =>
      expect(
        json(first(answers))
          .map(({ srcaddr }) => srcaddr)
          .sort(),
      ).toEqual([SCANNER, '198.51.100.8']),
  },
  'An alarm for one subnet, in a script': {
    commands: [
      'flowlogs detect logs/ --only vertical-scan --scope subnet=subnet-web --fail-on low -q',
      'flowlogs detect logs/ --only vertical-scan --scope subnet=subnet-client --fail-on low -q',
    ],
    check: ([web, client]) => expect([web?.code, client?.code]).toEqual([3, 0]),
  },
  'What does this finding mean?': {
    commands: ['flowlogs detect logs/ --only vertical-scan', `flowlogs explain vertical-scan/${SCANNER}/${WEB} logs/`],
    check: ([found, explained]) => {
      expect(found?.stdout).toContain(SCANNER);
      expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('What to do') });
    },
  },
  'Logs in a format of our own, without a header': {
    commands: ["flowlogs describe own.log --log-format 'bytes dstaddr srcaddr start'"],
    check: (answers) => expect(first(answers)).toMatchObject({ code: 0, stderr: expect.stringContaining('Read 5 records from 1 file.') }),
  },
  'An export of CloudWatch Logs': {
    commands: ['flowlogs query top-talkers export/ -f json'],
    check: (answers) => expect(json(first(answers)).reduce((sum, { records }) => sum + Number(records), 0)).toBe(5),
  },
  'A report for the boss': {
    commands: ["flowlogs report sample.log.gz --title 'Honeypots in 2013' -o report.html"],
    check: (answers) => {
      expect(first(answers)).toMatchObject({ code: 0, stderr: expect.stringContaining('report.html') });
      expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Honeypots in 2013');
    },
  },
};

test('there are fifteen, of two commands at most, without SQL', () => {
  const tasks = Object.values(TASKS);
  expect(tasks).toHaveLength(15);
  for (const { commands } of tasks) {
    expect(commands.length).toBeLessThanOrEqual(2);
    for (const command of commands) expect(command).not.toMatch(/\bflowlogs sql\b|--where|\bselect\b/i);
  }
});

/** jq is the reader's own tool: where it is not installed, its task cannot be tried. */
const hasJq = spawnSync('jq', ['--version']).status === 0;
const tried = Object.entries(TASKS).filter(([, { commands }]) => hasJq || commands.every((command) => !command.includes('| jq')));

test.each(tried)('%s', async (_, { commands, check }) => {
  const answers: Answer[] = [];
  for (const command of commands) answers.push(await shell(command));
  check(answers);
});
