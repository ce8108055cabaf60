import { cloudAddress, many, neighbours } from '../world/addresses';
import { DAY, HOUR } from '../world/clock';
import type { Host, Site } from '../world/site';
import { ask, call, every } from './exchange';

/**
 * What every instance does by itself: the management agent's connection to the cloud, metrics, time, and packages once a day. The
 * endpoints are addresses that the name service changes, so that each host meets several.
 */
export function housekeeping(site: Site, hosts: readonly Host[], metricsEverySeconds = HOUR): void {
  const { random } = site;
  const monitoring = neighbours(random, 8);
  const management = neighbours(random, 5);
  const mirrors = many(4, () => cloudAddress(random));
  const clocks = many(4, () => cloudAddress(random));
  for (const host of hosts) {
    const phase = random.between(0, metricsEverySeconds);
    for (const at of every(site, metricsEverySeconds, 2, host.from + phase, host.to))
      call(
        site,
        { at, from: host.address, to: random.pick(monitoring), port: 443 },
        { up: random.integer(2000, 9000), down: 700, seconds: 0.4 },
      );
    // A control channel is made anew every few hours.
    for (const at of every(site, 6 * HOUR, 1200, host.from + random.between(0, 6 * HOUR), host.to))
      call(
        site,
        { at, from: host.address, to: random.pick(management), port: 443 },
        { up: 6000, down: 9000, seconds: random.between(20, 90) },
      );
    for (const at of every(site, DAY, 1800, host.from + random.between(0, DAY), host.to))
      call(
        site,
        { at, from: host.address, to: random.pick(mirrors), port: 443 },
        { up: 3000, down: random.logNormal(3e6, 1), seconds: random.between(5, 40) },
      );
    for (const at of every(site, 6 * HOUR, 600, host.from + random.between(0, 6 * HOUR), host.to))
      ask(site, { at, from: host.address, to: random.pick(clocks), port: 123 }, { up: 76, down: 76 }, { fromPort: 123 });
  }
}
