import type { Connection, Endpoint, Volume } from './connection';
import type { NetworkInterface } from './interface';
import type { CaptureRecord } from './record';

export interface CaptureOptions {
  /** Unix seconds, half-open: what is outside is not logged. */
  readonly from: number;
  readonly to: number;
  /**
   * `packets`: start and end of a record are those of its first and last packet, as the field's description says; `interval`: those
   * of the whole interval, as in the documented examples. Default `packets`.
   */
  readonly stamps?: 'packets' | 'interval';
  /** Idle intervals that get a NODATA record: every one, as AWS does, or one an hour at most, to keep a file small. Default `hourly`. */
  readonly noData?: 'every' | 'hourly' | 'none';
  /** Addresses of the VPC's resolver and router: their traffic is not logged. */
  readonly reserved?: readonly string[];
}

const TCP = 6;
const FIN = 1;
const SYN = 2;
const RST = 4;
const SYN_ACK = 18;
const RST_BYTES = 40;
const HOUR = 3600;

/** Packets of one direction, before an interface sees them. */
interface Stream {
  readonly protocol: number;
  readonly at: number;
  readonly seconds: number;
  readonly volume: Volume;
  readonly firstFlags: number;
  readonly lastFlags: number;
}

interface Known {
  readonly of: NetworkInterface;
  readonly index: number;
  readonly interval: number;
  /** Intervals of an interface begin where its capture began, not on whole minutes. */
  readonly phase: number;
}

/**
 * Writes the records that AWS would for connections at the level of the network.
 *
 * - One record per 5-tuple, interface and aggregation interval; start and end are of the first and last packet in it; flags are OR-ed
 *   over the interval: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
 * - `srcaddr` of what leaves and `dstaddr` of what arrives are the interface's primary private address, whatever the packet says;
 *   `pkt-srcaddr` and `pkt-dstaddr` are the packet's: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-limitations.html.
 *   From this one rule follow the documented records of NAT and transit gateways:
 *   https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html
 * - The client's interface accepts what it lets out, also if the server's then refuses it; answers of what was admitted are admitted
 *   (security groups are stateful); packets after a connection was closed are REJECT (the same two pages).
 * - The resolver's and router's, link-local and DHCP traffic is not logged (limitations page).
 */
export class Capture {
  private readonly byAddress = new Map<string, Known>();
  private readonly byId = new Map<string, Known>();
  private readonly records = new Map<string, CaptureRecord>();
  private readonly reserved: ReadonlySet<string>;
  private readonly losses: { from: number; to: number; interfaceId: string | undefined; status: 'SKIPDATA' | 'missing' }[] = [];

  constructor(private readonly options: CaptureOptions) {
    this.reserved = new Set(options.reserved);
  }

  get interfaces(): readonly NetworkInterface[] {
    return [...this.byId.values()].map(({ of }) => of);
  }

  /** @throws Error if the id or an address is taken */
  add(of: NetworkInterface): void {
    if (this.byId.has(of.id)) throw new Error(`interface ${of.id} is there already`);
    const index = this.byId.size;
    const interval = of.aggregationSeconds ?? 60;
    const known: Known = { of, index, interval, phase: (index * 7919) % interval };
    this.byId.set(of.id, known);
    for (const address of of.addresses) this.addAddress(of.id, address);
  }

  /** A pod's address, for instance. An address that another interface had goes over to this one. */
  addAddress(interfaceId: string, address: string): void {
    this.byAddress.set(address, this.known(interfaceId));
  }

  interfaceOf(address: string): NetworkInterface | undefined {
    return this.byAddress.get(address)?.of;
  }

  /** Records of a time that did not come; `SKIPDATA` leaves one record an interface and interval that says so. */
  lose(from: number, to: number, status: 'SKIPDATA' | 'missing', interfaceId?: string): void {
    this.losses.push({ from, to, interfaceId, status });
  }

