import { administration } from '../../habits/administration';
import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { cloudAddress, consumerAddress, many } from '../../world/addresses';
import { consumers } from '../../world/clock';
import type { Workload } from '../workload';

export const noiseOnPublicHosts: Workload = {
  kind: 'internet-noise',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const bastion = site.add({ role: 'bastion', subnet: 0, isPublic: true });
    // Their addresses are public, their groups let a few partners in.
    const quiet = many(tuning ? 20 : 32, () => site.add({ role: 'quiet', subnet: 0, isPublic: true }));
    const web = many(tuning ? 3 : 5, () => site.add({ role: 'web', subnet: 1, isPublic: true }));
    const partners = many(6, () => cloudAddress(random));
    for (const { address } of quiet)
      for (const at of arrivals(site, () => 0.5))
        call(site, { at, from: address, to: random.pick(partners), port: 443 }, { up: 3000, down: 9000, seconds: 2 });
    for (const at of arrivals(site, (time) => 30 * consumers(time)))
      call(
        site,
        { at, from: consumerAddress(random), to: random.pick(web).address, port: 443 },
        { up: 1500, down: random.logNormal(30_000, 1), seconds: 5 },
        { fromPort: random.natPort() },
      );
    housekeeping(site, quiet, 7200);
    administration(site, bastion, quiet);
    internetNoise(site, [bastion, ...quiet, ...web], tuning ? 4 : 6);
  },
};
