import { DAY, HOUR } from '../../world/clock';
import type { AttackKind, Planted, Variant } from '../attack';
import { named, type Stage } from '../stage';

function held(stage: Stage, port: number, hours: number, beatSeconds: number, bytes: number): Planted | undefined {
  const host = stage.host({ days: Math.ceil((hours * HOUR) / DAY) });
  if (host === undefined) return undefined;
  const to = stage.outsider();
  const seconds = Math.min(hours * HOUR, stage.site.to - stage.at - 60);
  const packets = Math.round(seconds / beatSeconds);
  const connection = {
    seconds,
    from: host.address,
    to,
    port,
    sent: { packets: packets + 4, bytes: packets * bytes },
    received: { packets: packets + 3, bytes: packets * bytes },
  };
  const outcome = stage.attempt({ at: stage.at, ...connection });
  // Who is not let out tries again.
  if (outcome === 'blocked') for (const at of stage.times(Math.round(seconds / 120), seconds)) stage.attempt({ at, ...connection });
  return { actors: [...named(host), to], need: [to], n: 1, from: stage.at, to: stage.at + seconds };
}

const variant = (half: Variant['half'], name: string, port: number, hours: number, beat: number, bytes: number): Variant => ({
  name,
  half,
  days: Math.ceil(hours / 24),
  plant: (stage) => held(stage, port, hours, beat, bytes),
});

export const heldOpen: AttackKind = {
  kind: 'held-open',
  side: 'let-out',
  prompt: false,
  variants: [
    variant('tuning', 'port 80 for 24 hours', 80, 24, 30, 45),
    variant('reporting', 'port 443 for 14 hours', 443, 14, 55, 110),
    variant('reporting', 'port 22 for 40 hours, a tunnel back', 22, 40, 20, 160),
  ],
};
