import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { cloudAddress, many } from '../../world/addresses';
import { consumers, flat } from '../../world/clock';
import type { Workload } from '../workload';

export const fleetNat: Workload = {
  kind: 'fleet-nat',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const nats = many(tuning ? 1 : 2, () =>
      site.add({ role: 'nat', subnet: 0, isPublic: true, kind: 'nat-gateway', intermediateAddress: tuning ? 'far' : 'own' }),
    );
    const workers = many(tuning ? 24 : 36, () => site.add({ role: 'worker', subnet: 10 }));
    const apis = many(60, () => cloudAddress(random));
    const stores = many(6, () => cloudAddress(random));
    site.useNat(nats[0]!); // eslint-disable-line @typescript-eslint/no-non-null-assertion
    housekeeping(site, workers.slice(0, workers.length / 2), 7200);
    if (nats[1] !== undefined) site.useNat(nats[1]);
    housekeeping(site, workers.slice(workers.length / 2), 7200);
    workers.forEach(({ address }, i) => {
      const nat = nats[i % nats.length];
      if (nat !== undefined) site.useNat(nat);
      for (const at of arrivals(site, (time) => (tuning ? 1.1 : 0.7) * (0.4 + 0.6 * consumers(time, -8))))
        call(
          site,
          { at, from: address, to: apis[random.rank(apis.length)] ?? '', port: 443 },
          { up: random.logNormal(5000, 1), down: random.logNormal(20_000, 1.2), seconds: random.logNormal(5, 1) },
        );
      for (const at of arrivals(site, () => 0.4 * flat()))
        call(
          site,
          { at, from: address, to: random.pick(stores), port: 443 },
          { up: random.logNormal(2e6, 1), down: 6000, seconds: random.between(1, 40) },
        );
    });
    internetNoise(site, nats, 5);
  },
};