  connect(connection: Connection): void {
    const { protocol, outcome, at, seconds } = connection;
    if (this.isUnlogged(connection)) return;
    const tcp = protocol === TCP;
    const ends = { client: this.byAddress.get(connection.client.address), server: this.byAddress.get(serverBehind(connection).address) };
    // What stays within a host passes no interface.
    if (ends.client !== undefined && ends.client === ends.server) return;
    const ending = connection.ending ?? 'fin';
    const last = !tcp || ending === 'open' || outcome !== 'answered' ? 0 : ending === 'reset' ? RST : FIN;
    const attempts =
      outcome === 'closed'
        ? { packets: 1, bytes: Math.max(RST_BYTES, Math.round(connection.sent.bytes / Math.max(1, connection.sent.packets))) }
        : connection.sent;
    const request = { protocol, at, seconds, volume: attempts, firstFlags: tcp ? SYN : 0, lastFlags: last };
    this.pass(connection, ends, 'request', request, outcome === 'blocked' ? 'blocked' : outcome === 'refused' ? 'refused' : 'accepted');
    if (outcome === 'closed')
      this.pass(
        connection,
        ends,
        'answer',
        { ...request, volume: { packets: 1, bytes: RST_BYTES }, seconds: 0, firstFlags: RST, lastFlags: 0 },
        'accepted',
      );
    if (outcome !== 'answered') return;
    this.pass(connection, ends, 'answer', { ...request, volume: connection.received, firstFlags: tcp ? SYN_ACK : 0 }, 'accepted');
    const { late } = connection;
    if (late !== undefined)
      this.pass(
        connection,
        ends,
        late.by === 'client' ? 'request' : 'answer',
        { protocol, at: at + seconds + late.afterSeconds, seconds: 0, volume: late, firstFlags: tcp ? FIN : 0, lastFlags: 0 },
        'refused',
      );
  }

  /** All records by end, the order in which AWS publishes them; equal ones by interface. */
  sorted(): CaptureRecord[] {
    const kept = this.losses.length === 0 ? [...this.records.values()] : this.withLosses();
    for (const idle of this.idle(kept)) kept.push(idle);
    const index = new Map([...this.byId.values()].map((known) => [known.of, known.index]));
    return kept.sort((a, b) => a.end - b.end || (index.get(a.of) ?? 0) - (index.get(b.of) ?? 0));
  }

  private known(id: string): Known {
    const known = this.byId.get(id);
    if (known === undefined) throw new Error(`no interface ${id} was added`);
    return known;
  }

  private isUnlogged({ client, server, protocol }: Connection): boolean {
    const dhcp = protocol === 17 && (server.port === 67 || server.port === 68);
    return dhcp || [client.address, server.address].some((address) => this.reserved.has(address) || address.startsWith('169.254.'));
  }

  /** One direction along the whole path: out of the first end, in and out of every hop, into the other end. */
  private pass(
    connection: Connection,
    ends: { readonly client: Known | undefined; readonly server: Known | undefined },
    way: 'request' | 'answer',
    what: Stream,
    fate: 'accepted' | 'refused' | 'blocked',
  ): void {
    const asks = way === 'request';
    let { client, server } = connection;
    const at = (known: Known, ingress: boolean, accepted: boolean, showsFar = false) =>
      asks
        ? this.write(known, ingress, client, server, what, accepted, showsFar)
        : this.write(known, ingress, server, client, what, accepted, showsFar);
    // A late packet is refused where it arrives; the sender's interface records ACCEPT.
    if (ends.client !== undefined) at(ends.client, !asks, fate === 'accepted' || (fate === 'refused' && asks));
    if (fate === 'blocked') return;
    for (const hop of connection.via ?? []) {
      const known = this.known(hop.interfaceId);
      const sides = hop.sides ?? 'both';
      if (sides !== 'server') at(known, asks, true, known.of.intermediateAddress === 'far');
      client = hop.client ?? client;
      server = hop.server ?? server;
      if (sides !== 'client') at(known, !asks, true);
    }
    if (ends.server !== undefined) at(ends.server, asks, !(fate === 'refused' && asks));
  }

