import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { findField } from '../../flow-log/fields';
import { type Format, printHeader } from '../../flow-log/format';
import type { CaptureRecord } from './record';

export interface LineOptions {
  readonly format: Format;
  readonly account: string;
  readonly region: string;
}

type Printer = (record: CaptureRecord) => string | number;

const kindOfAddress = ({ packetSrc }: CaptureRecord) => (packetSrc.includes(':') ? 'IPv6' : 'IPv4');

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
const PRINTERS: Readonly<Record<string, Printer>> = {
  srcaddr: (r) => r.src,
  dstaddr: (r) => r.dst,
  srcport: (r) => r.srcPort,
  dstport: (r) => r.dstPort,
  protocol: (r) => r.protocol,
  packets: (r) => r.packets,
  bytes: (r) => r.bytes,
  action: (r) => (r.accepted ? 'ACCEPT' : 'REJECT'),
  'vpc-id': (r) => r.of.vpcId ?? '-',
  'subnet-id': (r) => r.of.subnetId ?? '-',
  'instance-id': (r) => r.of.instanceId ?? '-',
  'tcp-flags': (r) => (r.protocol === 6 ? r.flags : 0),
  type: kindOfAddress,
  'pkt-srcaddr': (r) => r.packetSrc,
  'pkt-dstaddr': (r) => r.packetDst,
  'flow-direction': (r) => (r.ingress ? 'ingress' : 'egress'),
};

/** Prints records in a format; fields that the capture does not know are `-`. */
export function linePrinter({ format, account, region }: LineOptions): (record: CaptureRecord) => string {
  const version = Math.max(...format.names.map((name) => findField(name)?.since ?? 2));
  const always: Readonly<Record<string, Printer>> = {
    version: () => version,
    'account-id': () => account,
    'interface-id': (r) => r.of.id,
    start: (r) => r.start,
    end: (r) => r.end,
    'log-status': (r) => r.status,
    region: () => region,
  };
  const dash: Printer = () => '-';
  const full = format.names.map((name) => always[name] ?? PRINTERS[name] ?? dash);
  const idle = format.names.map((name) => always[name] ?? dash);
  return (record) => {
    const printers = record.status === 'OK' ? full : idle;
    let line = '';
    for (const print of printers) line += ` ${print(record)}`;
    return line.slice(1);
  };
}

const LINES_AT_ONCE = 2000;

/** The text of records, with a header line, some lines at a time. */
export function* printLog(records: readonly CaptureRecord[], options: LineOptions): Generator<string> {
  const print = linePrinter(options);
  yield `${printHeader(options.format)}\n`;
  for (let i = 0; i < records.length; i += LINES_AT_ONCE)
    yield records
      .slice(i, i + LINES_AT_ONCE)
      .map((record) => `${print(record)}\n`)
      .join('');
}

/** Writes records as a gzipped text object with a header line. */
export async function writeLog(path: string, records: readonly CaptureRecord[], options: LineOptions): Promise<void> {
  await pipeline(Readable.from(printLog(records, options)), createGzip({ level: 1 }), createWriteStream(path));
}
