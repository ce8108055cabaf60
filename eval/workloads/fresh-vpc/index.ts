import { administration } from '../../habits/administration';
import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { cloudAddress, consumerAddress, many, neighbours } from '../../world/addresses';
import { consumers, DAY, HOUR, MINUTE } from '../../world/clock';
import type { Workload } from '../workload';

export const freshVpc: Workload = {
  kind: 'fresh-vpc',
  days: { tuning: 8, reporting: 9 },
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const bastion = site.add({ role: 'bastion', subnet: 0, isPublic: true, from: site.from + 2 * MINUTE });
    // A first batch in the first hour, the rest within two days; then it serves.
    const servers = many(tuning ? 18 : 26, (i) =>
      site.add({
        role: i % 4 === 0 ? 'web' : 'app',
        subnet: 1,
        isPublic: i % 4 === 0,
        from: site.from + (i < 10 ? random.between(5, 50) * MINUTE : random.between(1, 46) * HOUR),
      }),
    );
    const database = site.add({ role: 'database', subnet: 2, from: site.from + 20 * MINUTE });
    const images = neighbours(random, 5);
    const mirrors = many(6, () => cloudAddress(random));
    const apis = many(9, () => cloudAddress(random));
    for (const host of servers) {
      for (let n = 0; n < 5; n++)
        call(
          site,
          { at: host.from + 30 + n * 60, from: host.address, to: random.pick(mirrors), port: 443 },
          { up: 20_000, down: random.logNormal(3e8, 0.8), seconds: 50 },
        );
      call(
        site,
        { at: host.from + 400, from: host.address, to: random.pick(images), port: 443 },
        { up: 20_000, down: 1.2e9, seconds: 100 },
      );
      // Configuration from the bastion, again and again until it is right.
      for (let n = random.integer(4, 12); n > 0; n--)
        call(
          site,
          { at: host.from + random.between(2, 90) * MINUTE, from: bastion.address, to: host.address, port: 22 },
          { up: random.logNormal(60_000, 1), down: 30_000, seconds: random.between(5, 50) },
        );
      for (const at of arrivals(site, (time) => 1.6 * consumers(time), host.from + HOUR / 2, host.to)) {
        call(
          site,
          { at, from: host.address, to: database.address, port: 5432 },
          { up: 3000, down: random.logNormal(30_000, 1), seconds: random.between(0.5, 45) },
        );
        if (random.chance(0.4))
          call(site, { at, from: host.address, to: random.pick(apis), port: 443 }, { up: 4000, down: 20_000, seconds: 2 });
      }
    }
    // The data are loaded on the first day.
    for (let i = 0; i < 20; i++)
      call(
        site,
        { at: site.from + 5 * HOUR + i * 200, from: database.address, to: random.pick(images), port: 443 },
        { up: 1e6, down: 3e9, seconds: 190 },
      );
    const web = servers.filter(({ isPublic }) => isPublic);
    for (const at of arrivals(site, (time) => 20 * consumers(time), site.from + 2.2 * DAY, site.to))
      call(
        site,
        { at, from: consumerAddress(random), to: random.pick(web).address, port: 443 },
        { up: 1500, down: random.logNormal(40_000, 1), seconds: 5 },
        { fromPort: random.natPort() },
      );
    housekeeping(site, [...servers, database]);
    administration(site, bastion, servers.slice(0, 10), 3, 2);
    internetNoise(site, [bastion, ...web]);
  },
};
