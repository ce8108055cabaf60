import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { many, neighbours } from '../../world/addresses';
import { consumers, flat } from '../../world/clock';
import type { Workload } from '../workload';

const GB = 1e9;

export const cdnOrigin: Workload = {
  kind: 'cdn-origin',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const origins = many(tuning ? 4 : 6, () => site.add({ role: 'origin', subnet: 0, isPublic: true }));
    const storage = many(12, () => site.add({ role: 'storage', subnet: 2 }));
    const edges = many(24, () => neighbours(random, 10)).flat();
    const anHour = (tuning ? 60 : 90) * GB;
    const connections = 60;
    const load = tuning ? flat : (time: number) => consumers(time, 2);
    for (const at of arrivals(site, (time) => connections * load(time))) {
      const origin = random.pick(origins);
      call(
        site,
        { at, from: random.pick(edges), to: origin.address, port: 443 },
        { up: random.logNormal(300_000, 0.5), down: (anHour / connections) * random.logNormal(0.9, 0.5), seconds: random.between(10, 110) },
      );
      if (random.chance(0.5))
        call(
          site,
          { at, from: origin.address, to: random.pick(storage).address, port: 2049 },
          { up: 200_000, down: (anHour / connections) * random.logNormal(1, 0.5), seconds: random.between(10, 110) },
        );
    }
    // New material is put up once or twice a day.
    for (const at of arrivals(site, () => 1.5 / 24))
      for (const { address } of storage.slice(0, 4))
        call(
          site,
          { at: at + random.between(0, 900), from: origins[0]?.address ?? '', to: address, port: 2049 },
          { up: random.logNormal(15 * GB, 0.6), down: 1e6, seconds: random.between(300, 1500) },
        );
    housekeeping(site, [...origins, ...storage], 4 * 3600);
    internetNoise(site, origins);
  },
};
