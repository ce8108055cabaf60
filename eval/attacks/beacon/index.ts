import { DAY, HOUR, hourOfDay } from '../../world/clock';
import type { AttackKind, Planted, Variant } from '../attack';
import { session } from '../probe';
import { named, type Stage } from '../stage';

interface Beacon {
  readonly everySeconds: number;
  /** Share of the interval, to both sides: Sliver's and Cobalt Strike's jitter. */
  readonly jitter: number;
  readonly days: number;
  readonly port: number;
  /** Hours without it, as on a machine that sleeps. */
  readonly off?: readonly [number, number];
  /** The implant keeps its connection for so many calls. */
  readonly kept?: number;
}

function beacon(stage: Stage, { everySeconds, jitter, days, port, off, kept = 1 }: Beacon): Planted | undefined {
  const { random } = stage;
  const host = stage.host({ days });
  if (host === undefined) return undefined;
  const to = stage.outsider();
  let n = 0;
  let last = stage.at;
  const until = Math.min(stage.site.to - 60, stage.at + days * DAY);
  let fromPort = random.ephemeral();
  for (let at = stage.at; at < until; at += everySeconds * (1 + random.between(-jitter, jitter))) {
    const hour = hourOfDay(at);
    if (off !== undefined && hour >= off[0] && hour < off[1]) continue;
    if (n % kept === 0) fromPort = random.ephemeral();
    // Mostly "nothing to do"; now and then a task and its result.
    const task = random.chance(0.02);
    session(
      stage,
      (last = at),
      host.address,
      to,
      port,
      { up: task ? random.integer(2000, 40_000) : random.integer(350, 420), down: task ? 6000 : random.integer(150, 190), seconds: 0.3 },
      { fromPort, ...(kept > 1 ? { ending: 'open' as const } : {}) },
    );
    n++;
  }
  return { actors: [...named(host), to], need: [to], n, from: stage.at, to: last };
}

const variant = (half: Variant['half'], name: string, what: Beacon): Variant => ({
  name,
  half,
  days: what.days,
  plant: (stage) => beacon(stage, what),
});

export const beaconOut: AttackKind = {
  kind: 'beacon',
  side: 'let-out',
  prompt: false,
  variants: [
    variant('tuning', 'every 60 s, no jitter, a day', { everySeconds: 60, jitter: 0, days: 1, port: 443 }),
    variant('tuning', 'every 300 s, jitter 20 %, two days', { everySeconds: 300, jitter: 0.2, days: 2, port: 8443 }),
    variant('tuning', 'every 2 h, jitter 5 %, five days', { everySeconds: 2 * HOUR, jitter: 0.05, days: 5, port: 443 }),
    variant('reporting', 'every 45 s, jitter 30 %, a day', { everySeconds: 45, jitter: 0.3, days: 1, port: 443 }),
    variant('reporting', 'every 120 s, jitter 50 %, two days', { everySeconds: 120, jitter: 0.5, days: 2, port: 443 }),
    variant('reporting', 'every 15 min, jitter 10 %, three days', { everySeconds: 900, jitter: 0.1, days: 3, port: 80 }),
    variant('reporting', 'every hour, jitter 25 %, five days', { everySeconds: HOUR, jitter: 0.25, days: 5, port: 443 }),
    variant('reporting', 'every 203 s, nights off, three days', { everySeconds: 203, jitter: 0, days: 3, port: 8080, off: [20, 24] }),
    variant('reporting', 'every 90 s over kept connections, two days', { everySeconds: 90, jitter: 0.15, days: 2, port: 443, kept: 200 }),
  ],
};
