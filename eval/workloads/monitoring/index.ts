import { administration } from '../../habits/administration';
import { arrivals, ask, attempts, call, every, volume } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { internetNoise } from '../../habits/internet-noise';
import { cloudAddress, many, neighbours } from '../../world/addresses';
import { DAY, HOUR, MINUTE } from '../../world/clock';
import type { Workload } from '../workload';

/** Ports that an asset inventory asks for: what is this host? */
const INVENTORY = [21, 22, 23, 80, 135, 139, 161, 443, 445, 3306, 3389, 5432, 5985, 8080, 8443, 9100];

export const monitoring: Workload = {
  kind: 'monitoring',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const poller = site.add({ role: 'poller', subnet: 1, aggregationSeconds: 600 });
    const inventory = site.add({ role: 'inventory', subnet: 1 });
    const bastion = site.add({ role: 'bastion', subnet: 0, isPublic: true });
    const servers = many(tuning ? 22 : 30, (i) => site.add({ role: 'server', subnet: 2, ...(i < 6 ? { aggregationSeconds: 600 } : {}) }));
    const web = many(3, () => site.add({ role: 'web', subnet: 0, isPublic: true }));
    const all = [...servers, ...web];
    // Scrapes: of six hosts over a kept connection, whose records are of ten minutes; of the others by a connection each.
    all.forEach(({ address }, i) => {
      if (i < 4)
        for (const at of every(site, 8 * HOUR, 60))
          site.connect({
            at,
            from: poller.address,
            to: address,
            port: 9100,
            seconds: 8 * HOUR - 90,
            sent: volume(4e6),
            received: volume(2e8),
            protocol: 6,
          });
      else
        for (const at of every(site, (tuning ? 90 : 120) * MINUTE, 1, site.from + random.between(0, 600)))
          call(site, { at, from: poller.address, to: address, port: 9100 }, { up: 400, down: 90_000, seconds: 0.4 });
    });
    // Echoes and SNMP.
    for (const { address } of all)
      for (const at of every(site, 4 * HOUR, 30, site.from + random.between(0, HOUR))) {
        site.connect({
          at,
          from: poller.address,
          to: address,
          port: 0,
          protocol: 1,
          seconds: 3,
          sent: { packets: 4, bytes: 336 },
          received: { packets: 4, bytes: 336 },
        });
        ask(site, { at: at + 5, from: poller.address, to: address, port: 161 }, { up: 95, down: 600 });
      }
    // The inventory looks at every host, every night, from the first day on.
    for (const begin of every(site, tuning ? DAY : DAY, 600, site.from + 2 * HOUR))
      all.forEach(({ address }, i) => {
        for (const port of random.sample(INVENTORY, tuning ? 10 : 8)) {
          const at = begin + i * 20 + random.between(0, 15);
          const listens = port === 22 || port === 9100;
          site.connect({
            at,
            from: inventory.address,
            to: address,
            port,
            ...(listens ? { seconds: 0.5, sent: { packets: 5, bytes: 280 }, received: { packets: 4, bytes: 300 } } : attempts(1)),
            outcome: listens ? 'answered' : 'closed',
          });
        }
      });
    // A probe service looks at the public web servers from its places in the world.
    const probes = neighbours(random, 4);
    for (const { address } of web)
      for (const probe of probes)
        for (const at of every(site, 30 * MINUTE, 3, site.from + random.between(0, 1800)))
          call(site, { at, from: probe, to: address, port: 443 }, { up: 500, down: 4000, seconds: 0.3 });
    // A collector in the cloud, the same for all hosts, every ten minutes.
    const collectors = many(3, () => cloudAddress(random));
    for (const { address } of all.slice(6, 14))
      for (const at of every(site, 10 * MINUTE, 1, site.from + random.between(0, 600)))
        call(
          site,
          { at, from: address, to: random.pick(collectors), port: 443 },
          { up: random.integer(15_000, 30_000), down: 900, seconds: 0.5 },
        );
    // One host's job by the clock: a partner's interface, every hour at five past.
    const partner = cloudAddress(random);
    for (const at of every(site, HOUR, 2, site.from + 5 * MINUTE))
      call(
        site,
        { at, from: servers[0]?.address ?? '', to: partner, port: 443 },
        { up: random.logNormal(20_000, 0.7), down: random.logNormal(200_000, 1), seconds: 3 },
      );
    for (const at of arrivals(site, () => 20))
      call(
        site,
        { at, from: cloudAddress(random), to: random.pick(web).address, port: 443 },
        { up: 900, down: random.logNormal(20_000, 1), seconds: 3 },
        { fromPort: random.natPort() },
      );
    housekeeping(site, [poller, ...servers]);
    administration(site, bastion, servers);
    internetNoise(site, [bastion, ...web]);
  },
};
