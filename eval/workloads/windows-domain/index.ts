import { arrivals, ask, call, every } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { cloudAddress, many } from '../../world/addresses';
import { HOUR, MINUTE, office } from '../../world/clock';
import type { Workload } from '../workload';

/** Of a member that logs on or refreshes its policies: Kerberos, LDAP, global catalogue, SMB, endpoint mapper. */
const DOMAIN_PORTS = [88, 389, 3268, 445, 135, 464];

export const windowsDomain: Workload = {
  kind: 'windows-domain',
  build(site, half) {
    const { random } = site;
    const controllers = many(2, () => site.add({ role: 'controller', subnet: 1 }));
    const files = site.add({ role: 'file', subnet: 1 });
    const jump = site.add({ role: 'jump', subnet: 1 });
    const members = many(half === 'tuning' ? 13 : 15, () => site.add({ role: 'member', subnet: 2 }));
    const updates = many(6, () => cloudAddress(random));
    for (const { address } of members) {
      // Policies every 90 to 120 minutes; the mapper names a port from 49152 up, another after each start of the controller.
      for (const at of every(site, 105 * MINUTE, 15 * MINUTE, site.from + random.between(0, HOUR))) {
        const controller = random.pick(controllers);
        for (const port of [...random.sample(DOMAIN_PORTS, 3), 49_152 + random.integer(0, 40), 49_664 + random.integer(0, 12)])
          call(
            site,
            { at: at + random.between(0, 8), from: address, to: controller.address, port },
            { up: random.logNormal(4000, 0.6), down: random.logNormal(6000, 0.8), seconds: random.between(0.1, 30) },
          );
      }
      for (const at of arrivals(site, (time) => 0.6 + 2 * office(time)))
        ask(site, { at, from: address, to: random.pick(controllers).address, port: 53 }, { up: 70, down: 160 });
      for (const at of arrivals(site, (time) => 0.2 + 0.8 * office(time)))
        call(
          site,
          { at, from: address, to: files.address, port: 445 },
          { up: random.logNormal(200_000, 1.5), down: random.logNormal(900_000, 1.5), seconds: random.between(1, 50) },
        );
      for (const at of every(site, 22 * HOUR, 2 * HOUR, site.from + random.between(0, 20 * HOUR)))
        call(site, { at, from: address, to: random.pick(updates), port: 443 }, { up: 50_000, down: random.logNormal(2e7, 1), seconds: 40 });
    }
    for (const at of arrivals(site, (time) => 1.2 * office(time)))
      call(
        site,
        { at, from: jump.address, to: random.pick([...members, ...controllers, files]).address, port: random.pick([3389, 3389, 5985]) },
        { up: random.logNormal(400_000, 1), down: random.logNormal(6e6, 1), seconds: random.logNormal(600, 1) },
      );
    // Controllers replicate.
    for (const at of every(site, 15 * MINUTE, 20))
      call(
        site,
        { at, from: controllers[0]?.address ?? '', to: controllers[1]?.address ?? '', port: 49_670 },
        { up: 6000, down: random.logNormal(20_000, 1), seconds: 1 },
      );
    housekeeping(site, [...controllers, files, jump, ...members], 4 * HOUR);
  },
};
