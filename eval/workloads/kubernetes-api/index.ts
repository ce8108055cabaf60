import { arrivals, call, every } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { cloudAddress, many } from '../../world/addresses';
import { DAY, flat, HOUR, MINUTE } from '../../world/clock';
import type { Workload } from '../workload';

export const kubernetesApi: Workload = {
  kind: 'kubernetes-api',
  aggregationSeconds: { tuning: 600, reporting: 600 },
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    // The service's interfaces in our subnets; no instance of ours.
    const api = many(2, () => site.add({ role: 'api', subnet: 0, kind: 'endpoint' }));
    const nodes = many(tuning ? 13 : 16, () => site.add({ role: 'node', subnet: 2, kind: 'node' }));
    const registry = many(6, () => cloudAddress(random));
    for (const node of nodes) {
      // Watches are kept for hours and made anew; a lease every ten seconds goes through one of them.
      for (const server of random.sample(api, random.chance(0.1) ? 2 : 1))
        for (let at = site.from + random.between(0, HOUR); at < site.to - 10 * MINUTE;) {
          const seconds = Math.min(site.to - at - 60, random.between(4, 12) * HOUR);
          site.connect({
            at,
            from: node.address,
            to: server.address,
            port: 443,
            seconds,
            sent: { packets: Math.round(seconds / 10), bytes: Math.round(seconds * 60) },
            received: { packets: Math.round(seconds / 10), bytes: Math.round(seconds * 90) },
          });
          at += seconds + random.between(0.1, 3);
        }
      // The API asks the kubelet for logs and metrics.
      for (const at of arrivals(site, () => 0.7 * flat()))
        call(
          site,
          { at, from: random.pick(api).address, to: node.address, port: 10_250 },
          { up: 900, down: random.logNormal(60_000, 1), seconds: random.between(0.1, 20) },
        );
      for (const at of every(site, 12 * HOUR, HOUR, site.from + random.between(0, DAY / 2)))
        call(
          site,
          { at, from: node.address, to: random.pick(registry), port: 443 },
          { up: 9000, down: random.logNormal(2e8, 1), seconds: 20 },
        );
    }
    for (const at of arrivals(site, () => 6)) {
      const [a, b] = random.sample(nodes, 2);
      if (a !== undefined && b !== undefined)
        call(site, { at, from: a.address, to: b.address, port: random.pick([9443, 8443, 4443]) }, { up: 3000, down: 3000, seconds: 0.3 });
    }
    housekeeping(site, nodes);
  },
};
