import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { cloudAddress, many } from '../../world/addresses';
import { consumers, DAY, HOUR, MINUTE } from '../../world/clock';
import type { Workload } from '../workload';

export const gapsLate: Workload = {
  kind: 'gaps-late',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const servers = many(tuning ? 15 : 20, (i) =>
      site.add({
        role: 'server',
        subnet: 1,
        ...(i < 5 ? { aggregationSeconds: 600 } : {}),
        ...(i === 6 ? { to: site.from + 6 * DAY } : {}),
      }),
    );
    const database = site.add({ role: 'database', subnet: 2 });
    const apis = many(8, () => cloudAddress(random));
    for (const { address, to: end } of servers)
      for (const at of arrivals(site, (time) => 3.5 * consumers(time), site.from, end)) {
        call(
          site,
          { at, from: address, to: database.address, port: 5432 },
          { up: 3000, down: random.logNormal(60_000, 1), seconds: random.between(0.5, 50) },
        );
        if (random.chance(0.3))
          call(
            site,
            { at, from: address, to: random.pick(apis), port: 443 },
            { up: random.logNormal(300_000, 1), down: 30_000, seconds: random.between(1, 30) },
          );
      }
    housekeeping(site, [...servers, database]);
    const { capture } = site;
    // An object that never came: five minutes of all. One that has not come yet: the last quarter of an hour of half of them.
    for (const day of [1, 3, 4, 7])
      capture.lose(site.from + day * DAY + 5 * HOUR, site.from + day * DAY + 5 * HOUR + 5 * MINUTE, 'missing');
    capture.lose(site.from + 5 * DAY, site.from + 5 * DAY + (tuning ? 20 : 35) * MINUTE, 'missing');
    for (const { id } of servers.slice(8)) capture.lose(site.to - 15 * MINUTE, site.to, 'missing', id);
    // Above the service's capacity: a busy interface at its busiest.
    for (let day = 0; day < 9; day++)
      capture.lose(site.from + day * DAY + 16 * HOUR, site.from + day * DAY + 16 * HOUR + 2 * MINUTE, 'SKIPDATA', database.id);
  },
};
