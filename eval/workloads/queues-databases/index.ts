import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { many } from '../../world/addresses';
import { consumers, DAY, HOUR } from '../../world/clock';
import type { Workload } from '../workload';

export const queuesDatabases: Workload = {
  kind: 'queues-databases',
  aggregationSeconds: { tuning: 600, reporting: 600 },
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const brokers = many(3, () => site.add({ role: 'broker', subnet: 1 }));
    const databases = many(3, () => site.add({ role: 'database', subnet: 1 }));
    const services = many(tuning ? 10 : 14, () => site.add({ role: 'service', subnet: 2 }));
    const scripts = many(4, () => site.add({ role: 'script', subnet: 3 }));
    // Pools: a connection to each broker and to two databases, held for a day or so, with a heartbeat every minute even if idle.
    const hold = (from: string, to: string, port: number, bytesAnHour: number) => {
      for (let at = site.from + random.between(0, HOUR); at < site.to - HOUR;) {
        const seconds = Math.min(site.to - at - 60, random.between(0.6, 1.6) * DAY);
        const share = (bytesAnHour * seconds) / HOUR;
        const packets = Math.round(Math.max(seconds / 60, share / 1200));
        site.connect({
          at,
          from,
          to,
          port,
          seconds,
          sent: { packets, bytes: Math.round(packets * 70 + share / 4) },
          received: { packets, bytes: Math.round(packets * 70 + share) },
        });
        at += seconds + random.between(0.1, 5);
      }
    };
    services.forEach(({ address }, i) => {
      hold(address, brokers[i % brokers.length]?.address ?? '', tuning ? 5672 : 9092, random.logNormal(2e7, 1));
      if (i % 5 === 0) hold(address, databases[i % databases.length]?.address ?? '', 5432, random.logNormal(3e7, 1));
    });
    // Brokers replicate to each other.
    for (const a of brokers)
      for (const b of brokers) if (a !== b && random.chance(0.6)) hold(a.address, b.address, tuning ? 25_672 : 9093, 5e7);
    // Scripts open a connection for every page.
    for (const { address } of scripts)
      for (const at of arrivals(site, (time) => 7 * consumers(time)))
        call(
          site,
          { at, from: address, to: databases[0]?.address ?? '', port: 3306 },
          { up: 1200, down: random.logNormal(9000, 1), seconds: random.between(0.02, 0.6) },
        );
    housekeeping(site, site.hosts, 4 * HOUR);
  },
};
