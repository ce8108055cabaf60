import type { Random } from './random';

/** One synthetic flow, before it is written in a format. */
export interface Flow {
  readonly host: Host;
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  readonly packets: number;
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
  readonly action: 'ACCEPT' | 'REJECT';
  readonly ingress: boolean;
  readonly status: 'OK' | 'NODATA' | 'SKIPDATA';
}

/** A network interface with its place. */
export interface Host {
  readonly interfaceId: string;
  readonly address: string;
  readonly instanceId: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly azId: string;
}

const HOSTS_PER_SUBNET = 50;
const SCANNERS = 20_000;
const CLIENTS = 3_000;

/** Ordinary life of a VPC: clients and services, and the background noise of the internet. */
export class Network {
  readonly hosts: readonly Host[];
  private readonly clients: readonly string[];

  constructor(
    private readonly random: Random,
    hostCount: number,
  ) {
    const vpcId = `vpc-${random.hex(17)}`;
    const subnets = Array.from({ length: Math.ceil(hostCount / HOSTS_PER_SUBNET) }, () => `subnet-${random.hex(17)}`);
    this.hosts = Array.from({ length: hostCount }, (_, i) => {
      const subnet = Math.floor(i / HOSTS_PER_SUBNET);
      return {
        interfaceId: `eni-${random.hex(17)}`,
        address: `10.0.${subnet}.${(i % HOSTS_PER_SUBNET) + 10}`,
        instanceId: `i-${random.hex(17)}`,
        subnetId: subnets[subnet] ?? '',
        vpcId,
        azId: `use1-az${(subnet % 3) + 1}`,
      };
    });
    this.clients = Array.from({ length: CLIENTS }, () => publicAddress(random));
  }

  /** One ordinary flow that starts in `[from, from + seconds)`. */
  flow(from: number, seconds: number): Flow {
    const { random } = this;
    const host = random.pick(this.hosts);
    const start = from + random.integer(0, seconds - 1);
    const base = { host, start, end: start + random.integer(1, 59), status: 'OK' as const };
    const kind = random.next();
    if (kind < 0.002)
      return {
        ...base,
        src: '-',
        dst: '-',
        srcPort: 0,
        dstPort: 0,
        protocol: 0,
        packets: 0,
        bytes: 0,
        action: 'ACCEPT',
        ingress: true,
        status: 'NODATA',
      };
    if (kind < 0.2) return this.noise(base, host);
    if (kind < 0.55) return this.service(base, host);
    return this.client(base, host);
  }

  /** A stray packet of the internet: many sources, each rarely seen. */
  private noise(base: Pick<Flow, 'host' | 'start' | 'end' | 'status'>, host: Host): Flow {
    const { random } = this;
    const n = random.integer(0, SCANNERS - 1);
    const src = `${100 + (n % 24)}.${(n * 7) % 256}.${Math.floor(n / 97) % 256}.${1 + (n % 250)}`;
    const port = random.chance(0.7) ? random.pick([22, 23, 80, 443, 445, 3389, 5900, 6379, 8080]) : random.integer(1, 65535);
    return {
      ...base,
      src,
      dst: host.address,
      srcPort: random.integer(1024, 65535),
      dstPort: port,
      protocol: random.chance(0.9) ? 6 : 17,
      packets: 1,
      bytes: random.integer(40, 60),
      action: 'REJECT',
      ingress: true,
    };
  }

  /** A client's request to a web host, or its answer. */
  private service(base: Pick<Flow, 'host' | 'start' | 'end' | 'status'>, host: Host): Flow {
    const { random } = this;
    const client = this.clients[random.rank(CLIENTS)] ?? '';
    const packets = random.integer(4, 60);
    const port = random.integer(1024, 65535);
    const request = random.chance(0.5);
    const ends = request
      ? { src: client, dst: host.address, srcPort: port, dstPort: 443 }
      : { src: host.address, dst: client, srcPort: 443, dstPort: port };
    return { ...base, ...ends, protocol: 6, packets, bytes: packets * random.integer(60, 1400), action: 'ACCEPT', ingress: request };
  }

  /** A host's own requests: databases and DNS inside, updates outside. */
  private client(base: Pick<Flow, 'host' | 'start' | 'end' | 'status'>, host: Host): Flow {
    const { random } = this;
    const packets = random.integer(1, 30);
    const peer = this.hosts[random.rank(this.hosts.length)]?.address ?? '';
    const outside = random.chance(0.2);
    const ends = {
      src: host.address,
      dst: outside ? (this.clients[random.rank(40)] ?? '') : peer,
      srcPort: random.integer(32768, 60999),
      dstPort: outside ? 443 : random.pick([5432, 3306, 6379, 53]),
    };
    return {
      ...base,
      ...ends,
      protocol: ends.dstPort === 53 ? 17 : 6,
      packets,
      bytes: packets * random.integer(60, 1000),
      action: 'ACCEPT',
      ingress: false,
    };
  }
}

/** Outside the documentation and private ranges, so that it counts as public. */
export const publicAddress = (random: Random): string =>
  `${random.pick([3, 13, 18, 34, 52, 54, 99])}.${random.integer(0, 255)}.${random.integer(0, 255)}.${random.integer(1, 254)}`;
