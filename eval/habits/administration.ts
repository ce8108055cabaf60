import { consumerAddress, many } from '../world/addresses';
import { office } from '../world/clock';
import type { Host, Site } from '../world/site';
import { arrivals, call } from './exchange';

/** People who log in to hosts over SSH through a bastion, from the addresses they have at home. */
export function administration(site: Site, bastion: Host, hosts: readonly Host[], people = 4, perHour = 1.2): readonly string[] {
  const { random } = site;
  const homes = many(people, () => consumerAddress(random));
  for (const at of arrivals(site, (time) => perHour * office(time))) {
    const seconds = random.logNormal(900, 1.1);
    const typed = random.logNormal(12_000, 1);
    const [home, host] = [random.pick(homes), random.pick(hosts)];
    const session = { up: typed, down: typed * random.between(2, 8), seconds };
    call(site, { at, from: home, to: bastion.address, port: 22 }, session, { fromPort: random.natPort() });
    call(site, { at: at + 2, from: bastion.address, to: host.address, port: 22 }, { ...session, seconds: Math.max(1, seconds - 3) });
  }
  return homes;
}
