import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { cloudAddress, many } from '../../world/addresses';
import { DAY, HOUR, MINUTE, office } from '../../world/clock';
import type { Workload } from '../workload';

export const patchDay: Workload = {
  kind: 'patch-day',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const servers = many(tuning ? 20 : 30, () => site.add({ role: 'server', subnet: 1 }));
    const control = site.add({ role: 'control', subnet: 2 });
    const mirror = site.add({ role: 'mirror', subnet: 2 });
    const internet = many(8, () => cloudAddress(random));
    for (const { address } of servers) {
      for (const at of arrivals(site, (time) => 1 + 1.5 * office(time)))
        call(
          site,
          { at, from: address, to: random.pick(servers).address, port: 8443 },
          { up: 6000, down: random.logNormal(90_000, 1), seconds: random.between(0.5, 40) },
        );
      for (const at of arrivals(site, () => 0.3))
        call(site, { at, from: address, to: control.address, port: 4505 }, { up: 2000, down: 3000, seconds: 30 });
    }
    // The second Tuesday: all at once from the internet (tuning), or in three waves from a mirror that fetches first (reporting).
    const begin = site.from + 8 * DAY + 3 * HOUR;
    if (!tuning)
      call(
        site,
        { at: begin - 3 * HOUR, from: mirror.address, to: random.pick(internet), port: 443 },
        { up: 1e6, down: 4.5e10, seconds: 2 * HOUR },
      );
    servers.forEach(({ address }, i) => {
      const at = begin + (tuning ? 0 : Math.floor(i / 10) * HOUR) + random.between(0, 30 * MINUTE);
      const bytes = random.logNormal(2.2e9, 0.25);
      for (let part = 0; part < 6; part++)
        call(
          site,
          { at: at + part * 100, from: address, to: tuning ? random.pick(internet) : mirror.address, port: tuning ? 443 : 8530 },
          { up: 30_000, down: bytes / 6, seconds: 90 },
        );
      // Then each starts anew: its neighbours find nobody for two minutes, then a closed port.
      for (let n = 0; n < 6; n++) {
        const peer = random.pick(servers);
        if (peer.address !== address)
          site.connect({
            at: at + 700 + n * 20,
            from: peer.address,
            to: address,
            port: 8443,
            seconds: 3,
            sent: { packets: 3, bytes: 180 },
            received: { packets: 0, bytes: 0 },
            outcome: n < 4 ? 'unanswered' : 'closed',
          });
      }
    });
    housekeeping(site, [...servers, control, mirror]);
  },
};
