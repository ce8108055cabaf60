import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { cloudAddress, many, neighbours } from '../../world/addresses';
import { HOUR, MINUTE, office } from '../../world/clock';
import type { Workload } from '../workload';

export const ciRunners: Workload = {
  kind: 'ci-runners',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const controllers = many(4, () => site.add({ role: 'controller', subnet: 1 }));
    const cache = many(2, () => site.add({ role: 'cache', subnet: 1 }));
    const standing = many(tuning ? 10 : 14, () => site.add({ role: 'runner', subnet: 2 }));
    const forges = neighbours(random, 6);
    const registries = many(40, () => cloudAddress(random));
    const artifacts = many(5, () => cloudAddress(random));
    const job = (address: string, at: number, seconds: number) => {
      call(
        site,
        { at, from: address, to: random.pick(controllers).address, port: 443 },
        { up: 20_000, down: 60_000, seconds: seconds - 5 },
      );
      // Over SSH or HTTPS, as the project has it.
      call(
        site,
        { at: at + 5, from: address, to: random.pick(forges), port: random.chance(0.4) ? 22 : 443 },
        { up: 20_000, down: random.logNormal(4e7, 1.2), seconds: random.between(2, 30) },
      );
      for (let n = random.integer(6, 25); n > 0; n--)
        call(
          site,
          { at: at + random.between(10, seconds / 2), from: address, to: registries[random.rank(registries.length)] ?? '', port: 443 },
          { up: 3000, down: random.logNormal(5e6, 1.6), seconds: random.between(0.5, 20) },
        );
      call(
        site,
        { at: at + seconds / 2, from: address, to: random.pick(cache).address, port: 3128 },
        { up: 1e6, down: random.logNormal(8e7, 1), seconds: random.between(2, 40) },
      );
      if (random.chance(0.5))
        call(
          site,
          { at: at + seconds - 40, from: address, to: random.pick(artifacts), port: 443 },
          { up: random.logNormal(2e8, 1.4), down: 20_000, seconds: random.between(3, 35) },
        );
      // Tests of networked software try addresses where nobody is.
      if (random.chance(0.08))
        for (let n = random.integer(2, 6); n > 0; n--)
          site.connect({
            at: at + random.between(20, seconds),
            from: address,
            to: site.unlogged(90),
            port: random.pick([81, 9999, 8080]),
            ...{ sent: { packets: 3, bytes: 180 }, received: { packets: 0, bytes: 0 }, seconds: 3 },
            outcome: 'unanswered',
          });
    };
    for (const at of arrivals(site, (time) => (tuning ? 4.5 : 5) * (0.15 + office(time, tuning ? 1 : -7)))) {
      const seconds = Math.max(3 * MINUTE, random.logNormal(11 * MINUTE, 0.7));
      if (at + seconds > site.to - MINUTE) continue;
      if (random.chance(0.5)) job(random.pick(standing).address, at, seconds);
      else {
        // A machine of its own for the job, gone after it.
        const runner = site.add({ role: 'runner', subnet: 20, from: at - MINUTE, to: at + seconds + MINUTE });
        job(runner.address, at, seconds);
      }
    }
    housekeeping(site, [...controllers, ...cache, ...standing], 2 * HOUR);
  },
};
