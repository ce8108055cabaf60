import { administration } from '../../habits/administration';
import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { consumerAddress, many } from '../../world/addresses';
import { consumers } from '../../world/clock';
import type { Workload } from '../workload';

export const webTier: Workload = {
  kind: 'web-tier',
  build(site, half) {
    const { random } = site;
    const direct = half === 'tuning';
    const zone = direct ? -5 : 1;
    const balancers = direct ? [] : many(2, () => site.add({ role: 'balancer', subnet: 1, isPublic: true, kind: 'load-balancer' }));
    const web = many(direct ? 12 : 10, () => site.add({ role: 'web', subnet: direct ? 1 : 2, isPublic: direct }));
    const databases = many(2, () => site.add({ role: 'database', subnet: 4 }));
    const cache = site.add({ role: 'cache', subnet: 4 });
    const bastion = site.add({ role: 'bastion', subnet: 1, isPublic: true });
    const clients = many(direct ? 2500 : 4000, () => consumerAddress(random));
    const page = () => ({ up: random.logNormal(1500, 0.6), down: random.logNormal(60_000, 1.4), seconds: random.logNormal(8, 1.2) });

    for (const at of arrivals(site, (time) => (direct ? 60 : 45) * consumers(time, zone))) {
      const front = random.pick(direct ? web : balancers);
      // Browsers keep a connection, and some send a last packet after the server has closed it.
      const late = random.chance(0.03) ? { by: 'client' as const, packets: 1, bytes: 40, afterSeconds: random.between(5, 70) } : undefined;
      const from = clients[random.rank(clients.length)] ?? '';
      call(site, { at, from, to: front.address, port: 443 }, page(), {
        fromPort: random.natPort(),
        ...(late === undefined ? {} : { late }),
      });
      if (random.chance(0.1))
        call(
          site,
          { at: at - 0.1, from, to: front.address, port: 80 },
          { up: 400, down: 500, seconds: 0.2 },
          { fromPort: random.natPort() },
        );
    }
    for (const balancer of balancers)
      for (const at of arrivals(site, (time) => 9 * consumers(time, zone)))
        call(
          site,
          { at, from: balancer.address, to: random.pick(web).address, port: 8080 },
          { up: random.logNormal(20_000, 1), down: random.logNormal(400_000, 1), seconds: random.between(20, 65) },
        );
    for (const { address } of web) {
      for (const at of arrivals(site, (time) => 2.5 * consumers(time, zone)))
        call(
          site,
          { at, from: address, to: random.pick(databases).address, port: half === 'tuning' ? 3306 : 5432 },
          { up: random.logNormal(4000, 1), down: random.logNormal(50_000, 1.5), seconds: random.logNormal(2, 1) },
        );
      for (const at of arrivals(site, (time) => 0.8 * consumers(time, zone)))
        call(
          site,
          { at, from: address, to: cache.address, port: 6379 },
          { up: 3000, down: random.logNormal(20_000, 1), seconds: random.between(5, 55) },
        );
    }
    housekeeping(
      site,
      site.hosts.filter(({ kind }) => kind === 'instance'),
    );
    administration(site, bastion, web);
    internetNoise(
      site,
      site.hosts.filter(({ isPublic }) => isPublic),
    );
  },
};
