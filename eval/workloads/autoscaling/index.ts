import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { cloudAddress, consumerAddress, many } from '../../world/addresses';
import { consumers, DAY, HOUR, MINUTE } from '../../world/clock';
import type { Workload } from '../workload';

export const autoscaling: Workload = {
  kind: 'autoscaling',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const zone = tuning ? 0 : -5;
    const balancers = many(3, () => site.add({ role: 'balancer', subnet: 0, isPublic: true, kind: 'load-balancer' }));
    const database = site.add({ role: 'database', subnet: 2 });
    const cache = site.add({ role: 'cache', subnet: 2 });
    const images = many(6, () => cloudAddress(random));
    // Once an hour the group becomes as large as the load asks for; the oldest go first, and every third day a deployment replaces all.
    const base = tuning ? 6 : 8;
    const lives = many(base, () => ({ from: site.from, to: site.to }));
    for (let hour = site.from + HOUR; hour < site.to; hour += HOUR) {
      const alive = lives.filter(({ to }) => to > hour);
      const wanted = Math.max(4, Math.round(base * (0.3 + consumers(hour, zone))));
      const deploys = Math.floor(hour / DAY) % 3 === 0 && Math.floor(hour / HOUR) % 24 === 14;
      const leaving = deploys ? alive : alive.slice(0, Math.max(0, alive.length - wanted));
      for (const life of leaving) life.to = Math.min(life.to, hour + random.between(0, 10 * MINUTE));
      for (let n = alive.length - leaving.length; n < wanted; n++) lives.push({ from: hour + random.between(0, 5 * MINUTE), to: site.to });
    }
    const group = lives.map(({ from, to }) => site.add({ role: 'app', subnet: 4, from, to }));
    for (const { address, from, to } of group) {
      call(
        site,
        { at: from + 20, from: address, to: random.pick(images), port: 443 },
        { up: 30_000, down: random.logNormal(9e8, 0.3), seconds: 50 },
      );
      // Health checks of two balancers on a kept connection.
      for (const balancer of balancers.slice(0, 2))
        for (let at = from + 90; at < to - HOUR; at += 2 * HOUR)
          call(site, { at, from: balancer.address, to: address, port: 8080 }, { up: 3000, down: 5000, seconds: 40 });
      for (const at of arrivals(site, (time) => 2.6 * consumers(time, zone), from + 2 * MINUTE, to - MINUTE)) {
        const late = to - at < 20 * MINUTE ? { by: 'client' as const, packets: 2, bytes: 80, afterSeconds: 40 } : undefined;
        call(
          site,
          { at, from: random.pick(balancers).address, to: address, port: 8080 },
          { up: 30_000, down: random.logNormal(300_000, 1), seconds: random.between(5, 50) },
          late === undefined ? {} : { late },
        );
        if (random.chance(0.6))
          call(
            site,
            { at, from: address, to: database.address, port: 5432 },
            { up: 4000, down: random.logNormal(60_000, 1), seconds: random.between(1, 40) },
          );
        if (random.chance(0.4))
          call(site, { at, from: address, to: cache.address, port: 6379 }, { up: 2000, down: 20_000, seconds: random.between(1, 40) });
      }
    }
    for (const at of arrivals(site, (time) => 30 * consumers(time, zone)))
      call(
        site,
        { at, from: consumerAddress(random), to: random.pick(balancers).address, port: 443 },
        { up: 2000, down: random.logNormal(80_000, 1.2), seconds: random.logNormal(6, 1) },
        { fromPort: random.natPort() },
      );
    housekeeping(site, [database, cache, ...group.filter(({ from, to }) => to - from > DAY / 4)], 4 * HOUR);
  },
};
