import { BEGIN, type Host, HOSTS, HOUR, type FlowRecord, type Sampler } from './traffic';

/** What was planted: the truth. */
export interface Attack {
  readonly kind: string;
  /** Interfaces and addresses that a finding may name. */
  readonly actors: readonly string[];
  /** Unix seconds, half-open. */
  readonly from: number;
  readonly to: number;
  readonly records: readonly FlowRecord[];
}

type Part = Partial<FlowRecord>;

/** The second week, with the first as the past: every kind at different sizes and times, each of another host. */
export function attacks(random: Sampler): Attack[] {
  const byRole = (role: Host['role']) =>
    HOSTS.filter((host) => host.role === role)
      .map((host) => ({ host, rank: random.next() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ host }) => host);
  const pools = { web: byRole('web'), app: byRole('app'), db: byRole('db') };
  const take = (role: Host['role']) => pools[role].pop() ?? random.pick(HOSTS.filter((host) => host.role === role));
  const all: Attack[] = [];
  const plant = (kind: string, times: number, make: (from: number, i: number) => Omit<Attack, 'kind' | 'from'>) => {
    for (let i = 0; i < times; i++) {
      const from = BEGIN + (7 * 24 + random.integer(1, 6 * 24)) * HOUR;
      all.push({ kind, from, ...make(from, i) });
    }
  };
  const record = (host: Host, start: number, part: Part): FlowRecord => ({
    eni: host.eni,
    src: '',
    dst: host.address,
    srcPort: random.integer(1024, 65535),
    dstPort: 22,
    protocol: 6,
    bytes: 44,
    start,
    action: 'REJECT',
    ...part,
  });
  const spread = (n: number, from: number, seconds: number, make: (start: number, i: number) => FlowRecord) =>
    Array.from({ length: n }, (_, i) => make(from + Math.floor((i / n) * seconds), i));

  plant('rejections on a public interface', 12, (from, i) => {
    const host = take('web');
    const n = [150, 200, 250, 300, 400, 500, 600, 800, 1000, 1500, 2000, 3000][i] ?? 300;
    return {
      actors: [host.eni],
      to: from + HOUR,
      records: spread(n, from, HOUR, (start) => record(host, start, { src: random.address(), dstPort: 8081 })),
    };
  });
  plant('rejections on a private interface', 8, (from, i) => {
    const host = take(i % 2 === 0 ? 'app' : 'db');
    const client = take('web');
    const n = 120 + i * 40;
    return {
      actors: [host.eni, client.address],
      to: from + HOUR,
      records: spread(n, from, HOUR, (start) => record(host, start, { src: client.address, dstPort: 5432 })),
    };
  });
  plant('sweep of one port', 8, (from, i) => {
    const inside = i % 2 === 0;
    const attacker = inside ? take('app').address : random.address();
    const victims = inside ? HOSTS.slice(60, 160) : HOSTS.slice(0, 80);
    return {
      actors: [attacker, ...victims.map(({ eni }) => eni)],
      to: from + 600,
      records: victims.flatMap((host, k) => record(host, from + Math.floor((k / victims.length) * 600), { src: attacker, dstPort: 445 })),
    };
  });
  plant('many ports of one host', 8, (from, i) => {
    const host = take(i % 2 === 0 ? 'web' : 'app');
    const attacker = i % 2 === 0 ? random.address() : take('app').address;
    const n = [50, 80, 120, 200, 300, 400, 600, 1000][i] ?? 100;
    return {
      actors: [attacker, host.eni, host.address],
      to: from + 600,
      records: spread(n, from, 600, (start, k) => record(host, start, { src: attacker, dstPort: 1 + k * 7 })),
    };
  });
  plant('slow scan from inside', 4, (from, i) => {
    const day = Math.floor(from / 86400) * 86400;
    const host = take('db');
    const attacker = take('app').address;
    return {
      actors: [attacker, host.eni, host.address],
      from: day,
      to: day + 86400,
      records: spread(80 + i * 20, day, 80_000, (start, k) => record(host, start, { src: attacker, dstPort: 20 + k })),
    };
  });
  plant('let in after refusals', 5, (from) => {
    const host = take('web');
    const attacker = random.address();
    return {
      actors: [attacker, host.eni, host.address],
      to: from + 1200,
      records: [
        ...spread(random.integer(40, 90), from, 600, (start) => record(host, start, { src: attacker })),
        record(host, from + 900, { src: attacker, action: 'ACCEPT', bytes: 9000 }),
      ],
    };
  });
  plant('bytes to the internet', 10, (from, i) => {
    const host = take(i % 3 === 0 ? 'web' : 'app');
    const total = [4, 5, 6, 8, 10, 12, 16, 20, 40, 70][i] ?? 8;
    const to = random.address();
    return {
      actors: [host.eni, host.address],
      to: from + HOUR,
      records: spread(60, from, HOUR, (start) =>
        record(host, start, { src: host.address, dst: to, dstPort: 443, bytes: (total / 60) * 1e9, action: 'ACCEPT' }),
      ),
    };
  });
  plant('blocked on the way out', 6, (from, i) => {
    const host = take('app');
    return {
      actors: [host.eni, host.address],
      to: from + HOUR,
      records: spread(60 + i * 60, from, HOUR, (start) => record(host, start, { src: host.address, dst: random.address(), dstPort: 4444 })),
    };
  });
  return all;
}

/** Kinds that the rules of others do not look for: counted apart. */
export function quietAttacks(random: Sampler): Attack[] {
  const all: Attack[] = [];
  const record = (host: Host, start: number, part: Part): FlowRecord => ({
    eni: host.eni,
    src: host.address,
    dst: '',
    srcPort: random.integer(32768, 60999),
    dstPort: 443,
    protocol: 6,
    bytes: 600,
    start,
    action: 'ACCEPT',
    ...part,
  });
  for (let i = 0; i < 4; i++) {
    const day = BEGIN + (8 + i) * 86400;
    const [beacon, resolver, tunnel] = [HOSTS[90 + i], HOSTS[100 + i], HOSTS[110 + i]] as [Host, Host, Host];
    const server = random.address();
    const times = (n: number, gap: number, make: (start: number) => FlowRecord) =>
      Array.from({ length: n }, (_, k) => make(day + 3 * HOUR + k * gap + random.integer(0, 45)));
    all.push({
      kind: 'beacon',
      actors: [beacon.address],
      from: day,
      to: day + 86400,
      records: times(38, 1800, (start) => record(beacon, start, { dst: server, dstPort: 8443 })),
    });
    all.push({
      kind: 'DNS past the resolvers',
      actors: [resolver.address],
      from: day,
      to: day + 86400,
      records: times(30, 120, (start) => record(resolver, start, { dst: '9.9.9.9', dstPort: 53, protocol: 17, bytes: 120 })),
    });
    all.push({
      kind: 'tunnel',
      actors: [tunnel.eni],
      from: day,
      to: day + 86400,
      records: times(10, 300, (start) => record(tunnel, start, { dst: server, srcPort: 0, dstPort: 0, protocol: 47 })),
    });
  }
  return all;
}