  private write(known: Known, ingress: boolean, src: Endpoint, dst: Endpoint, stream: Stream, accepted: boolean, showsFar: boolean): void {
    const { of, index, interval, phase } = known;
    const { at, seconds, volume, protocol } = stream;
    const { packets, bytes } = volume;
    if (packets < 1) return;
    const { stamps = 'packets' } = this.options;
    const own = of.addresses[0] ?? '';
    // The pages say it of IPv4 addresses only.
    const shownSrc = ingress || showsFar || src.address.includes(':') ? src.address : own;
    const shownDst = !ingress || showsFar || dst.address.includes(':') ? dst.address : own;
    const tuple = `${index} ${ingress ? 1 : 0}${accepted ? 1 : 0} ${src.address} ${src.port} ${dst.address} ${dst.port} ${protocol} `;
    const gap = packets > 1 ? seconds / (packets - 1) : 0;
    const [firstWindow, lastWindow] = [Math.floor((at - phase) / interval), Math.floor((at + seconds - phase) / interval)];
    const begin = Math.max(firstWindow, Math.floor((this.options.from - phase) / interval));
    const before = (time: number) => (time <= at ? 0 : gap === 0 ? packets : Math.min(packets, Math.ceil((time - at) / gap - 1e-9)));
    for (let window = begin; window <= lastWindow; window++) {
      const opens = window * interval + phase;
      if (opens >= this.options.to) break;
      const from = window === firstWindow ? 0 : before(opens);
      const to = window === lastWindow ? packets : before(opens + interval);
      if (to <= from) continue;
      const share = Math.round((bytes * to) / packets) - Math.round((bytes * from) / packets);
      const flags = (from === 0 ? stream.firstFlags : 0) | (to === packets ? stream.lastFlags : 0);
      const start = stamps === 'interval' ? opens : Math.floor(at + gap * from);
      const end = stamps === 'interval' ? opens + interval - 2 : Math.floor(at + gap * (to - 1));
      if (start < this.options.from || start >= this.options.to) continue;
      const key = `${tuple}${window}`;
      const there = this.records.get(key);
      if (there === undefined) {
        this.records.set(key, {
          of,
          ingress,
          src: shownSrc,
          dst: shownDst,
          packetSrc: src.address,
          packetDst: dst.address,
          srcPort: src.port,
          dstPort: dst.port,
          protocol,
          packets: to - from,
          bytes: share,
          start,
          end,
          accepted,
          flags,
          status: 'OK',
        });
      } else {
        there.packets += to - from;
        there.bytes += share;
        there.start = Math.min(there.start, start);
        there.end = Math.max(there.end, end);
        there.flags |= flags;
      }
    }
  }

  private withLosses(): CaptureRecord[] {
    const kept: CaptureRecord[] = [];
    const skipped = new Map<string, CaptureRecord>();
    for (const record of this.records.values()) {
      const loss = this.lossAt(record.of.id, record.start);
      if (loss === undefined) kept.push(record);
      else if (loss.status === 'SKIPDATA') {
        const { interval, phase } = this.known(record.of.id);
        const opens = Math.floor((record.start - phase) / interval) * interval + phase;
        skipped.set(`${record.of.id} ${opens}`, statusRecord(record.of, opens, interval, 'SKIPDATA'));
      }
    }
    return [...kept, ...skipped.values()];
  }

  private lossAt(interfaceId: string, time: number) {
    return this.losses.find((loss) => time >= loss.from && time < loss.to && (loss.interfaceId ?? interfaceId) === interfaceId);
  }

  /** NODATA of intervals without traffic. */
  private idle(records: readonly CaptureRecord[]): CaptureRecord[] {
    const { noData = 'hourly', from, to } = this.options;
    if (noData === 'none') return [];
    const busy = new Set<string>();
    const slotOf = (known: Known) => (noData === 'every' ? known.interval : Math.max(HOUR, known.interval));
    for (const { of, start } of records) {
      const known = this.known(of.id);
      busy.add(`${known.index} ${Math.floor((start - known.phase) / slotOf(known))}`);
    }
    const idle: CaptureRecord[] = [];
    for (const known of this.byId.values()) {
      const slot = slotOf(known);
      const begins = Math.max(from, known.of.from ?? from);
      const ends = Math.min(to, known.of.to ?? to);
      for (let n = Math.ceil((begins - known.phase) / slot); (n + 1) * slot + known.phase <= ends; n++) {
        const opens = n * slot + known.phase;
        if (!busy.has(`${known.index} ${n}`) && this.lossAt(known.of.id, opens) === undefined)
          idle.push(statusRecord(known.of, opens, known.interval, 'NODATA'));
      }
    }
    return idle;
  }
}

const serverBehind = ({ server, via = [] }: Connection): Endpoint => via.reduce((at, hop) => hop.server ?? at, server);

function statusRecord(of: NetworkInterface, opens: number, interval: number, status: 'NODATA' | 'SKIPDATA'): CaptureRecord {
  return {
    of,
    ingress: true,
    src: '-',
    dst: '-',
    packetSrc: '-',
    packetDst: '-',
    srcPort: 0,
    dstPort: 0,
    protocol: 0,
    packets: 0,
    bytes: 0,
    start: opens,
    end: opens + interval - 2,
    accepted: true,
    flags: 0,
    status,
  };
}
