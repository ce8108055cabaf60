import { arrivals, ask, call, every } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { many } from '../../world/addresses';
import { HOUR, MINUTE } from '../../world/clock';
import type { Workload } from '../workload';

export const gossip: Workload = {
  kind: 'gossip',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const nodes = many(tuning ? 14 : 17, () => site.add({ role: 'member', subnet: 1 }));
    const registry = many(3, () => site.add({ role: 'registry', subnet: 2 }));
    const port = tuning ? 8301 : 7946;
    for (const node of nodes) {
      const others = nodes.filter((one) => one !== node);
      for (const at of every(site, 55 * MINUTE, 60, site.from + random.between(0, 600)))
        for (const peer of random.sample(others, 3))
          site.connect({
            at: at + random.between(0, 20),
            from: node.address,
            to: peer.address,
            port,
            fromPort: port,
            protocol: 17,
            seconds: 4,
            sent: { packets: 5, bytes: 900 },
            received: { packets: 5, bytes: 700 },
          });
      // Full state over TCP, with a random member.
      for (const at of arrivals(site, () => 0.6))
        call(site, { at, from: node.address, to: random.pick(others).address, port }, { up: 20_000, down: 20_000, seconds: 0.3 });
      // A heartbeat to the registry by the clock.
      for (const at of every(site, (tuning ? 25 : 30) * MINUTE, 0.5, site.from + random.between(0, 900)))
        call(
          site,
          { at, from: node.address, to: random.pick(registry).address, port: tuning ? 8500 : 8761 },
          { up: 700, down: 400, seconds: 0.05 },
        );
      for (const at of arrivals(site, () => 0.8))
        ask(site, { at, from: node.address, to: random.pick(registry).address, port: 8600 }, { up: 80, down: 200 });
    }
    // Members ask one that has gone; others are told after a while.
    for (const at of arrivals(site, () => 0.2)) {
      const gone = site.unlogged(3);
      for (const { address } of random.sample(nodes, 6))
        site.connect({
          at: at + random.between(0, 30),
          from: address,
          to: gone,
          port,
          fromPort: port,
          protocol: 17,
          seconds: 8,
          sent: { packets: 4, bytes: 500 },
          received: { packets: 0, bytes: 0 },
          outcome: 'unanswered',
        });
    }
    housekeeping(site, [...nodes, ...registry], 4 * HOUR);
  },
};
