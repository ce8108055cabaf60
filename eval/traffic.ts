/**
 * Two weeks of a network of 200 interfaces with its rhythm, and what its people do: day and night, weekdays, deployments,
 * nightly backups, and the noise of the internet as the honeypot sample shows it (median 4 refusals an hour and host, a
 * hundredth of the hours above 20, at most about 75).
 */
import { Random } from '../lib/synthetic/random';

export interface FlowRecord {
  readonly eni: string;
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  readonly bytes: number;
  readonly start: number;
  readonly action: 'ACCEPT' | 'REJECT';
}

export interface Host {
  readonly eni: string;
  readonly address: string;
  readonly role: 'web' | 'app' | 'db';
}

export const HOUR = 3600;
export const DAYS = 14;
/** A Monday. */
export const BEGIN = Date.UTC(2026, 10, 2) / 1000;
export const HOURS = DAYS * 24;

export const HOSTS: readonly Host[] = Array.from({ length: 200 }, (_, i) => ({
  eni: `eni-${i.toString(16).padStart(4, '0')}`,
  address: `10.${i < 80 ? 1 : i < 160 ? 2 : 3}.0.${(i % 80) + 10}`,
  role: i < 80 ? 'web' : i < 160 ? 'app' : 'db',
}));

export class Sampler extends Random {
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  poisson(mean: number): number {
    if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let n = 0;
    for (let product = this.next(); product > limit; product *= this.next()) n++;
    return n;
  }

  address(): string {
    return `${this.pick([3, 13, 18, 34, 52, 54, 99])}.${this.integer(0, 255)}.${this.integer(0, 255)}.${this.integer(1, 254)}`;
  }
}

const PORTS = [22, 23, 80, 443, 445, 1433, 3306, 3389, 5900, 6379, 8080];

/** More by day, less at weekends. */
export function rhythm(hour: number): number {
  const day = Math.floor(hour / 24) % 7;
  return (day >= 5 ? 0.45 : 1) * (1 + 0.8 * Math.sin(((hour % 24) / 24) * 2 * Math.PI - Math.PI / 2));
}

export function ordinary(seed: number): FlowRecord[] {
  const random = new Sampler(seed);
  const records: FlowRecord[] = [];
  const within = (hour: number) => BEGIN + hour * HOUR + random.integer(0, HOUR - 1);
  const refused = (host: Host, start: number, src: string, dstPort: number) =>
    records.push({
      eni: host.eni,
      src,
      dst: host.address,
      srcPort: random.integer(1024, 65535),
      dstPort,
      protocol: 6,
      bytes: 44,
      start,
      action: 'REJECT',
    });
  const accepted = (host: Host, start: number, src: string, dst: string, ports: [number, number], bytes: number) =>
    records.push({
      eni: host.eni,
      src,
      dst,
      srcPort: ports[0],
      dstPort: ports[1],
      protocol: 6,
      bytes: Math.round(bytes),
      start,
      action: 'ACCEPT',
    });
  const clients = Array.from({ length: 400 }, () => random.address());
  const bases = HOSTS.map(({ role }) => random.logNormal(role === 'web' ? 80e6 : 20e6, 0.8));
  const deployHour = 14;
  for (let hour = 0; hour < HOURS; hour++) {
    const weekday = Math.floor(hour / 24) % 7 < 5;
    HOSTS.forEach((host, i) => {
      if (host.role === 'web') {
        // Gamma-mixed: some hours draw a crowd.
        const mean = 4 * (0.35 + random.logNormal(0.6, 0.75));
        for (let n = random.poisson(mean); n > 0; n--)
          refused(host, within(hour), random.address(), random.chance(0.6) ? random.pick(PORTS) : random.integer(1, 65535));
        // A source that knocks for a while on one door.
        if (random.chance(0.004)) {
          const [src, port] = [random.address(), random.pick(PORTS)];
          for (let n = random.integer(15, 55); n > 0; n--) refused(host, within(hour), src, port);
        }
      } else if (random.chance(0.05))
        for (let n = random.poisson(2); n > 0; n--)
          refused(host, within(hour), `10.2.0.${random.integer(10, 89)}`, random.pick([5432, 8081]));
      const volume = (bases[i] ?? 0) * rhythm(hour);
      for (let k = 0; k < 2; k++) {
        accepted(
          host,
          within(hour),
          host.address,
          clients[random.rank(400)] ?? '',
          [443, random.integer(32768, 60999)],
          (volume / 2) * random.logNormal(1, 0.4),
        );
        accepted(
          host,
          within(hour),
          clients[random.rank(400)] ?? '',
          host.address,
          [random.integer(32768, 60999), 443],
          (volume / 8) * random.logNormal(1, 0.4),
        );
      }
      if (host.role === 'app')
        accepted(
          host,
          within(hour),
          host.address,
          HOSTS[160 + (i % 40)]?.address ?? '',
          [random.integer(32768, 60999), 5432],
          1e6 * random.logNormal(1, 1),
        );
      // Every database leaves for the object store at two at night.
      if (host.role === 'db' && hour % 24 === 2)
        accepted(host, within(hour), host.address, '52.219.1.1', [random.integer(32768, 60999), 443], 12e9 * random.logNormal(1, 0.15));
    });
    // Deployments on working days: health checks and clients find closed ports for ten minutes.
    if (weekday && (hour % 24 === deployHour || hour % 24 === deployHour + 2)) {
      for (const host of HOSTS.filter(({ role }) => role === 'app').filter(() => random.chance(0.5))) {
        const begin = BEGIN + hour * HOUR + random.integer(0, 2400);
        for (let n = random.poisson(70 * random.logNormal(1, 0.5)); n > 0; n--)
          refused(host, begin + random.integer(0, 599), `10.1.0.${random.integer(10, 89)}`, 8081);
        accepted(host, begin, '52.219.2.2', host.address, [443, random.integer(32768, 60999)], 1.5e9 * random.logNormal(1, 0.3));
      }
    }
  }
  return records;
}
