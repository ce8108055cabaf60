import { Capture, type CaptureOptions } from '../../lib/synthetic/capture/capture';
import type { Connection, Endpoint, Hop, Outcome, Volume } from '../../lib/synthetic/capture/connection';
import type { InterfaceKind, NetworkInterface } from '../../lib/synthetic/capture/interface';
import { HOUR } from './clock';
import type { Sampler } from './sampler';

/** A host of ours with its first interface. */
export interface Host {
  readonly id: string;
  readonly address: string;
  /** Hosts of a role share security groups. */
  readonly role: string;
  /** Whether the internet reaches it: a public address, groups aside. */
  readonly isPublic: boolean;
  readonly kind: InterfaceKind;
  readonly from: number;
  readonly to: number;
}

export interface SiteOptions extends CaptureOptions {
  readonly random: Sampler;
  /** AWS's default lets everything out; `strict` groups let out what the role's ordinary traffic needs. */
  readonly egress: 'open' | 'strict';
  /** `flat`: hosts of the network admit each other; `grouped`: a role admits the ports and roles of its ordinary traffic. */
  readonly inside: 'flat' | 'grouped';
  /** First three octets are `10.<n>`: networks differ, as accounts do. */
  readonly network: number;
  readonly aggregationSeconds: 60 | 600;
}

export interface HostOptions {
  readonly role: string;
  readonly isPublic?: boolean;
  readonly subnet?: number;
  readonly kind?: InterfaceKind;
  readonly from?: number;
  readonly to?: number;
  readonly aggregationSeconds?: 60 | 600;
  readonly extraAddresses?: readonly string[];
  readonly intermediateAddress?: 'own' | 'far';
}

export interface Exchange {
  readonly at: number;
  readonly seconds: number;
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly fromPort?: number;
  readonly protocol?: number;
  readonly sent: Volume;
  readonly received: Volume;
  readonly outcome?: Outcome;
  readonly ending?: Connection['ending'];
  readonly late?: Connection['late'];
  readonly via?: readonly Hop[];
}

const TCP = 6;
const INSIDE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|fd)/;

/**
 * A network of ours: hosts by role, security groups, and what is connected. Ordinary traffic defines what the groups admit:
 * administrators write rules for it. What comes later (attacks) is judged by these rules.
 */
export class Site {
  readonly capture: Capture;
  readonly random: Sampler;
  readonly hosts: Host[] = [];
  private readonly byAddress = new Map<string, Host>();
  private readonly roleOfAddress = new Map<string, string>();
  private readonly letOut = new Set<string>();
  private readonly admitted = new Set<string>();
  private readonly listening = new Set<string>();
  private readonly nextHost = new Map<number, number>();
  private nat: Host | undefined;

  constructor(readonly options: SiteOptions) {
    this.random = options.random;
    this.capture = new Capture({ ...options, reserved: [`10.${options.network}.0.2`, ...(options.reserved ?? [])] });
  }

  get from(): number {
    return this.options.from;
  }

  get to(): number {
    return this.options.to;
  }

