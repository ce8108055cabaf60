import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { cloudAddress, many } from '../../world/addresses';
import { DAY, HOUR, MINUTE, office } from '../../world/clock';
import type { Workload } from '../workload';

/** 06:00 UTC on 1 November 2026, when clocks in New York go back to one. */
const CHANGE = Date.UTC(2026, 10, 1, 6) / 1000;

export const daylightSaving: Workload = {
  kind: 'daylight-saving',
  begin: { tuning: Date.UTC(2026, 9, 25) / 1000, reporting: Date.UTC(2026, 9, 25) / 1000 },
  build(site, half) {
    const { random } = site;
    const zone = (time: number) => (time < CHANGE ? -4 : -5);
    const servers = many(half === 'tuning' ? 16 : 22, () => site.add({ role: 'server', subnet: 1 }));
    const store = site.add({ role: 'store', subnet: 2 });
    const partners = many(5, () => cloudAddress(random));
    for (const { address } of servers)
      for (const at of arrivals(site, (time) => 0.5 + 4 * office(time, zone(time))))
        call(
          site,
          { at, from: address, to: random.chance(0.8) ? store.address : random.pick(partners), port: 443 },
          { up: random.logNormal(30_000, 1.2), down: random.logNormal(200_000, 1.2), seconds: random.between(0.5, 50) },
        );
    // Jobs by the local clock: every hour at ten past, and a report of 8 GB at half past one, which that night comes twice.
    for (let hour = site.from; hour < site.to - HOUR; hour += HOUR) {
      const local = (((hour / HOUR + zone(hour)) % 24) + 24) % 24;
      call(
        site,
        { at: hour + 10 * MINUTE, from: servers[0]?.address ?? '', to: partners[0] ?? '', port: 443 },
        { up: 40_000, down: 40_000, seconds: 2 },
      );
      if (local === 1)
        for (let i = 0; i < 8; i++)
          call(
            site,
            { at: hour + 30 * MINUTE + i * 100, from: servers[1]?.address ?? '', to: partners[1] ?? '', port: 443 },
            { up: random.logNormal(1e9, 0.1), down: 90_000, seconds: 95 },
          );
      if (local === 6)
        for (const { address } of servers)
          call(
            site,
            { at: hour + random.between(0, 15 * MINUTE), from: address, to: store.address, port: 445 },
            { up: random.logNormal(8e8, 0.5), down: 90_000, seconds: random.between(30, 300) },
          );
    }
    housekeeping(site, [...servers, store], DAY / 12);
  },
};
