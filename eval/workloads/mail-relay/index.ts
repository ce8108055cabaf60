import { arrivals, ask, attempts, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { cloudAddress, hostingAddress, many } from '../../world/addresses';
import { office } from '../../world/clock';
import type { Workload } from '../workload';

export const mailRelay: Workload = {
  kind: 'mail-relay',
  build(site, half) {
    const { random } = site;
    const relays = many(2, () => site.add({ role: 'relay', subnet: 0, isPublic: true }));
    const filters = many(2, () => site.add({ role: 'filter', subnet: 1 }));
    const applications = many(half === 'tuning' ? 12 : 16, () => site.add({ role: 'application', subnet: 2 }));
    const large = many(25, () => cloudAddress(random));
    const small = many(1200, () => hostingAddress(random));
    for (const { address } of relays) {
      for (const at of arrivals(site, (time) => 6 + 18 * office(time))) {
        const to = random.chance(0.6) ? (large[random.rank(large.length)] ?? '') : random.pick(small);
        // A tenth of the small ones is away, or drops us; the queue tries again.
        if (random.chance(0.08))
          for (const again of [0, 900, 3600])
            site.connect({ at: Math.min(site.to - 1, at + again), from: address, to, port: 25, ...attempts(3), outcome: 'unanswered' });
        else
          call(
            site,
            { at, from: address, to, port: 25 },
            { up: random.logNormal(25_000, 1.5), down: 1400, seconds: random.between(0.5, 20) },
          );
        if (random.chance(0.3)) ask(site, { at, from: address, to: random.pick(small), port: 53 }, { up: 75, down: 300 });
      }
      for (const at of arrivals(site, (time) => 7 + 10 * office(time))) {
        call(
          site,
          { at, from: random.chance(0.5) ? random.pick(large) : hostingAddress(random), to: address, port: 25 },
          { up: random.logNormal(30_000, 1.5), down: 1500, seconds: random.between(0.5, 20) },
          { fromPort: random.natPort() },
        );
        call(
          site,
          { at: at + 0.5, from: address, to: random.pick(filters).address, port: 11_332 },
          { up: random.logNormal(30_000, 1.5), down: 900, seconds: 1 },
        );
      }
    }
    for (const { address } of applications)
      for (const at of arrivals(site, (time) => 0.5 + 3 * office(time)))
        call(
          site,
          { at, from: address, to: random.pick(relays).address, port: 587 },
          { up: random.logNormal(20_000, 1), down: 1200, seconds: 2 },
        );
    housekeeping(site, [...relays, ...filters, ...applications]);
    internetNoise(site, relays);
  },
};
