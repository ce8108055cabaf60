import type { Hop } from '../../../lib/synthetic/capture/connection';
import { arrivals, call } from '../../habits/exchange';
import { housekeeping } from '../../habits/housekeeping';
import { many } from '../../world/addresses';
import { office } from '../../world/clock';
import type { Workload } from '../workload';

export const peeringTransit: Workload = {
  kind: 'peering-transit',
  build(site, half) {
    const { random } = site;
    const tuning = half === 'tuning';
    const near = many(tuning ? 10 : 14, () => site.add({ role: 'app', subnet: 1 }));
    const far = many(8, () => site.add({ role: 'shared', subnet: 100 }));
    const attachments = many(2, (i) => site.add({ role: 'transit', subnet: i * 100, kind: 'transit-gateway' }));
    // Another account's networks: peered, or behind the transit gateway; their interfaces are not in our logs.
    const peered = many(6, (i) => `10.${(site.options.network + 30) % 250}.1.${20 + i}`);
    const premises = many(20, (i) => `192.168.${i % 3}.${30 + i}`);
    const path: readonly Hop[] = [
      { interfaceId: attachments[0]?.id ?? '', sides: 'client' },
      { interfaceId: attachments[1]?.id ?? '', sides: 'server' },
    ];
    for (const { address } of near) {
      for (const at of arrivals(site, (time) => 0.5 + 1.2 * office(time)))
        call(
          site,
          { at, from: address, to: random.pick(far).address, port: random.pick([443, 5432, 389]) },
          { up: 4000, down: random.logNormal(60_000, 1.2), seconds: random.between(0.5, 50) },
          { via: path },
        );
      for (const at of arrivals(site, (time) => 0.5 + office(time)))
        call(
          site,
          { at, from: address, to: random.pick(peered), port: 443 },
          { up: random.logNormal(30_000, 1.5), down: random.logNormal(60_000, 1.2), seconds: random.between(0.5, 50) },
        );
    }
    for (const at of arrivals(site, (time) => 12 * office(time)))
      call(
        site,
        { at, from: random.pick(premises), to: random.pick(far).address, port: random.pick([443, 445, 3389]) },
        { up: 9000, down: random.logNormal(200_000, 1.3), seconds: random.between(1, 600) },
        {
          via: [{ interfaceId: attachments[1]?.id ?? '', sides: 'server' }],
        },
      );
    // A table is copied to the peer every night.
    for (let night = site.from + 3 * 3600; night < site.to - 3600; night += 86_400)
      for (let i = 0; i < 8; i++)
        call(
          site,
          { at: night + i * 200, from: near[0]?.address ?? '', to: peered[0] ?? '', port: 443 },
          { up: random.logNormal(2e9, 0.2), down: 50_000, seconds: 190 },
        );
    housekeeping(site, [...near, ...far]);
  },
};
