import { cloudAddress, hostingAddress } from '../../world/addresses';
import type { AttackKind, Planted } from '../attack';
import { inVain } from '../probe';
import { named, type Stage } from '../stage';

function spam(stage: Stage, ports: readonly number[], servers: number, seconds: number): Planted | undefined {
  const { random } = stage;
  const host = stage.host();
  if (host === undefined) return undefined;
  let last = stage.at;
  for (const at of stage.times(servers, seconds)) {
    last = at;
    const to = random.chance(0.4) ? cloudAddress(random) : hostingAddress(random);
    const port = random.pick(ports);
    if (random.chance(0.3)) inVain(stage, at, host.address, to, port);
    else
      stage.attempt({
        at,
        from: host.address,
        to,
        port,
        seconds: random.between(1, 12),
        sent: { packets: random.integer(9, 20), bytes: random.integer(1500, 9000) },
        received: { packets: random.integer(9, 16), bytes: random.integer(900, 1800) },
      });
  }
  return { actors: named(host), n: servers, from: stage.at, to: last };
}

export const spamOut: AttackKind = {
  kind: 'spam',
  side: 'let-out',
  prompt: false,
  variants: [
    { name: '25 of 400 servers in an hour', half: 'tuning', plant: (stage) => spam(stage, [25], 400, 3600) },
    { name: '465 and 587 of 160 servers in forty minutes', half: 'reporting', plant: (stage) => spam(stage, [465, 587], 160, 2400) },
    { name: '25 of 900 servers in six hours', half: 'reporting', plant: (stage) => spam(stage, [25], 900, 21_600) },
  ],
};