  /** Interfaces times weeks, so that short-lived ones count for their time. */
  get interfaceWeeks(): number {
    const week = 7 * 24 * HOUR;
    return this.capture.interfaces.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(this.to, to ?? this.to) - Math.max(this.from, from ?? this.from)) / week,
      0,
    );
  }

  /** The next free private address of a subnet. */
  address(subnet: number): string {
    const n = this.nextHost.get(subnet) ?? 10;
    this.nextHost.set(subnet, n + 1);
    const [third, fourth] = [subnet + Math.floor(n / 240), (n % 240) + 10];
    return `10.${this.options.network}.${third}.${fourth}`;
  }

  add(options: HostOptions): Host {
    const { role, isPublic = false, kind = 'instance', subnet = 1 } = options;
    const address = this.address(subnet);
    const id = `eni-0${this.random.hex(16)}`;
    const instance = kind === 'instance' || kind === 'node';
    const of: NetworkInterface = {
      id,
      kind,
      addresses: [address, ...(options.extraAddresses ?? [])],
      vpcId: `vpc-0${String(this.options.network).padStart(16, '0')}`,
      subnetId: `subnet-0${String(subnet).padStart(16, '0')}`,
      ...(instance ? { instanceId: `i-0${this.random.hex(16)}` } : {}),
      ...(options.from === undefined ? {} : { from: options.from }),
      ...(options.to === undefined ? {} : { to: options.to }),
      aggregationSeconds: options.aggregationSeconds ?? this.options.aggregationSeconds,
      ...(options.intermediateAddress === undefined ? {} : { intermediateAddress: options.intermediateAddress }),
    };
    this.capture.add(of);
    const host: Host = { id, address, role, isPublic, kind, from: options.from ?? this.from, to: options.to ?? this.to };
    this.hosts.push(host);
    this.byAddress.set(address, host);
    this.roleOfAddress.set(address, role);
    for (const extra of options.extraAddresses ?? []) this.claim(host, extra, role);
    return host;
  }

  /** A further address of a host, a pod's for instance, with a role of its own. */
  claim(host: Host, address: string, role: string): void {
    this.capture.addAddress(host.id, address);
    this.byAddress.set(address, host);
    this.roleOfAddress.set(address, role);
  }

  /** An address of ours whose interface is not in the log: of another account, or of a subnet that is not logged. */
  unlogged(subnet: number): string {
    return this.address(subnet);
  }

  /** Private hosts reach the internet through it from now on. */
  useNat(nat: Host): void {
    this.nat = nat;
  }

  withRole(...roles: readonly string[]): Host[] {
    return this.hosts.filter(({ role }) => roles.includes(role));
  }

  /** Of this network or of another private one that it is joined with: no gateway to the internet is between. */
  isInside(address: string): boolean {
    return INSIDE.test(address);
  }

  /** Ordinary traffic: whatever group it needs has been opened for it, unless an outcome is given. */
  connect(exchange: Exchange): void {
    const outcome = exchange.outcome ?? 'answered';
    if (outcome === 'answered' || outcome === 'unanswered') this.letOut.add(this.egressRule(exchange));
    if (outcome === 'answered' || outcome === 'closed') this.admitted.add(this.ingressRule(exchange));
    if (outcome === 'answered') this.listening.add(`${exchange.to} ${exchange.protocol ?? TCP} ${exchange.port}`);
    this.capture.connect(this.connection(exchange, outcome));
  }

  /**
   * What nobody planned for: the groups decide, then whether somebody listens. `beyond` is what an address that is not ours does.
   * @returns the outcome
   */
  attempt(exchange: Exchange, beyond: Outcome = 'answered'): Outcome {
    const outcome = exchange.outcome ?? this.outcomeOf(exchange, beyond);
    const talks = outcome === 'answered' || (exchange.protocol ?? TCP) !== TCP || exchange.sent.packets <= 6;
    // Who wanted to say much gets no further than three SYN.
    this.capture.connect(this.connection(talks ? exchange : { ...exchange, seconds: 3, sent: { packets: 3, bytes: 180 } }, outcome));
    return outcome;
  }

  /** Opens a port, as an administrator in a hurry does. */
  open(host: Host, port: number, to: 'world' | 'inside' = 'world', protocol = TCP): void {
    this.admitted.add(`${to} ${this.roleOfAddress.get(host.address)} ${protocol} ${port}`);
    this.listening.add(`${host.address} ${protocol} ${port}`);
  }

  isListening(address: string, port: number, protocol = TCP): boolean {
    return this.listening.has(`${address} ${protocol} ${port}`);
  }

  /** Whether the groups of a host let a kind of traffic out. */
  letsOut(host: Host, port: number, to: string, protocol = TCP): boolean {
    return this.options.egress === 'open' || this.letOut.has(this.egressRule({ from: host.address, to, port, protocol }));
  }

  private outcomeOf(exchange: Exchange, beyond: Outcome): Outcome {
    const { from, to, port, protocol = TCP } = exchange;
    const [client, server] = [this.byAddress.get(from), this.byAddress.get(to)];
    if (client !== undefined && this.options.egress === 'strict' && !this.letOut.has(this.egressRule(exchange))) return 'blocked';
    if (server === undefined) return beyond;
    if (server.kind === 'nat-gateway') return 'unanswered';
    const inside = this.isInside(from);
    const admits =
      (inside && this.options.inside === 'flat') ||
      this.admitted.has(this.ingressRule(exchange)) ||
      this.admitted.has(`world ${this.roleOfAddress.get(to)} ${protocol} ${port}`);
    if (!admits) return 'refused';
    return this.isListening(to, port, protocol) ? 'answered' : protocol === TCP ? 'closed' : 'unanswered';
  }

  private egressRule({ from, to, port, protocol = TCP }: Pick<Exchange, 'from' | 'to' | 'port' | 'protocol'>): string {
    return `${this.roleOfAddress.get(from) ?? '-'} ${protocol} ${port} ${this.isInside(to) ? 'inside' : 'outside'}`;
  }

  private ingressRule({ from, to, port, protocol = TCP }: Pick<Exchange, 'from' | 'to' | 'port' | 'protocol'>): string {
    const who = this.isInside(from) ? (this.roleOfAddress.get(from) ?? 'inside') : 'world';
    return `${who} ${this.roleOfAddress.get(to)} ${protocol} ${port}`;
  }

  private connection(exchange: Exchange, outcome: Outcome): Connection {
    const { at, seconds, from, to, port, protocol = TCP, sent, received, ending, late } = exchange;
    const portless = protocol !== TCP && protocol !== 17;
    const client: Endpoint = { address: from, port: portless ? 0 : (exchange.fromPort ?? this.random.ephemeral()) };
    const via = exchange.via ?? this.natHop(exchange, portless);
    return {
      at,
      seconds,
      client,
      server: { address: to, port: portless ? 0 : port },
      protocol,
      sent,
      received,
      outcome,
      ...(ending === undefined ? {} : { ending }),
      ...(late === undefined ? {} : { late }),
      ...(via === undefined ? {} : { via }),
    };
  }

  private natHop({ from, to }: Exchange, portless: boolean): readonly Hop[] | undefined {
    const { nat } = this;
    if (nat === undefined || !this.isInside(from) || this.isInside(to)) return undefined;
    const host = this.byAddress.get(from);
    if (host === nat || host?.isPublic === true) return undefined;
    return [{ interfaceId: nat.id, client: { address: nat.address, port: portless ? 0 : this.random.natPort() } }];
  }
}
