import { cloudAddress, consumerAddress } from '../../world/addresses';
import type { AttackKind, Planted } from '../attack';
import { inVain, probe } from '../probe';
import { named, type Stage } from '../stage';

interface Sweep {
  readonly port: number;
  readonly hosts: number;
  readonly seconds: number;
  /** Of the addresses that answer with a short exchange, and with RST. */
  readonly answering: number;
  /** A worm's own packets, or a library's connections that are repeated. */
  readonly raw: boolean;
}

function sweep(stage: Stage, { port, hosts, seconds, answering, raw }: Sweep): Planted | undefined {
  const { random } = stage;
  const host = stage.host();
  if (host === undefined) return undefined;
  let last = stage.at;
  for (const at of stage.times(hosts, seconds)) {
    last = at;
    const to = random.chance(0.5) ? cloudAddress(random) : consumerAddress(random);
    const luck = random.next();
    if (luck < answering)
      stage.attempt({
        at,
        from: host.address,
        to,
        port,
        seconds: random.between(0.5, 4),
        sent: { packets: 8, bytes: 900 },
        received: { packets: 7, bytes: 1400 },
      });
    else if (luck < 3 * answering)
      probe(stage, at, host.address, to, port, { ...(stage.site.letsOut(host, port, to) ? { outcome: 'closed' as const } : {}) });
    else if (raw)
      stage.attempt(
        { at, from: host.address, to, port, seconds: 0, sent: { packets: 1, bytes: 40 }, received: { packets: 0, bytes: 0 } },
        'unanswered',
      );
    else inVain(stage, at, host.address, to, port);
  }
  return { actors: named(host), n: hosts, from: stage.at, to: last };
}

const variant = (half: 'tuning' | 'reporting', name: string, what: Sweep) => ({ name, half, plant: (stage: Stage) => sweep(stage, what) });

export const sweepOut: AttackKind = {
  kind: 'sweep-out',
  side: 'let-out',
  prompt: true,
  variants: [
    variant('tuning', '600 hosts on 22 in a quarter of an hour', { port: 22, hosts: 600, seconds: 900, answering: 0.05, raw: false }),
    variant('tuning', '150 hosts on 23 in ten minutes', { port: 23, hosts: 150, seconds: 600, answering: 0, raw: true }),
    variant('reporting', '300 hosts on 445 in twenty minutes', { port: 445, hosts: 300, seconds: 1200, answering: 0.02, raw: false }),
    variant('reporting', '2500 hosts on 2323 in an hour', { port: 2323, hosts: 2500, seconds: 3600, answering: 0.01, raw: true }),
    variant('reporting', '110 hosts on 81 in an hour', { port: 81, hosts: 110, seconds: 3600, answering: 0, raw: true }),
    variant('reporting', '400 hosts on 3389 in half an hour, one in eight answers', {
      port: 3389,
      hosts: 400,
      seconds: 1800,
      answering: 0.12,
      raw: false,
    }),
  ],
};
