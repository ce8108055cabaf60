import { arrivals, ask, call, volume } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { cloudAddress, hostingAddress, many } from '../../world/addresses';
import { HOUR, office } from '../../world/clock';
import type { Workload } from '../workload';

export const officeNat: Workload = {
  kind: 'office-nat',
  aggregationSeconds: { tuning: 600, reporting: 600 },
  build(site, half) {
    const { random } = site;
    const zone = half === 'tuning' ? -5 : 1;
    const nat = site.add({ role: 'nat', subnet: 0, isPublic: true, kind: 'nat-gateway' });
    site.useNat(nat);
    const desktops = many(half === 'tuning' ? 18 : 24, () => site.add({ role: 'desktop', subnet: 4 }));
    const sites = many(1800, () => (random.chance(0.7) ? cloudAddress(random) : hostingAddress(random)));
    const [chat, push, calls, mail] = [6, 8, 12, 4].map((n) => many(n, () => cloudAddress(random))) as [
      string[],
      string[],
      string[],
      string[],
    ];
    for (const { address } of desktops) {
      // A person has habits, and follows links.
      const favourites = random.sample(sites, 40);
      for (const at of arrivals(site, (time) => 1.9 * office(time, zone))) {
        const to = random.chance(0.7) ? (favourites[random.rank(favourites.length)] ?? '') : random.pick(sites);
        const [up, down, seconds] = [random.logNormal(3000, 1), random.logNormal(120_000, 1.6), random.logNormal(15, 1)];
        if (random.chance(0.3))
          site.connect({ at, from: address, to, port: 443, protocol: 17, seconds, sent: volume(up), received: volume(down) });
        else call(site, { at, from: address, to, port: random.chance(0.05) ? 80 : 443 }, { up, down, seconds });
      }
      for (const at of arrivals(site, (time) => 0.5 * office(time, zone)))
        call(
          site,
          { at, from: address, to: random.pick(mail), port: 993 },
          { up: 2000, down: random.logNormal(40_000, 1.5), seconds: random.between(2, 50) },
        );
      // Chat and notifications hold a connection for hours: a packet both ways every few minutes.
      for (const at of arrivals(site, (time) => 0.08 * office(time, zone)))
        call(
          site,
          { at, from: address, to: random.pick(chat), port: 443 },
          { up: 20_000, down: 60_000, seconds: random.between(HOUR, 4 * HOUR) },
        );
      for (const at of arrivals(site, () => 0.02))
        site.connect({
          at,
          from: address,
          to: random.pick(push),
          port: random.pick([5223, 5228]),
          seconds: random.between(2, 12) * HOUR,
          sent: { packets: 30, bytes: 2600 },
          received: { packets: 30, bytes: 2900 },
        });
      for (const at of arrivals(site, (time) => 0.12 * office(time, zone))) {
        const seconds = random.between(0.2, 1) * HOUR;
        const bytes = seconds * random.between(60_000, 160_000);
        const talk = { packets: Math.round(bytes / 900), bytes: Math.round(bytes) };
        site.connect({
          at,
          from: address,
          to: random.pick(calls),
          port: random.pick([3478, 3479, 8801]),
          protocol: 17,
          seconds,
          sent: talk,
          received: talk,
        });
      }
      for (const at of arrivals(site, (time) => 0.1 * office(time, zone)))
        ask(site, { at, from: address, to: random.pick(sites), port: 123 }, { up: 76, down: 76 });
    }
    housekeeping(site, desktops, 12 * HOUR);
    internetNoise(site, [nat], 4);
  },
};
