import { administration } from '../../habits/administration';
import { arrivals, call, volume } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { cloudAddress, consumerAddress, many } from '../../world/addresses';
import { DAY, HOUR, office } from '../../world/clock';
import type { Workload } from '../workload';

export const bastionVpn: Workload = {
  kind: 'bastion-vpn',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const zone = tuning ? -6 : 2;
    const bastion = site.add({ role: 'bastion', subnet: 0, isPublic: true });
    const vpn = site.add({ role: 'vpn', subnet: 0, isPublic: true, aggregationSeconds: 600 });
    const servers = many(tuning ? 20 : 28, () => site.add({ role: 'server', subnet: 1 }));
    const partners = many(6, () => site.add({ role: 'exchange', subnet: 0, isPublic: true }));
    const people = many(tuning ? 10 : 16, () => consumerAddress(random));
    const port = tuning ? 1194 : 51_820;
    people.forEach((home, i) => {
      let from = home;
      for (let day = site.from; day < site.to; day += DAY) {
        // Providers give another address of the same network every few days.
        if (random.chance(0.12)) from = `${from.split('.').slice(0, 3).join('.')}.${random.integer(1, 254)}`;
        for (const at of arrivals(site, (time) => 0.12 * office(time, zone), day, Math.min(site.to, day + DAY))) {
          const seconds = random.between(0.5, 5) * HOUR;
          const quiet = { packets: Math.round(seconds / 25), bytes: Math.round((seconds / 25) * 148) };
          site.connect({
            at,
            from,
            to: vpn.address,
            port,
            protocol: 17,
            fromPort: random.natPort(),
            seconds,
            sent: quiet,
            received: quiet,
          });
          // What goes through the tunnel leaves the server with an address of the tunnel's.
          for (let n = random.integer(2, 7); n > 0; n--)
            call(
              site,
              {
                at: at + random.between(10, seconds),
                from: vpn.address,
                to: random.pick(servers).address,
                port: random.pick([443, 443, 8443, 22, 3389, 5432]),
              },
              { up: random.logNormal(20_000, 1), down: random.logNormal(200_000, 1.2), seconds: random.between(2, 900) },
            );
        }
      }
      // One of them travels for two days.
      if (i === 0) {
        const hotel = consumerAddress(random);
        for (const at of arrivals(site, (time) => 0.5 * office(time, zone), site.from + 4 * DAY, site.from + 6 * DAY))
          site.connect({
            at,
            from: hotel,
            to: vpn.address,
            port,
            protocol: 17,
            fromPort: random.natPort(),
            seconds: 2 * HOUR,
            sent: volume(3e6),
            received: volume(3e7),
          });
      }
    });
    administration(site, bastion, servers, tuning ? 5 : 8, 2);
    for (const { address } of servers)
      for (const at of arrivals(site, (time) => 0.4 + 0.5 * office(time, zone)))
        call(
          site,
          { at, from: address, to: random.pick(servers).address, port: 8443 },
          { up: 4000, down: random.logNormal(50_000, 1), seconds: random.between(1, 50) },
        );
    // Hosts for partners: a few known addresses over HTTPS.
    const known = many(5, () => cloudAddress(random));
    for (const { address } of partners)
      for (const at of arrivals(site, (time) => 0.3 + office(time, zone)))
        call(
          site,
          { at, from: random.pick(known), to: address, port: 443 },
          { up: random.logNormal(30_000, 1), down: 20_000, seconds: random.between(0.5, 30) },
        );
    housekeeping(site, [bastion, vpn, ...partners, ...servers]);
    internetNoise(site, [bastion, vpn, ...partners], 6);
  },
};
