import { arrivals, attempts, call, every } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { consumerAddress, many } from '../../world/addresses';
import { consumers, DAY, HOUR, MINUTE } from '../../world/clock';
import type { Workload } from '../workload';

export const loadBalancers: Workload = {
  kind: 'load-balancers',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const application = many(2, () => site.add({ role: 'alb', subnet: 0, isPublic: true, kind: 'load-balancer' }));
    const network = many(2, () => site.add({ role: 'nlb', subnet: 0, isPublic: true, kind: 'load-balancer' }));
    const targets = many(tuning ? 12 : 16, () => site.add({ role: 'target', subnet: 3 }));
    // Nobody has mended these for weeks: one has no listener, the group of the other does not admit the check.
    const [silent, barred, flapping] = [targets[0], targets[1], targets[2]];
    for (const balancer of [...application, ...network])
      for (const target of targets) {
        const broken = target === silent || target === barred;
        const seconds = (broken ? 6 : tuning ? 70 : 90) * MINUTE;
        for (const at of every(site, seconds, 2, site.from + random.between(0, seconds))) {
          const down = target === flapping && Math.floor(at / HOUR) % 24 === 15 && at % HOUR < 20 * MINUTE;
          const where = { at, from: balancer.address, to: target.address, port: 8080 };
          if (target === silent || down) site.connect({ ...where, ...attempts(1), outcome: 'closed' });
          else if (target === barred) site.connect({ ...where, ...attempts(3), outcome: 'refused' });
          else call(site, where, { up: 130, down: 300, seconds: 0.05 });
        }
      }
    const healthy = targets.slice(3);
    for (const at of arrivals(site, (time) => 10 * consumers(time)))
      call(
        site,
        { at, from: random.pick(application).address, to: random.pick(healthy).address, port: 8080 },
        { up: 40_000, down: random.logNormal(500_000, 1), seconds: random.between(5, 55) },
      );
    for (const at of arrivals(site, (time) => 25 * consumers(time)))
      call(
        site,
        { at, from: consumerAddress(random), to: random.pick(application).address, port: 443 },
        { up: 1800, down: random.logNormal(50_000, 1), seconds: random.logNormal(6, 1) },
        { fromPort: random.natPort() },
      );
    // The network balancer keeps the client's address: the target sees the internet.
    for (const at of arrivals(site, (time) => 12 * consumers(time))) {
      const [front, target] = [random.pick(network), random.pick(healthy)];
      call(
        site,
        { at, from: consumerAddress(random), to: front.address, port: 8443 },
        { up: 5000, down: random.logNormal(70_000, 1), seconds: random.logNormal(20, 1) },
        {
          fromPort: random.natPort(),
          via: [{ interfaceId: front.id, server: { address: target.address, port: 8443 } }],
        },
      );
    }
    // A deployment a day: for two minutes clients and checks find closed ports.
    for (const begin of every(site, DAY, HOUR, site.from + 10 * HOUR))
      for (const target of healthy.slice(0, 5))
        for (let n = 0; n < 8; n++)
          site.connect({
            at: begin + random.between(0, 2 * MINUTE),
            from: random.pick(application).address,
            to: target.address,
            port: 8080,
            ...attempts(1),
            outcome: 'closed',
          });
    housekeeping(site, targets, 4 * HOUR);
    internetNoise(site, application);
  },
};
