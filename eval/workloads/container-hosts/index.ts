import { arrivals, ask, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { cloudAddress, many, neighbours } from '../../world/addresses';
import { consumers, HOUR } from '../../world/clock';
import type { Host } from '../../world/site';
import type { Workload } from '../workload';

interface Pod {
  readonly host: Host;
  readonly address: string;
  readonly from: number;
  readonly to: number;
}

export const containerHosts: Workload = {
  kind: 'container-hosts',
  build(site, half) {
    const { random } = site;
    const nodes = many(half === 'tuning' ? 13 : 16, () => site.add({ role: 'node', subnet: 4, kind: 'node' }));
    const database = site.add({ role: 'database', subnet: 1 });
    const queue = site.add({ role: 'queue', subnet: 1 });
    const balancer = site.add({ role: 'balancer', subnet: 1, kind: 'load-balancer' });
    const registry = neighbours(random, 6);
    const apis = many(12, () => cloudAddress(random));
    const life = (half === 'tuning' ? 5 : 9) * HOUR;
    // Addresses come from the pool of the subnet and are given again to later pods, on other nodes too.
    const pool = many(400, () => site.unlogged(8));
    let next = 0;
    const pods: Pod[] = [];
    for (let service = 0; service < 5; service++)
      for (let replica = 0; replica < (half === 'tuning' ? 5 : 6); replica++)
        for (let from = site.from; from < site.to;) {
          const to = Math.min(site.to, from + Math.max(HOUR / 2, random.exponential(life)));
          const [host, address] = [random.pick(nodes), pool[next++ % pool.length] ?? ''];
          pods.push({ host, address, from, to });
          from = to + random.between(1, 20);
        }
    pods.sort((a, b) => a.from - b.from);
    for (const { host, address, from, to } of pods) {
      site.claim(host, address, 'pod');
      // The image, pulled by the node.
      call(
        site,
        { at: from, from: host.address, to: random.pick(registry), port: 443 },
        { up: 4000, down: random.logNormal(9e7, 0.8), seconds: 12 },
      );
      for (const at of arrivals(site, (time) => 0.7 * consumers(time), from, to))
        call(
          site,
          { at, from: address, to: database.address, port: 5432 },
          { up: 3000, down: random.logNormal(40_000, 1), seconds: random.between(1, 50) },
        );
      for (const at of arrivals(site, (time) => 0.35 * consumers(time), from, to))
        call(
          site,
          { at, from: address, to: queue.address, port: 5672 },
          { up: random.logNormal(9000, 1), down: 3000, seconds: random.between(5, 50) },
        );
      for (const at of arrivals(site, (time) => 0.3 * consumers(time), from, to))
        call(
          site,
          { at, from: address, to: random.pick(apis), port: 443 },
          { up: 3000, down: random.logNormal(15_000, 1), seconds: random.between(0.3, 20) },
        );
      for (const at of arrivals(site, (time) => 0.6 * consumers(time), from, to))
        call(
          site,
          { at, from: balancer.address, to: address, port: 8080 },
          { up: 2500, down: random.logNormal(30_000, 1), seconds: random.between(1, 60) },
        );
    }
    // Pods talk to each other by the service's name; the address behind it is whoever lives.
    for (const at of arrivals(site, (time) => 25 * consumers(time))) {
      const alive = pods.filter((pod) => pod.from <= at && at < pod.to);
      const [a, b] = random.sample(alive, 2);
      if (a === undefined || b === undefined) continue;
      call(
        site,
        { at, from: a.address, to: b.address, port: random.pick([8080, 9090, 50051]) },
        { up: 1500, down: random.logNormal(8000, 1), seconds: random.between(0.1, 30) },
      );
      if (random.chance(0.3)) ask(site, { at, from: a.address, to: nodes[0]?.address ?? '', port: 53 }, { up: 80, down: 180 });
    }
    housekeeping(site, [...nodes, database, queue]);
  },
};
