import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { cloudAddress, many } from '../../world/addresses';
import { consumers, DAY, HOUR } from '../../world/clock';
import type { Workload } from '../workload';

export const functions: Workload = {
  kind: 'functions',
  build(site, half) {
    const { random } = site;
    const nat = site.add({ role: 'nat', subnet: 0, isPublic: true, kind: 'nat-gateway' });
    site.useNat(nat);
    // One shared interface a subnet and security group, of all functions there.
    const shared = many(half === 'tuning' ? 8 : 12, () => site.add({ role: 'function', subnet: 6, kind: 'function' }));
    const databases = many(3, () => site.add({ role: 'database', subnet: 2 }));
    const endpoints = many(4, () => site.add({ role: 'endpoint', subnet: 2, kind: 'endpoint' }));
    const apis = many(25, () => cloudAddress(random));
    for (const { address } of shared) {
      for (const at of arrivals(site, (time) => 3.5 * consumers(time)))
        call(
          site,
          { at, from: address, to: random.pick(databases).address, port: 3306 },
          { up: 2500, down: random.logNormal(20_000, 1), seconds: random.between(0.1, 12) },
        );
      for (const at of arrivals(site, (time) => 2.5 * consumers(time)))
        call(
          site,
          { at, from: address, to: random.pick(endpoints).address, port: 443 },
          { up: random.logNormal(8000, 1), down: 9000, seconds: random.between(0.1, 3) },
        );
      for (const at of arrivals(site, (time) => 0.8 * consumers(time)))
        call(
          site,
          { at, from: address, to: random.pick(apis), port: 443 },
          { up: 4000, down: random.logNormal(20_000, 1), seconds: random.between(0.2, 8) },
        );
    }
    // A schedule starts five hundred at once.
    for (let night = site.from + 2 * HOUR; night < site.to - HOUR; night += DAY)
      for (let n = 0; n < 500; n++)
        call(
          site,
          { at: night + random.between(0, 90), from: random.pick(shared).address, to: random.pick(databases).address, port: 3306 },
          { up: 3000, down: random.logNormal(90_000, 1), seconds: random.between(1, 40) },
        );
    housekeeping(site, databases);
    internetNoise(site, [nat]);
  },
};
