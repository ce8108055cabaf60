import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { findField } from '../flow-log/fields';
import { type Format, printHeader } from '../flow-log/format';
import { type Layout, printKey } from '../flow-log/layout';
import { type Incident, plant, type PlantKind } from './plant';
import { Random } from './random';
import { type Flow, Network } from './traffic';

export interface GenerateOptions {
  readonly seed: number;
  readonly format: Format;
  readonly layout: Layout;
  readonly account: string;
  readonly region: string;
  /** Ordinary records; those of planted incidents come on top. */
  readonly records: number;
  /** Unix seconds, whole 5-minute slots, half-open. */
  readonly from: number;
  readonly to: number;
  readonly hosts: number;
  readonly plants: readonly PlantKind[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (objects: number, of: number) => void;
}

export interface Generated {
  readonly objects: number;
  readonly records: number;
  readonly bytes: number;
  readonly incidents: readonly Incident[];
}

const SLOT_SECONDS = 300;
const DAY = 86400;
const compress = promisify(gzip);

/** Of a whole connection: SYN and FIN of the end that began, SYN-ACK and FIN of the one that serves, here at the lower port. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html#flow-log-example-tcp-flag */
function tcpFlags({ protocol, action, srcPort, dstPort }: Flow): number {
  if (protocol !== 6) return 0;
  if (action === 'REJECT') return 2;
  return srcPort < dstPort ? 19 : 3;
}

type Printer = (flow: Flow, options: GenerateOptions) => string | number;

const PRINTERS: Readonly<Record<string, Printer>> = {
  'account-id': (_, o) => o.account,
  'interface-id': (f) => f.host.interfaceId,
  srcaddr: (f) => f.src,
  dstaddr: (f) => f.dst,
  srcport: (f) => f.srcPort,
  dstport: (f) => f.dstPort,
  protocol: (f) => f.protocol,
  packets: (f) => f.packets,
  bytes: (f) => f.bytes,
  action: (f) => f.action,
  'vpc-id': (f) => f.host.vpcId,
  'subnet-id': (f) => f.host.subnetId,
  'instance-id': (f) => f.host.instanceId,
  'tcp-flags': tcpFlags,
  type: () => 'IPv4',
  'pkt-srcaddr': (f) => f.src,
  'pkt-dstaddr': (f) => f.dst,
  'az-id': (f) => f.host.azId,
  'flow-direction': (f) => (f.ingress ? 'ingress' : 'egress'),
  'traffic-path': (f) => (f.ingress ? '-' : f.dst.startsWith('10.') ? 1 : 8),
};

/** What a NODATA record still says. */
const ALWAYS: Readonly<Record<string, Printer>> = {
  start: (f) => f.start,
  end: (f) => f.end,
  'log-status': (f) => f.status,
  'account-id': (_, o) => o.account,
  'interface-id': (f) => f.host.interfaceId,
  region: (_, o) => o.region,
};

function linePrinter(options: GenerateOptions): (flow: Flow) => string {
  const version = Math.max(...options.format.names.map((name) => findField(name)?.since ?? 2));
  const dash: Printer = () => '-';
  const all = options.format.names.map((name): Printer => (name === 'version' ? () => version : (ALWAYS[name] ?? PRINTERS[name] ?? dash)));
  const idle = options.format.names.map((name): Printer => (name === 'version' ? () => version : (ALWAYS[name] ?? dash)));
  return (flow) => (flow.status === 'OK' ? all : idle).map((print) => print(flow, options)).join(' ');
}

/** More by day than by night. */
const activity = (slot: number) => 1 + 0.5 * Math.sin(((slot % DAY) / DAY) * 2 * Math.PI - Math.PI / 2);

/** Records per slot, exact in sum. */
function shares(slots: readonly number[], records: number): number[] {
  const weights = slots.map(activity);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let done = 0;
  let weight = 0;
  return weights.map((w) => {
    weight += w;
    const upTo = Math.round((weight / total) * records);
    const share = upTo - done;
    done = upTo;
    return share;
  });
}

interface Plants {
  readonly flows: ReadonlyMap<number, readonly Flow[]>;
  readonly incidents: readonly Incident[];
  /** Whether an interface is to have no record at a time. */
  readonly isSilent: (flow: Flow) => boolean;
}

/** Planted incidents start on whole hours in the later part, where the detections have a past to compare with. */
function plantAll(options: GenerateOptions, network: Network, random: Random): Plants {
  const flows = new Map<number, Flow[]>();
  const incidents: Incident[] = [];
  const silences: { interfaceId: string; from: number; to: number }[] = [];
  // Each has a victim of its own, as long as there are enough.
  const victims = [...network.hosts].map((host) => ({ host, rank: random.next() })).sort((a, b) => a.rank - b.rank);
  const hours = Math.floor((options.to - options.from) / 3600);
  options.plants.forEach((kind, i) => {
    const first = Math.max(0, Math.floor(hours / 2));
    const hour = first + Math.floor(((i + 0.5) / options.plants.length) * (hours - first));
    const victim = victims[i % victims.length]?.host;
    if (victim === undefined) return;
    const planted = plant(kind, network, victim, random, options.from + Math.min(hour, Math.max(0, hours - 1)) * 3600);
    incidents.push(planted.incident);
    if (planted.silent !== undefined) silences.push({ interfaceId: planted.silent, from: planted.incident.from, to: planted.incident.to });
    for (const flow of planted.flows) {
      const slot = Math.floor(flow.start / SLOT_SECONDS) * SLOT_SECONDS;
      flows.set(slot, [...(flows.get(slot) ?? []), flow]);
    }
  });
  const isSilent = ({ host, start }: Flow) =>
    silences.some(({ interfaceId, from, to }) => interfaceId === host.interfaceId && start >= from && start < to);
  return { flows, incidents, isSilent };
}

/**
 * Writes synthetic flow logs below `folder`, keyed and named as AWS does, one object per 5 minutes. The same options
 * give the same bytes.
 */
export async function generate(folder: string, options: GenerateOptions): Promise<Generated> {
  const random = new Random(options.seed);
  const network = new Network(random, options.hosts);
  const { flows: planted, incidents, isSilent } = plantAll(options, network, new Random(options.seed ^ 0x5eed));
  const print = linePrinter(options);
  const flowLogId = `fl-${new Random(options.seed).hex(17)}`;
  const slots = Array.from({ length: Math.ceil((options.to - options.from) / SLOT_SECONDS) }, (_, i) => options.from + i * SLOT_SECONDS);
  const counts = shares(slots, options.records);
  let bytes = 0;
  let records = 0;
  for (const [i, slot] of slots.entries()) {
    options.signal?.throwIfAborted();
    const flows = [...Array.from({ length: counts[i] ?? 0 }, () => network.flow(slot, SLOT_SECONDS)), ...(planted.get(slot) ?? [])]
      .filter((flow) => !isSilent(flow))
      .sort((a, b) => a.end - b.end);
    const text = `${printHeader(options.format)}\n${flows.map((flow) => `${print(flow)}\n`).join('')}`;
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
    const published = new Date((slot + SLOT_SECONDS) * 1000);
    const path = join(
      folder,
      printKey({
        prefix: '',
        account: options.account,
        region: options.region,
        layout: options.layout,
        flowLogId,
        published,
        hash,
        fileFormat: 'text',
      }),
    );
    await fs.mkdir(dirname(path), { recursive: true });
    const object = await compress(text);
    await fs.writeFile(path, object);
    bytes += object.length;
    records += flows.length;
    options.onProgress?.(i + 1, slots.length);
  }
  return { objects: slots.length, records, bytes, incidents };
}
