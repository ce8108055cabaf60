import { arrivals, ask, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { hostingAddress, many } from '../../world/addresses';
import { office } from '../../world/clock';
import type { Workload } from '../workload';

export const ownResolvers: Workload = {
  kind: 'own-resolvers',
  build(site, half) {
    const { random } = site;
    const recursive = half === 'reporting';
    const resolvers = many(2, () => site.add({ role: 'resolver', subnet: 1, isPublic: recursive }));
    const clients = many(recursive ? 24 : 16, () => site.add({ role: 'client', subnet: 2 }));
    const roots = many(13, () => hostingAddress(random));
    const authoritative = many(recursive ? 1500 : 900, () => hostingAddress(random));
    const forwarders = ['1.1.1.1', '8.8.8.8', '9.9.9.9'];
    for (const client of clients)
      for (const at of arrivals(site, (time) => 0.8 + 3 * office(time, 1)))
        ask(
          site,
          { at, from: client.address, to: random.pick(resolvers).address, port: 53 },
          { up: random.integer(60, 90), down: random.integer(90, 400) },
        );
    for (const resolver of resolvers)
      for (const at of arrivals(site, (time) => 8 + 22 * office(time, 1))) {
        // A recursive resolver asks the servers of the zones; a forwarder asks three others.
        const to = recursive
          ? random.chance(0.04)
            ? random.pick(roots)
            : (authoritative[random.rank(authoritative.length)] ?? '')
          : random.pick(forwarders);
        const where = { at, from: resolver.address, to, port: 53 };
        if (random.chance(0.03)) call(site, where, { up: 90, down: 1800, seconds: 0.3 });
        else
          ask(
            site,
            where,
            { up: random.integer(65, 95), down: random.integer(100, 700) },
            random.chance(0.02) ? { outcome: 'unanswered' } : {},
          );
      }
    housekeeping(site, [...resolvers, ...clients]);
    if (recursive) internetNoise(site, resolvers);
  },
};
